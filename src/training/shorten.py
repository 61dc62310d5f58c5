"""A session that must fit into fewer minutes: main work first, then what else there is time for.

Exercises that move several joints come first, in the day's order; then the others. Each gets as many of its sets as
fit, two at the least; where not even those do, it is left out. What several joints do is trained most in the least time
(Iversen 2021), and a few hard sets keep what more of them built (Bickel 2011).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from src.training.content import PlanDay, PlannedExercise, PlannedSet
from src.training.generator.repetitions import SHORT_REST
from src.training.generator.timing import exercise_seconds, warm_up_seconds
from src.training.volume import Known
from src.vocabulary import SetType

_MIN_SETS = 2
"""Work sets of an exercise, below which it is left out. Rule of thumb."""


@dataclass(frozen=True)
class KeptExercise:
    """An exercise of the day, and which of its sets are done. Both count from 0."""

    place: int
    sets: tuple[int, ...]
    rest_seconds: int | None
    is_whole: bool


@dataclass(frozen=True)
class ShortSession:
    """What of the day is done, in its order, and how long it takes, with a short general warm-up."""

    kept: tuple[KeptExercise, ...]
    left_out: tuple[int, ...]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing had to go."""
        return not self.left_out and all(exercise.is_whole for exercise in self.kept)


def shorten(day: PlanDay, known: Known, minutes: int) -> ShortSession:
    """The day in so many minutes. Its first exercise by importance is always kept, even if it takes longer."""
    left = minutes * 60.0 - warm_up_seconds(minutes)
    kept: dict[int, KeptExercise] = {}
    seconds = float(warm_up_seconds(minutes))
    for place in _by_importance(day.exercises, known):
        planned = day.exercises[place]
        exercise = known[planned.exercise_id]
        rested = planned if exercise.is_compound else _rest_less(planned)
        sizes = [(sets, exercise_seconds(_with_sets(rested, sets), exercise)) for sets in _choices(rested)]
        fitting = next((size for size in sizes if size[1] <= left), None)
        if fitting is None and kept:
            continue
        sets, time = fitting or sizes[-1]
        kept[place] = KeptExercise(place, sets, rested.rest_seconds, is_whole=len(sets) == len(planned.sets))
        left, seconds = left - time, seconds + time
    left_out = tuple(place for place in range(len(day.exercises)) if place not in kept)
    return ShortSession(tuple(kept[place] for place in sorted(kept)), left_out, seconds)


def _by_importance(exercises: Sequence[PlannedExercise], known: Known) -> list[int]:
    return sorted(range(len(exercises)), key=lambda place: (not known[exercises[place].exercise_id].is_compound, place))


def _choices(planned: PlannedExercise) -> Iterator[tuple[int, ...]]:
    """Which sets may be done: all, then one work set less each time. Warm-ups stay."""
    places = list(enumerate(planned.sets))
    work = [place for place, planned_set in places if not _is_warm_up(planned_set)]
    for count in range(len(work), min(_MIN_SETS, len(work)) - 1, -1):
        dropped = set(work[count:])
        yield tuple(place for place, _ in places if place not in dropped)


def _is_warm_up(planned: PlannedSet) -> bool:
    return planned.set_type is SetType.WARMUP


def _with_sets(planned: PlannedExercise, sets: Sequence[int]) -> PlannedExercise:
    return planned.model_copy(update={"sets": [planned.sets[place] for place in sets]})


def _rest_less(planned: PlannedExercise) -> PlannedExercise:
    rest = SHORT_REST if planned.rest_seconds is None else min(planned.rest_seconds, SHORT_REST)
    return planned.model_copy(update={"rest_seconds": rest})
