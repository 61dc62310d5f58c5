"""Body weight that an app wrote down as the load of a bodyweight exercise."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from src.imports.context import BodyWeight
from src.imports.workouts import ImportedSet, ImportedWorkout
from src.vocabulary import ExerciseKind

# A load that no plates make is a body weight more likely than one that they do.
_AROUND, _AROUND_WHEN_ODD = timedelta(days=30), timedelta(days=120)
_TOLERANCE, _TOLERANCE_WHEN_ODD = Decimal("0.02"), Decimal("0.05")
# What nobody has measured may be a body weight from here on.
_LIGHTEST_BODY_KG = 35
# Nobody adds as much as they weigh who has added less than this share of it.
_LIGHTER = Decimal("0.9")
_ON_A_BODY = frozenset({
    ExerciseKind.BODYWEIGHT_REPS, ExerciseKind.REPS, ExerciseKind.DURATION, ExerciseKind.DISTANCE_DURATION,
})  # fmt: skip
# Loads come in steps that plates make: of a quarter of a kilogram, or of half a pound.
_STEPS_KG = (Decimal("0.25"), Decimal("0.226796185"))
_STEP_TOLERANCE_KG = Decimal("0.004")


_UNMEASURED = (
    "may be your body weight; it counts as added load. Record your body weight of that time, and import the file again "
    "with on_conflict=replace, if it is"
)


def days_of(workouts: Iterable[ImportedWorkout], zone: ZoneInfo) -> Iterator[tuple[ImportedSet, date]]:
    """Every set and its day where the person was."""
    for workout in workouts:
        day = workout.started_at.astimezone(zone).date()
        yield from ((imported_set, day) for imported_set in workout.sets)


class LoadOfBody(NamedTuple):
    """What a load is taken for: `is_body` says that nothing was added; `words` say why, for the report."""

    is_body: bool
    words: str


class BodyLoads:
    """Compares the loads of a file with what the person weighed around those days."""

    def __init__(self, measured: Sequence[BodyWeight], sets: Iterable[tuple[ImportedSet, date]]) -> None:
        """`sets`: every set of the file and its day (days_of)."""
        self._measured = measured
        self._nearest = cache(self._find_nearest)
        loads: defaultdict[str, list[tuple[Decimal, date]]] = defaultdict(list)
        for imported_set, on in sets:
            if imported_set.weight_kg:
                loads[imported_set.exercise.casefold()].append((imported_set.weight_kg, on))
        self._lightest = {name: min(kg for kg, _ in of_name) for name, of_name in loads.items()}
        self._odd = {name for name, of_name in loads.items() if not any(_is_of_plates(kg) for kg, _ in of_name)}
        self._only_body = {name for name in self._odd if all(self._body_of(kg, on) for kg, on in loads[name])}

    def is_only_body(self, name: str) -> bool:
        """Whether every load of the exercise is a body weight that no plates make."""
        return name.casefold() in self._only_body

    def is_odd(self, name: str) -> bool:
        """Whether no load of the exercise is one that plates make."""
        return name.casefold() in self._odd

    def recognise(self, imported_set: ImportedSet, kind: ExerciseKind, on: date) -> LoadOfBody | None:
        """What there is to say when the load of an exercise that is done without one is the person's weight."""
        kg = imported_set.weight_kg
        if kg is None or kind not in _ON_A_BODY:
            return None
        load = f"{imported_set.weight:f} {imported_set.weight_unit}"
        body = self._body_of(kg, on)
        if body is None:
            is_likely = kg >= _LIGHTEST_BODY_KG and self.is_odd(imported_set.exercise)
            return LoadOfBody(False, f"{load} {_UNMEASURED}") if is_likely else None
        measured = f"{body.kg:g} kg on {body.on}"
        if self._lightest[imported_set.exercise.casefold()] < kg * _LIGHTER:
            return LoadOfBody(False, f"{load} is about your body weight ({measured}); it counts as added load")
        return LoadOfBody(True, f"{load} is your body weight ({measured}): no load was added")

    def _body_of(self, kg: Decimal, on: date) -> BodyWeight | None:
        """The measured body weight that the load is, around that day."""
        body = self._nearest(on)
        is_odd = not _is_of_plates(kg)
        if body is None or abs(body.on - on) > (_AROUND_WHEN_ODD if is_odd else _AROUND):
            return None
        measured = Decimal(str(body.kg))
        tolerance = measured * (_TOLERANCE_WHEN_ODD if is_odd else _TOLERANCE)
        return body if abs(kg - measured) <= tolerance else None

    def _find_nearest(self, on: date) -> BodyWeight | None:
        return min(self._measured, key=lambda body: abs(body.on - on), default=None)


def _is_of_plates(kg: Decimal) -> bool:
    return any(abs(kg - round(kg / step) * step) <= _STEP_TOLERANCE_KG for step in _STEPS_KG)
