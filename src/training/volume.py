"""Hard sets by muscle: how many a week are enough and too many, and how many a plan has.

A direct set counts 1 for a muscle, one that trains the muscle along with others counts 0.5. Sources: src/training.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from src.training.candidates import Candidate
from src.training.content import PlanDay, PlannedExercise
from src.training.levels import ADVANCED, BEGINNER, INTERMEDIATE
from src.vocabulary import ExerciseCategory, Muscle, SetType

LARGE = (Muscle.QUADRICEPS, Muscle.HAMSTRINGS, Muscle.GLUTES, Muscle.CHEST, Muscle.LATS, Muscle.UPPER_BACK)
SMALL = (
    Muscle.FRONT_DELTS,
    Muscle.SIDE_DELTS,
    Muscle.REAR_DELTS,
    Muscle.BICEPS,
    Muscle.TRICEPS,
    Muscle.CALVES,
    Muscle.ABS,
)
NOT_COUNTED = frozenset({Muscle.FULL_BODY, Muscle.CARDIO})
"""Not single muscles, so no sets are counted for them."""
RECOVERS_FAST = frozenset({Muscle.ABS, Muscle.OBLIQUES, Muscle.FOREARMS, Muscle.NECK}) | NOT_COUNTED
"""May be trained on days that follow each other. Rule of thumb: endurance muscles, and light loads."""


class WeeklySets(NamedTuple):
    """Hard sets a week: the least for a large and for a small muscle, and the most for any."""

    min_large: int
    min_small: int
    max: int


SETS_TO_GROW = {
    BEGINNER: WeeklySets(min_large=6, min_small=4, max=14),
    INTERMEDIATE: WeeklySets(min_large=8, min_small=6, max=20),
    ADVANCED: WeeklySets(min_large=10, min_small=6, max=24),
}
"""Growth and strength rise from under 5 over 5-9 to 10 and more sets a week (Schoenfeld 2017; Ralston 2017: 5 and more
for strength); novices gain on less (ACSM 2009). The upper ends are rules of thumb."""
SETS_TO_SUPPORT = {
    BEGINNER: WeeklySets(min_large=2, min_small=1, max=12),
    INTERMEDIATE: WeeklySets(min_large=3, min_small=2, max=14),
    ADVANCED: WeeklySets(min_large=4, min_small=2, max=16),
}
"""Beside a sport: a third of the work keeps what is there (Bickel 2011)."""
HEAVY_SETS = 4
"""Direct hard sets from which a muscle was trained heavy that day. Rule of thumb; 48 hours then (ACSM 2009)."""

WEEK = 7
Known = Mapping[UUID, Candidate]
_HARD = frozenset({ExerciseCategory.STRENGTH, ExerciseCategory.OLYMPIC})


def has_hard_sets(exercise: Candidate) -> bool:
    """Whether its sets count as hard sets: those of stretching, running and jumping do not."""
    return exercise.category in _HARD


def count_hard_sets(planned: PlannedExercise) -> int:
    """Its sets without warm-ups and drop sets."""
    return sum(planned_set.set_type not in {SetType.WARMUP, SetType.DROP} for planned_set in planned.sets)


def count_day(day: PlanDay, known: Known) -> Counter[Muscle]:
    """Direct hard sets of a day by muscle."""
    counted: Counter[Muscle] = Counter()
    for planned in day.exercises:
        exercise = known[planned.exercise_id]
        if has_hard_sets(exercise):
            for muscle in exercise.primary_muscles:
                counted[muscle] += count_hard_sets(planned)
    return counted


def count_week(days: Sequence[PlanDay], known: Known) -> dict[Muscle, float]:
    """Hard sets a week by muscle: direct ones, and half of those that train it along with others.

    Exercises that are not known (any more) count nothing.
    """
    counted: dict[Muscle, float] = {}
    for planned in (planned for day in days for planned in day.exercises):
        exercise = known.get(planned.exercise_id)
        if exercise is not None and has_hard_sets(exercise):
            for muscle, share in exercise.share.items():
                if muscle not in NOT_COUNTED:
                    counted[muscle] = counted.get(muscle, 0) + share * count_hard_sets(planned)
    return counted


def find_heavy_in_a_row(days: Sequence[PlanDay], known: Known) -> list[tuple[int, int, Muscle]]:
    """Days (as numbers in the plan) that follow each other in the week and are both heavy for a muscle."""
    heavy = [
        {muscle for muscle, sets in count_day(day, known).items() if sets >= HEAVY_SETS} - RECOVERS_FAST for day in days
    ]
    return [
        (first, second, muscle)
        for first in range(len(days))
        for second in range(len(days))
        if _follows(days, first, second)
        for muscle in sorted(heavy[first] & heavy[second])
    ]


def _follows(days: Sequence[PlanDay], first: int, second: int) -> bool:
    """Whether the second day is on the weekday after the first one's; or on the same, later in the plan."""
    before, after = days[first].weekday, days[second].weekday
    if before is None or after is None or first == second:
        return False
    return (after - before) % WEEK in ({0, 1} if first < second else {1})
