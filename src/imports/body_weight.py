"""Body weight that an app wrote down as the load of a bodyweight exercise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from src.imports.context import BodyWeight
from src.imports.workouts import ImportedSet
from src.vocabulary import ExerciseKind

_AROUND = timedelta(days=30)
_TOLERANCE = Decimal("0.02")
# Nobody adds as much as they weigh who has added less than this share of it.
_LIGHTER = Decimal("0.9")
_ON_A_BODY = frozenset({
    ExerciseKind.BODYWEIGHT_REPS, ExerciseKind.REPS, ExerciseKind.DURATION, ExerciseKind.DISTANCE_DURATION,
})  # fmt: skip
# Loads come in steps that plates make: of a quarter of a kilogram, or of half a pound.
_STEPS_KG = (Decimal("0.25"), Decimal("0.226796185"))
_STEP_TOLERANCE_KG = Decimal("0.004")


class LoadOfBody(NamedTuple):
    """What a load is taken for: `is_body` says that nothing was added; `words` say why, for the report."""

    is_body: bool
    words: str


class BodyLoads:
    """Compares the loads of a file with what the person weighed around those days."""

    def __init__(self, measured: Sequence[BodyWeight], sets: Iterable[tuple[ImportedSet, date]]) -> None:
        """`sets`: every set of the file and its day."""
        self._measured = measured
        self._nearest = cache(self._find_nearest)
        loads: defaultdict[str, list[tuple[Decimal, date]]] = defaultdict(list)
        for imported_set, on in sets:
            if imported_set.weight_kg:
                loads[imported_set.exercise.casefold()].append((imported_set.weight_kg, on))
        self._lightest = {name: min(kg for kg, _ in of_name) for name, of_name in loads.items()}
        self._only_body = {
            name
            for name, of_name in loads.items()
            if all(self._is_near(kg, on) and not _is_of_plates(kg) for kg, on in of_name)
        }

    def is_only_body(self, name: str) -> bool:
        """Whether every load of the exercise is a body weight that no plates make."""
        return name.casefold() in self._only_body

    def recognise(self, imported_set: ImportedSet, kind: ExerciseKind, on: date) -> LoadOfBody | None:
        """What there is to say when the load of an exercise that is done without one is the person's weight."""
        kg, body = imported_set.weight_kg, self._nearest(on)
        if kg is None or body is None or kind not in _ON_A_BODY or not _is_as_much(kg, body):
            return None
        load = f"{imported_set.weight:f} {imported_set.weight_unit}"
        measured = f"{body.kg:g} kg on {body.on}"
        if self._lightest[imported_set.exercise.casefold()] < kg * _LIGHTER:
            return LoadOfBody(False, f"{load} is about your body weight ({measured}); it counts as added load")
        return LoadOfBody(True, f"{load} is your body weight ({measured}): no load was added")

    def _is_near(self, kg: Decimal, on: date) -> bool:
        body = self._nearest(on)
        return body is not None and _is_as_much(kg, body)

    def _find_nearest(self, on: date) -> BodyWeight | None:
        nearest = min(self._measured, key=lambda body: abs(body.on - on), default=None)
        return nearest if nearest and abs(nearest.on - on) <= _AROUND else None


def _is_as_much(kg: Decimal, body: BodyWeight) -> bool:
    return abs(kg - Decimal(str(body.kg))) <= Decimal(str(body.kg)) * _TOLERANCE


def _is_of_plates(kg: Decimal) -> bool:
    return any(abs(kg - round(kg / step) * step) <= _STEP_TOLERANCE_KG for step in _STEPS_KG)
