"""The content of a workout plan: days that repeat weekly, their exercises, and the sets to do.

SQL checks the same rules (private.workout_plan_fields and private.workout_plan_sense_problems), and also the exercises.
src/exercises/kinds.py says which fields each kind of exercise takes.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from src.core.schema import CleanText, Input, JsonNumber, NoNul, Unique
from src.exercises.kinds import PLANNED_FIELDS, find_planned_problems
from src.vocabulary import ExerciseKind, SetType

IncrementKg = Annotated[float, Field(ge=0.1, le=50, description="What to add when the target is met."), JsonNumber]


class DoubleProgression(Input):
    """Reps rise within the range first; at the top of it in every set, the load rises."""

    kind: Literal["double_progression"]
    increment_kg: IncrementKg


class LinearProgression(Input):
    """The load rises each time the target is met."""

    kind: Literal["linear"]
    increment_kg: IncrementKg


class PercentProgression(Input):
    """Loads follow from the estimated one-repetition maximum; every set but warm-ups has percent_e1rm."""

    kind: Literal["percent_e1rm"]


class NoProgression(Input):
    """The targets stay as they are."""

    kind: Literal["none"]


Progression = Annotated[
    DoubleProgression | LinearProgression | PercentProgression | NoProgression, Field(discriminator="kind")
]


class PlannedSet(Input):
    """One set to do. Loads in kg, `percent_e1rm` in percent, `tempo` in seconds: down, pause, up, pause."""

    set_type: SetType = SetType.WORKING
    reps_min: Annotated[int, Field(ge=1, le=1000), JsonNumber] | None = None
    reps_max: Annotated[int, Field(ge=1, le=1000), JsonNumber] | None = None
    weight_kg: Annotated[float, Field(ge=0, le=1000), JsonNumber] | None = None
    percent_e1rm: Annotated[float, Field(ge=1, le=120), JsonNumber] | None = None
    rir: Annotated[int, Field(ge=0, le=10, description="Repetitions in reserve."), JsonNumber] | None = None
    duration_seconds: Annotated[int, Field(ge=1, le=86_400), JsonNumber] | None = None
    distance_m: Annotated[float, Field(ge=1, le=1_000_000), JsonNumber] | None = None
    tempo: Annotated[str, StringConstraints(pattern=r"^[0-9X]{4}$")] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.reps_min is not None and self.reps_max is not None and self.reps_min > self.reps_max:
            raise ValueError("reps_min must not be above reps_max")
        if self.weight_kg is not None and self.percent_e1rm is not None:
            raise ValueError("weight_kg and percent_e1rm do not go together")
        return self


class PlannedExercise(Input):
    """An exercise of a day. Exercises of one superset_group are done in turns."""

    exercise_id: UUID
    superset_group: Annotated[str, Field(min_length=1, max_length=8), NoNul] | None = None
    rest_seconds: Annotated[int, Field(ge=0, le=3600), JsonNumber] | None = None
    notes: Annotated[str, Field(max_length=500), NoNul] = ""
    progression: Progression = NoProgression(kind="none")
    sets: Annotated[list[PlannedSet], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _percent_sets(self) -> Self:
        if isinstance(self.progression, PercentProgression) and any(
            planned.percent_e1rm is None for planned in self.sets if planned.set_type is not SetType.WARMUP
        ):
            raise ValueError("every set but warm-ups needs percent_e1rm for this progression")
        return self


class PlanDay(Input):
    """A training day. Two days may fall on one weekday."""

    name: Annotated[str, CleanText(max_length=80)]
    weekday: Annotated[int, Field(ge=1, le=7, description="1 is Monday, 7 is Sunday."), JsonNumber] | None = None
    exercises: Annotated[list[PlannedExercise], Field(min_length=1, max_length=30)]


class PlanContent(Input):
    """The days of a plan, and the weeks with less to recover in."""

    days: Annotated[list[PlanDay], Field(min_length=1, max_length=14)]
    deload_weeks: Annotated[
        list[Annotated[int, Field(ge=1, le=52), JsonNumber]],
        Field(max_length=52, description="Numbers of the weeks that are deloads; the first week is 1."),
        Unique,
    ] = []


def find_wrong_fields(planned: PlannedSet, kind: ExerciseKind) -> Iterator[str]:
    """What is wrong with the set for an exercise of this kind, in words."""
    fields = frozenset(field for field in PLANNED_FIELDS if getattr(planned, field) is not None)
    return find_planned_problems(kind, fields, planned.set_type)
