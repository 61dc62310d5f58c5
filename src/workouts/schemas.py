"""Completed sessions: as they are logged, and as they are shown."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator, model_validator

from src.affinity.schemas import AffinityChange, AffinityReason
from src.core.cursor import CursorText
from src.core.pagination import Page, PageQuery
from src.core.schema import CleanText, Input, JsonNumber, Name, Output, PastTimestamp, Thousandths, Timezone
from src.core.sorting import Sort
from src.core.units import KG_PER_LB
from src.stats.schemas import FirstDay, LastDay, Record
from src.vocabulary import ExerciseKind, SetSide, SetType, WeightUnit, WorkoutSource

_KG_PER_LB = float(KG_PER_LB)
MAX_KG = 1000
LONGEST = timedelta(hours=24)

WorkoutNotes = Annotated[str, CleanText(max_length=2000)]
ExerciseNotes = Annotated[str, CleanText(max_length=500)]
SupersetGroup = Annotated[str, CleanText(max_length=8)]


class LoadEntry(Input):
    """A load as the person reads it off the bar."""

    value: Annotated[
        float, Field(ge=0, le=MAX_KG / _KG_PER_LB, json_schema_extra={"multipleOf": 0.001}), Thousandths, JsonNumber
    ]
    unit: WeightUnit

    @model_validator(mode="after")
    def _liftable(self) -> Self:
        if self.value * (_KG_PER_LB if self.unit is WeightUnit.LB else 1) > MAX_KG:
            raise ValueError("must be at most 1000 kg")
        return self


HeartRate = Annotated[int, Field(ge=20, le=300), JsonNumber]


# Which fields go with which kind: src/exercises/kinds.py.
class SetEntry(Input):
    """One set. What it must have follows from the kind of its exercise: `reps` for weight_reps, reps, bodyweight_reps
    and assisted, with `weight` for weight_reps and `assist` for assisted; `duration_seconds` for duration; `weight` and
    one of `duration_seconds` and `distance_m` for weight_duration; one of these two for distance_duration.

    Whatever else was measured may be recorded beside. Only `weight` and `assist` exclude each other.
    """

    set_type: SetType = SetType.WORKING
    side: SetSide | None = None
    reps: Annotated[int, Field(ge=1, le=1000), JsonNumber] | None = None
    weight: LoadEntry | None = None
    assist: LoadEntry | None = None
    rpe: Annotated[float, Field(ge=1, le=10, multiple_of=0.5, description="In half steps."), JsonNumber] | None = None
    rir: Annotated[int, Field(ge=0, le=10, description="Repetitions in reserve."), JsonNumber] | None = None
    duration_seconds: Annotated[int, Field(ge=1, le=86_400), JsonNumber] | None = None
    distance_m: (
        Annotated[float, Field(ge=0.01, le=1_000_000, json_schema_extra={"multipleOf": 0.001}), Thousandths, JsonNumber]
        | None
    ) = None
    average_heart_rate: Annotated[HeartRate | None, Field(description="Beats per minute over the set.")] = None
    max_heart_rate: Annotated[
        HeartRate | None, Field(description="The most beats per minute; not less than the average.")
    ] = None

    @model_validator(mode="after")
    def _heart_rates_in_order(self) -> Self:
        if self.average_heart_rate and self.max_heart_rate and self.average_heart_rate > self.max_heart_rate:
            raise ValueError("average_heart_rate must not be above max_heart_rate")
        return self


class ExerciseEntry(Input):
    """An exercise with its sets, in the order they were done."""

    exercise_id: UUID
    superset_group: SupersetGroup | None = None
    notes: ExerciseNotes | None = None
    sets: Annotated[list[SetEntry], Field(min_length=1, max_length=100)]


class WorkoutReplace(Input):
    """A completed session, whole."""

    name: Name | None = None
    started_at: PastTimestamp
    ended_at: PastTimestamp | None = None
    timezone: Annotated[Timezone, Field(description="Where the person was: it decides which day it counts for.")]
    plan_id: UUID | None = None
    plan_day: Annotated[int, Field(ge=0, le=13, description="Index of the plan's day."), JsonNumber] | None = None
    perceived_exertion: Annotated[int, Field(ge=1, le=10), JsonNumber] | None = None
    notes: WorkoutNotes | None = None
    exercises: Annotated[list[ExerciseEntry], Field(min_length=1, max_length=50)]

    @field_validator("ended_at")
    @classmethod
    def _ends_within_a_day(cls, ended_at: datetime | None, info: ValidationInfo) -> datetime | None:
        started_at = info.data.get("started_at")
        if ended_at and started_at and not timedelta() <= ended_at - started_at <= LONGEST:
            raise ValueError("must be within 24 hours after started_at")
        return ended_at


class WorkoutLog(WorkoutReplace):
    """A completed session and the id that the client made for it: sending it again gives the same workout."""

    client_id: UUID


class LoggedSet(Output):
    """A set as it was entered, and what follows from it: kilograms, and the estimated one-repetition maximum."""

    id: UUID
    set_type: SetType
    side: SetSide | None
    reps: int | None
    weight: LoadEntry | None
    weight_kg: float | None
    assist: LoadEntry | None
    assist_kg: float | None
    rpe: float | None
    rir: int | None
    duration_seconds: int | None
    distance_m: float | None
    average_heart_rate: int | None
    max_heart_rate: int | None
    e1rm_kg: Annotated[float | None, Field(description="Epley: weight * (1 + reps / 30), up to 12 repetitions.")]


class LoggedExercise(Output):
    """An exercise of a workout; its name is the one it had then."""

    exercise_id: UUID
    exercise_name: str
    kind: ExerciseKind
    superset_group: str | None
    notes: str | None
    sets: list[LoggedSet]


class NewRecord(Record):
    """A record that a workout set, and what it beat."""

    previous: float


class Workout(Output):
    """A completed session. `records` is what it was the best at when it was done; `affinity` what it earned."""

    id: UUID
    client_id: UUID
    source: WorkoutSource
    plan_id: UUID | None
    plan_version: int | None
    plan_day: int | None
    name: str | None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    timezone: str
    local_date: Annotated[date, Field(description="The day it counts for: where it began, in its own time zone.")]
    perceived_exertion: int | None
    notes: str | None
    exercises: list[LoggedExercise]
    records: list[NewRecord]
    affinity: list[AffinityReason]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Builds it from a document of public.workout()."""
        return cls.model_validate({**document, "affinity": document["affinity"]["events"]})


class LoggedWorkout(Output):
    """What logging answers: the workout, its new records, and what it did to the affinity."""

    workout: Workout
    records: list[NewRecord]
    affinity: AffinityChange

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Builds it from a document of private.workout_document()."""
        workout = Workout.from_document(document)
        affinity = AffinityChange.of(document["affinity"]["score"], workout.affinity)
        return cls(workout=workout, records=workout.records, affinity=affinity)


class ExerciseDone(Output):
    """An exercise of a workout in a list."""

    exercise_id: UUID
    exercise_name: str
    sets: Annotated[int, Field(description="Sets without warm-ups.")]


class WorkoutSummary(Output):
    """A workout in a list. Warm-ups are in neither the sets nor the volume."""

    id: UUID
    source: WorkoutSource
    plan_id: UUID | None
    plan_day: int | None
    name: str | None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    timezone: str
    local_date: date
    perceived_exertion: int | None
    exercises: list[ExerciseDone]
    sets: int
    volume_kg: float
    updated_at: AwareDatetime


class WorkoutPage(Page[WorkoutSummary]):
    """A page of workouts, newest first; `next` leads on without counting pages, null at the end."""

    next: str | None


class WorkoutSort(Sort):
    """Order of a list of workouts; newest first by default."""

    STARTED_AT = "started_at"
    STARTED_AT_DESCENDING = "-started_at"


class WorkoutQuery(PageQuery):
    """Which workouts; days are the workouts' own."""

    from_: FirstDay = None
    to: LastDay = None
    plan_id: UUID | None = None
    exercise_id: Annotated[UUID | None, Field(description="Has this exercise.")] = None
    before: CursorText | None = None
    sort: WorkoutSort = WorkoutSort.STARTED_AT_DESCENDING

    @property
    def order(self) -> WorkoutSort:
        """What the list is sorted by; after a cursor, the newest come first."""
        return WorkoutSort.STARTED_AT_DESCENDING if self.before is not None else self.sort
