"""What a plan asks of a person: minutes by the time model, hard sets by muscle, and days heavy for a muscle.

The time of a session is: general warm-up, and for each exercise its sets, the rests between them and the way to the
next exercise. A set takes its duration, or its most repetitions times seconds a repetition (by its tempo, if it has
one), or its distance at a slow run; twice that where it is done for each side.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from src.training.content import PlanDay, PlannedExercise, PlannedSet
from src.training.generator.candidates import Candidate
from src.training.generator.constants import (
    DEFAULT_REST,
    HEAVY_SETS,
    METRES_A_SECOND,
    NOT_COUNTED,
    OPEN_SET_REPS,
    RECOVERS_FAST,
    SECONDS_A_REP,
    SHORT_WARM_UP_SECONDS,
    TRANSITION_SECONDS,
    WARM_UP_SECONDS,
)
from src.vocabulary import ExerciseCategory, Muscle, SetType

WEEK = 7
Known = Mapping[UUID, Candidate]
_HARD = frozenset({ExerciseCategory.STRENGTH, ExerciseCategory.OLYMPIC})


def warm_up_seconds(minutes: int) -> int:
    """General warm-up of a session of so many minutes."""
    return WARM_UP_SECONDS if minutes >= 30 else SHORT_WARM_UP_SECONDS


def session_seconds(day: PlanDay, known: Known, minutes: int) -> float:
    """How long a day takes by the time model; `minutes` were asked for, and decide the warm-up."""
    return warm_up_seconds(minutes) + sum(exercise_seconds(one, known[one.exercise_id]) for one in day.exercises)


def exercise_seconds(planned: PlannedExercise, exercise: Candidate) -> float:
    """How long an exercise takes, with the way to the next."""
    rest = DEFAULT_REST if planned.rest_seconds is None else planned.rest_seconds
    work = sum(set_seconds(one, exercise) for one in planned.sets)
    return work + rest * (len(planned.sets) - 1) + TRANSITION_SECONDS


def set_seconds(planned: PlannedSet, exercise: Candidate) -> float:
    """How long a set takes at most."""
    sides = 2 if exercise.is_unilateral else 1
    if planned.duration_seconds is not None:
        return planned.duration_seconds * sides
    if planned.distance_m is not None:
        return planned.distance_m / METRES_A_SECOND * sides
    reps = planned.reps_max or planned.reps_min or OPEN_SET_REPS
    return reps * _rep_seconds(planned.tempo) * sides


def _rep_seconds(tempo: str | None) -> float:
    if tempo is None:
        return SECONDS_A_REP
    return sum(1 if second == "X" else int(second) for second in tempo)


def is_hard(exercise: Candidate) -> bool:
    """Whether its sets count: stretching, running and jumping are measured otherwise."""
    return exercise.category in _HARD


def hard_sets(planned: PlannedExercise) -> int:
    """Its sets but for warm-ups and drop sets."""
    return sum(one.set_type not in {SetType.WARMUP, SetType.DROP} for one in planned.sets)


def sets_of_day(day: PlanDay, known: Known) -> Counter[Muscle]:
    """Direct hard sets of a day by muscle."""
    counted: Counter[Muscle] = Counter()
    for planned in day.exercises:
        exercise = known[planned.exercise_id]
        if is_hard(exercise):
            for muscle in exercise.primary_muscles:
                counted[muscle] += hard_sets(planned)
    return counted


def sets_of_week(days: Sequence[PlanDay], known: Known) -> dict[Muscle, float]:
    """Hard sets a week by muscle: direct ones, and half of those that train it along with others.

    Exercises that are not known (any more) count nothing.
    """
    counted: dict[Muscle, float] = {}
    for planned in (planned for day in days for planned in day.exercises):
        exercise = known.get(planned.exercise_id)
        if exercise is not None and is_hard(exercise):
            for muscle, share in exercise.share.items():
                if muscle not in NOT_COUNTED:
                    counted[muscle] = counted.get(muscle, 0) + share * hard_sets(planned)
    return counted


def heavy_in_a_row(days: Sequence[PlanDay], known: Known) -> list[tuple[int, int, Muscle]]:
    """Days (as numbers in the plan) that follow each other in the week and are both heavy for a muscle."""
    heavy = [
        {muscle for muscle, sets in sets_of_day(day, known).items() if sets >= HEAVY_SETS} - RECOVERS_FAST
        for day in days
    ]
    return [
        (one, other, muscle)
        for one, first in enumerate(days)
        for other, second in enumerate(days)
        if first.weekday is not None
        and second.weekday is not None
        and one != other
        and (second.weekday - first.weekday) % WEEK in ({0, 1} if one < other else {1})
        for muscle in sorted(heavy[one] & heavy[other])
    ]
