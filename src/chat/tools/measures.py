"""What exercises are measured by: the best set, in what its kind is told in."""

from collections.abc import Sequence

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import duration, quantity
from src.chat.tools.toolbox import Asker
from src.chat.tools.values import distance, weight
from src.language.language import Language
from src.stats.schemas import ExercisePoint
from src.vocabulary import RecordKind

# An exercise is measured by the first that it has: a pull-up with a belt by its load, one without by repetitions.
_FIELDS = {
    RecordKind.E1RM: "e1rm_kg",
    RecordKind.HEAVIEST: "heaviest_kg",
    RecordKind.LEAST_ASSIST: "least_assist_kg",
    RecordKind.FARTHEST: "farthest_m",
    RecordKind.LONGEST: "longest_seconds",
    RecordKind.MOST_REPS: "most_reps",
}
_METRES = {"km": 1000, "mi": 1609.344}
# Half a pound or less of an estimate means nothing.
_ESTIMATE_DECIMALS = 1


class Measured(BaseModel):
    """A best set: `unit` is the person's kg or lb, their km or mi, m, s, or reps."""

    measure: RecordKind
    value: float
    unit: str

    def words(self, language: Language) -> str:
        """The value as people read it."""
        if self.unit == "reps":
            return say("words.reps", language, n=self.value)
        return duration(self.value, language) if self.unit == "s" else quantity(self.value, self.unit, language)

    @property
    def size(self) -> "Measured":
        """Without its sign."""
        return self.model_copy(update={"value": abs(self.value)})

    @property
    def in_base_unit(self) -> float:
        """To compare with others of its measure: a short distance is in metres, a long one is not."""
        return self.value * _METRES.get(self.unit, 1)

    def minus(self, other: "Measured") -> "Measured":
        """The difference of what is shown, so that whoever subtracts gets the same."""
        if self.unit == other.unit:
            return self.model_copy(update={"value": round(self.value - other.value, 2)})
        longer = self.unit if other.unit == "m" else other.unit
        difference = (self.in_base_unit - other.in_base_unit) / _METRES[longer]
        return Measured(measure=self.measure, value=round(difference, 2), unit=longer)


def measured(kind: RecordKind, value: float, asker: Asker) -> Measured:
    """A value as statistics have it (kg, m, s, repetitions), in the asker's units."""
    match kind:
        case RecordKind.MOST_REPS:
            return Measured(measure=kind, value=value, unit="reps")
        case RecordKind.LONGEST:
            return Measured(measure=kind, value=value, unit="s")
        case RecordKind.FARTHEST:
            far = distance(value, asker.distance_unit)
            return Measured(measure=kind, value=far.value, unit=far.unit)
        case _:
            load = weight(value, asker.weight_unit, _ESTIMATE_DECIMALS if kind is RecordKind.E1RM else 2)
            return Measured(measure=kind, value=load.value, unit=load.unit)


def measure_of(points: Sequence[ExercisePoint]) -> RecordKind:
    """What to measure by: the first measure that the newest session has."""
    return next((kind for kind, field in _FIELDS.items() if getattr(points[-1], field)), RecordKind.MOST_REPS)


def value_at(point: ExercisePoint, measure: RecordKind) -> float | None:
    """The value of a session; None where it has none."""
    value: float | None = getattr(point, _FIELDS[measure])
    return value
