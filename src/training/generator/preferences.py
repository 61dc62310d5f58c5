"""Who a plan is for, and what they ask for in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from src.core.schema import CleanText, Day, Flag, Input, JsonNumber, Unique
from src.training.generator.goals import Goal
from src.training.generator.schedule import DELOAD_EVERY, MINUTES, WEEKS
from src.vocabulary import Equipment, ExperienceLevel, Joint, Muscle, Sport, WeightUnit

EARLIEST, LATEST = timedelta(days=7), timedelta(days=366)


@dataclass(frozen=True)
class Person:
    """What the planner needs to know of a person whose profile says their sport and level."""

    sport: Sport
    level: ExperienceLevel
    days_per_week: int | None = None
    goals: tuple[str, ...] = ()
    equipment: frozenset[Equipment] = frozenset()
    injuries: frozenset[Joint] = frozenset()
    weight_unit: WeightUnit = WeightUnit.KG
    load_steps_kg: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannerProfile:
    """A profile as public.plan_context() answers it."""

    sport: Sport | None
    experience_level: ExperienceLevel | None
    days_per_week: int | None
    goals: tuple[str, ...]
    equipment: frozenset[Equipment]
    injuries: frozenset[Joint]
    weight_unit: WeightUnit
    load_steps_kg: dict[str, float]
    session_minutes: int | None = None

    def to_person(self) -> Person | None:
        """None when the profile does not say their sport or level."""
        if self.sport is None or self.experience_level is None:
            return None
        return Person(
            sport=self.sport,
            level=self.experience_level,
            days_per_week=self.days_per_week,
            goals=self.goals,
            equipment=self.equipment,
            injuries=self.injuries,
            weight_unit=self.weight_unit,
            load_steps_kg=self.load_steps_kg,
        )


def _soon(day: date) -> date:
    # By any clock on Earth it may already be tomorrow, or still yesterday.
    today = datetime.now(UTC).date()
    if not today - EARLIEST <= day <= today + LATEST:
        raise ValueError("must be from a week ago to a year ahead")
    return day


Remark = Annotated[str, CleanText(max_length=500)]
SoonDay = Annotated[Day, AfterValidator(_soon)]


class Preferences(Input):
    """What a person asks for in a plan. All may be left out: then the profile and the usual decide."""

    days_per_week: Annotated[int, Field(ge=1, le=7), JsonNumber] | None = Field(
        None, description="Left out, as the profile says."
    )
    minutes: Annotated[
        int,
        Field(ge=15, le=180, description="Of a session, warm-up and all. Left out, as the profile says, or 60."),
        JsonNumber,
    ] = MINUTES
    goal: Goal = Goal.GENERAL
    focus: Annotated[list[Muscle], Field(max_length=4, description="Muscles to train most."), Unique] = []
    avoid: Annotated[list[UUID], Field(max_length=50, description="Exercises to leave out."), Unique] = []
    avoid_muscles: Annotated[
        list[Muscle], Field(max_length=4, description="Muscles that no exercise is chosen for."), Unique
    ] = []
    starts_on: Day | None = Field(None, description="The first day; only its weekday counts. Left out, a Monday.")
    weeks: Annotated[int, Field(ge=1, le=16), JsonNumber] = WEEKS
    deload: Annotated[Flag, Field(description="Whether to have weeks with less to recover in.")] = True
    notes: Remark | None = Field(None, description="Anything else, in words: for the companion to read.")

    def filled_in(self, profile: PlannerProfile) -> Self:
        """These, with what they leave out as the profile says it."""
        if profile.session_minutes is None or "minutes" in self.model_fields_set:
            return self
        return self.model_copy(update={"minutes": profile.session_minutes})

    @property
    def first_weekday(self) -> int:
        """1 is Monday."""
        return self.starts_on.isoweekday() if self.starts_on else 1

    def days(self, person: Person) -> int:
        """Training days a week. Raises ValueError when neither says."""
        days = self.days_per_week or person.days_per_week
        if days is None:
            raise ValueError("how many days a week is not known")
        return days

    def deload_weeks(self, level: ExperienceLevel) -> list[int]:
        """Numbers of the weeks with less."""
        every = DELOAD_EVERY[level]
        return list(range(every, self.weeks + 1, every)) if self.deload else []


class PlanRequest(Preferences):
    """What POST /plans/generate takes."""

    starts_on: SoonDay | None = Field(
        None, description="The first day, from a week ago to a year ahead; only its weekday counts. Left out, a Monday."
    )
