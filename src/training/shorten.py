"""A session that must fit into fewer minutes: main work first, then what else there is time for.

Exercises that move several joints come first, in the day's order; then the others. Of each group as many as possible
get their least sets, then more while there is time; where not even the least fit, an exercise is left out. What
several joints do trains most in the least time (Iversen 2021), and a few hard sets keep what more built (Bickel 2011).
"""

from collections.abc import Sequence
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
    """The day in so many minutes. The first exercise by importance is always kept, even if it takes longer."""
    warm_up = warm_up_seconds(minutes)
    options = [_options(planned, known) for planned in day.exercises]
    compound = [known[planned.exercise_id].is_compound for planned in day.exercises]
    chosen: dict[int, int] = {}  # by place, which of its options
    left = minutes * 60.0 - warm_up
    for is_main in (True, False):
        places = [at for at, several in enumerate(compound) if several is is_main]
        left = _take(places, options, chosen, left)
    kept = tuple(options[place][chosen[place]].kept(place) for place in sorted(chosen))
    left_out = tuple(place for place in range(len(options)) if place not in chosen)
    return ShortSession(kept, left_out, warm_up + sum(options[place][at].seconds for place, at in chosen.items()))


@dataclass(frozen=True)
class _Option:
    """So many of an exercise's sets, and how long they take."""

    sets: tuple[int, ...]
    seconds: float
    rest_seconds: int | None
    is_whole: bool

    def kept(self, place: int) -> KeptExercise:
        return KeptExercise(place, self.sets, self.rest_seconds, self.is_whole)


def _take(places: Sequence[int], options: Sequence[Sequence[_Option]], chosen: dict[int, int], left: float) -> float:
    """Chooses an option of these exercises, where one fits; the seconds that are left."""
    for place in places:
        if options[place][0].seconds <= left or not chosen:
            chosen[place], left = 0, left - options[place][0].seconds
    for place in (place for place in places if place in chosen):
        for at, option in enumerate(options[place]):
            more = option.seconds - options[place][chosen[place]].seconds
            if at > chosen[place] and more <= left:
                chosen[place], left = at, left - more
    return left


def _options(planned: PlannedExercise, known: Known) -> list[_Option]:
    """From the least sets to all; warm-ups stay. What is no main work rests less."""
    exercise = known[planned.exercise_id]
    rested = planned if exercise.is_compound else _rest_less(planned)
    places = range(len(planned.sets))
    work = [place for place in places if not _is_warm_up(planned.sets[place])]
    options = []
    for count in range(min(_MIN_SETS, len(work)), len(work) + 1):
        sets = tuple(place for place in places if place not in work[count:])
        seconds = exercise_seconds(_with_sets(rested, sets), exercise)
        options.append(_Option(sets, seconds, rested.rest_seconds, is_whole=count == len(work)))
    return options


def _is_warm_up(planned: PlannedSet) -> bool:
    return planned.set_type is SetType.WARMUP


def _with_sets(planned: PlannedExercise, sets: Sequence[int]) -> PlannedExercise:
    return planned.model_copy(update={"sets": [planned.sets[place] for place in sets]})


def _rest_less(planned: PlannedExercise) -> PlannedExercise:
    rest = SHORT_REST if planned.rest_seconds is None else min(planned.rest_seconds, SHORT_REST)
    return planned.model_copy(update={"rest_seconds": rest})
