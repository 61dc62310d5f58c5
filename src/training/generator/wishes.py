"""Who a plan is for, and what they wish for in it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from src.core.schema import CleanText, Day, Flag, Input, JsonNumber, Unique
from src.training.generator.constants import DELOAD_EVERY, MINUTES, WEEKS, Goal
from src.vocabulary import Equipment, ExperienceLevel, Joint, Muscle, Sport, WeightUnit

EARLIEST, LATEST = timedelta(days=7), timedelta(days=366)


@dataclass(frozen=True)
class Person:
    """What the planner needs to know of a person."""

    sport: Sport
    level: ExperienceLevel
    days_per_week: int | None = None
    goals: tuple[str, ...] = ()
    equipment: frozenset[Equipment] = frozenset()
    injuries: frozenset[Joint] = frozenset()
    weight_unit: WeightUnit = WeightUnit.KG
    load_steps_kg: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: dict[str, Any]) -> Self:
        """The person of a profile, whose sport and level are known."""
        return cls(
            sport=Sport(profile["sport"]),
            level=ExperienceLevel(profile["experience_level"]),
            days_per_week=profile["days_per_week"],
            goals=tuple(profile["goals"]),
            equipment=frozenset(map(Equipment, profile["equipment"])),
            injuries=frozenset(map(Joint, profile["injuries"])),
            weight_unit=WeightUnit(profile["weight_unit"]),
            load_steps_kg=profile["load_steps_kg"],
        )


def _soon(day: date) -> date:
    # By any clock on Earth it may already be tomorrow, or still yesterday.
    today = datetime.now(UTC).date()
    if not today - EARLIEST <= day <= today + LATEST:
        raise ValueError("must be from a week ago to a year ahead")
    return day


Remark = Annotated[str, CleanText(max_length=500)]
SoonDay = Annotated[Day, AfterValidator(_soon)]


class Wishes(Input):
    """What a person wishes for in a plan. All may be left out: then the profile and the usual decide."""

    days_per_week: Annotated[int, Field(ge=1, le=7), JsonNumber] | None = Field(
        None, description="Left out, as the profile says."
    )
    minutes: Annotated[int, Field(ge=15, le=180, description="Of a session, warm-up and all."), JsonNumber] = MINUTES
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


class PlanRequest(Wishes):
    """What POST /plans/generate takes."""

    starts_on: SoonDay | None = Field(
        None, description="The first day, from a week ago to a year ahead; only its weekday counts. Left out, a Monday."
    )
