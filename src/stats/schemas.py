"""What follows from the sets that were logged. Warm-ups never count; volume is load times repetitions."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from src.core.pagination import Page, PageQuery
from src.core.schema import CalendarDay, Output, QueryModel
from src.vocabulary import ExerciseKind, Muscle, RecordKind

UNITS = {
    RecordKind.HEAVIEST: "kg",
    RecordKind.E1RM: "kg",
    RecordKind.MOST_REPS: "reps",
    RecordKind.LONGEST: "s",
    RecordKind.FARTHEST: "m",
    RecordKind.LEAST_ASSIST: "kg",
}


class Record(Output):
    """The best of its kind. `e1rm` is Epley's estimate; `most_reps` is counted at one load, `at_kg`.

    `least_assist` is the least help at one number of repetitions, `at_reps`: there, less is better.
    """

    exercise_id: UUID
    exercise_name: str
    kind: RecordKind
    value: float
    unit: Annotated[str, Field(description="kg, reps, s or m, by the kind.")]
    at_kg: Annotated[float | None, Field(description="Load (or help) of most_reps; null for other kinds.")]
    at_reps: Annotated[int | None, Field(description="Repetitions of least_assist; null for other kinds.")]
    set_id: UUID

    @model_validator(mode="before")
    @classmethod
    def _with_unit(cls, record: Any) -> Any:
        # The unit follows from the kind; SQL does not return it.
        return {**record, "unit": UNITS[RecordKind(record["kind"])]} if isinstance(record, dict) else record


class StandingRecord(Record):
    """The best ever, and when it was first done."""

    workout_id: UUID
    started_at: AwareDatetime
    local_date: date


class RecordPage(Page[StandingRecord]):
    """A page of records, by exercise."""


class RecordQuery(PageQuery):
    exercise_id: UUID | None = None
    kind: RecordKind | None = None


class ThisWeek(Output):
    """The week that runs, from Monday, where the person lives."""

    starts_on: date
    workouts: int
    days: int
    target_days: Annotated[int | None, Field(description="The person's own target; null when they have none.")]
    sets: int
    volume_kg: float


class Streak(Output):
    """Weeks in a row that reached the person's days; without a target, weeks with any workout."""

    current_weeks: int
    longest_weeks: int


class Summary(Output):
    """All training in numbers."""

    workouts: int
    days: int
    sets: int
    reps: int
    volume_kg: float
    duration_seconds: int
    first_on: date | None
    last_on: date | None
    this_week: ThisWeek
    streak: Streak


class MuscleVolume(Output):
    """A set counts wholly for its exercise's primary muscles and half for the secondary ones."""

    muscle: Muscle
    sets: float
    volume_kg: float


class WeekVolume(Output):
    """What was done in a week; `week` is its Monday."""

    week: date
    sets: int
    reps: int
    volume_kg: float
    muscles: list[MuscleVolume]


class Volume(Output):
    """Weeks with training, oldest first."""

    weeks: list[WeekVolume]


class TrainingDay(Output):
    """A day with training."""

    date: date
    workouts: int
    duration_seconds: int
    sets: int
    volume_kg: float


class Calendar(Output):
    """Days with training, oldest first."""

    days: list[TrainingDay]


class ExercisePoint(Output):
    """What was done of an exercise in one workout; null where its kind has no such thing."""

    workout_id: UUID
    started_at: AwareDatetime
    date: date
    sets: int
    reps: int | None
    volume_kg: float | None
    heaviest_kg: float | None
    e1rm_kg: float | None
    most_reps: int | None
    least_assist_kg: float | None
    longest_seconds: int | None
    farthest_m: float | None


class ExerciseHistory(Output):
    """One exercise over time, oldest first."""

    exercise_id: UUID
    exercise_name: str
    kind: ExerciseKind
    points: list[ExercisePoint]


FirstDay = Annotated[CalendarDay | None, Field(alias="from", description="First day.")]
LastDay = Annotated[CalendarDay | None, Field(description="Last day.")]


class DayRange(QueryModel):
    """From one day to another, both included; by default the year up to now."""

    from_: FirstDay = None
    to: LastDay = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError("from must not be after to")
        return self

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """From the first to the last day, which come from the server itself."""
        return cls.model_validate({"from": first.isoformat(), "to": last.isoformat()})

    def days(self) -> dict[str, date]:
        """First and last day as the statistics take them."""
        # Tomorrow in UTC: wherever the person is, today is included.
        last = self.to or max(datetime.now(UTC).date() + timedelta(days=1), self.from_ or date.min)
        return {"first_day": self.from_ or last - timedelta(days=366), "last_day": last}


class HistoryQuery(DayRange):
    """Which part of an exercise's history; by default the newest workouts, whenever they were."""

    limit: Annotated[int, Field(ge=1, le=1000, description="The newest this many workouts.")] = 200

    def days(self) -> dict[str, date]:
        return {**super().days(), **({} if self.from_ else {"first_day": date(1970, 1, 1)})}
