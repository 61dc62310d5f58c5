"""How long a session takes: general warm-up, and for each exercise its sets, the rests between them and the way to the
next exercise.

A set takes its duration, or its most repetitions times seconds a repetition (by its tempo, if it has one), or its
distance at a slow run; twice that where it is done for each side.
"""

from src.training.candidates import Candidate
from src.training.content import PlanDay, PlannedExercise, PlannedSet
from src.training.volume import Known

SECONDS_A_REP = 4
"""1-2 seconds up and 1-2 down (ACSM 2009): the slow end, so that a session is not longer than asked."""
OPEN_SET_REPS = 20
"""What a set to failure without a number takes at most. Rule of thumb."""
TRANSITION_SECONDS = 60
"""From one exercise to the next, in place of the rest after the last set. Rule of thumb."""
DEFAULT_REST = 60
WARM_UP_SECONDS = 300
SHORT_WARM_UP_SECONDS = 120
"""General warm-up: 5 minutes (NSCA: 5-10), 2 in sessions under half an hour (rule of thumb)."""
METRES_A_SECOND = 2.0
"""For what has a distance and no time: slow running (8:20 min/km). Rule of thumb."""


def warm_up_seconds(minutes: int) -> int:
    """General warm-up of a session of so many minutes."""
    return WARM_UP_SECONDS if minutes >= 30 else SHORT_WARM_UP_SECONDS


def session_seconds(day: PlanDay, known: Known, minutes: int) -> float:
    """How long a day takes by the time model; `minutes` were asked for, and decide the warm-up."""
    exercises = sum(exercise_seconds(planned, known[planned.exercise_id]) for planned in day.exercises)
    return warm_up_seconds(minutes) + exercises


def exercise_seconds(planned: PlannedExercise, exercise: Candidate) -> float:
    """How long an exercise takes, with the way to the next."""
    rest = DEFAULT_REST if planned.rest_seconds is None else planned.rest_seconds
    work = sum(set_seconds(planned_set, exercise) for planned_set in planned.sets)
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
