"""Workouts that were done, as tools tell them."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from uuid import UUID

from pydantic import BaseModel

from src.chat.tools.sets import SetGroup, group
from src.chat.tools.toolbox import Asker
from src.chat.tools.values import distance, weight
from src.vocabulary import SetType
from src.workouts.done import DoneSet, DoneWorkout


class DoneExercise(BaseModel):
    """An exercise of a workout with its sets."""

    name: str
    sets: list[SetGroup]


class DoneSession(BaseModel):
    """A workout that was done. `seconds`: how long it took, where that is known."""

    workout_id: UUID
    on: date
    name: str | None
    seconds: int | None
    exercises: list[DoneExercise]

    @classmethod
    def of(cls, workout: DoneWorkout, asker: Asker) -> "DoneSession":
        """The workout, in the asker's units."""
        by_exercise = groupby(workout.sets, key=lambda done: (done.exercise_id, done.exercise_name))
        return cls(
            workout_id=workout.id,
            on=workout.local_date,
            name=workout.name,
            seconds=None if workout.seconds is None else round(workout.seconds),
            exercises=[DoneExercise(name=name, sets=_groups(sets, asker)) for (_, name), sets in by_exercise],
        )


def _groups(sets: Iterable[DoneSet], asker: Asker) -> list[SetGroup]:
    return group(_set(done, asker) for done in sets)


def _set(done: DoneSet, asker: Asker) -> SetGroup:
    return SetGroup(
        sets=1,
        reps=[] if done.reps is None else [done.reps],
        load=weight(done.weight_kg, asker.weight_unit) if done.weight_kg else None,
        help=weight(done.assist_kg, asker.weight_unit) if done.assist_kg else None,
        seconds=None if done.reps is not None else done.duration_seconds,
        distance=distance(done.distance_m, asker.distance_unit) if done.distance_m and done.reps is None else None,
        is_warm_up=done.set_type is SetType.WARMUP,
    )
