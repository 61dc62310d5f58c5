"""The logged sessions of an exercise, and how a day of a plan judges them. The rows come from
private.exercise_sessions() and private.prescribed_since()."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from src.vocabulary import SetType

WORK = (SetType.WORKING, SetType.FAILURE, SetType.AMRAP)
"""Sets that progression counts: neither warm-ups nor drop sets."""
MAX_SESSIONS = 20
"""How many private.exercise_sessions() returns of an exercise: the newest."""


@dataclass(frozen=True)
class PerformedSet:
    """A set that was done."""

    id: str
    set_type: SetType
    reps: int | None = None
    weight_kg: Decimal | None = None
    duration_seconds: int | None = None
    distance_m: Decimal | None = None
    e1rm_kg: Decimal | None = None


@dataclass(frozen=True)
class PerformedSession:
    """The work sets of one exercise in one workout. `is_judged`: the session counts for this day's targets;
    `is_earlier`: the plan had other targets at the time."""

    sets: Sequence[PerformedSet]
    is_judged: bool = True
    is_earlier: bool = False


@dataclass(frozen=True)
class SessionRow:
    """A workout's work sets of one exercise, and the plan it followed."""

    local_date: date
    plan_id: UUID | None
    plan_day: int | None
    plan_version: int | None
    logged_at: datetime
    sets: list[PerformedSet]


@dataclass(frozen=True)
class PrescribedSince:
    """The version of the plan, and its time, since which an exercise has been prescribed unchanged."""

    version: int
    at: datetime


@dataclass(frozen=True)
class FollowedPlan:
    """A plan, and the day of its first workout."""

    id: UUID
    first_on: date | None
    deload_weeks: AbstractSet[int]

    def week_of(self, day: date) -> int:
        """Which week of the plan a day is in, counted from the plan's first workout; 0 or less before it."""
        return 1 if self.first_on is None else (day - self.first_on).days // 7 + 1

    def is_deload(self, day: date) -> bool:
        """Whether the day is in a deload week of the plan."""
        return self.week_of(day) in self.deload_weeks


def judge_sessions(
    rows: Iterable[SessionRow], since: PrescribedSince | None, day: int, plan: FollowedPlan
) -> list[PerformedSession]:
    """An exercise's history as judged by one day of the plan; `day` is its number."""
    return [_judge(row, since, day, plan) for row in rows]


def _judge(row: SessionRow, since: PrescribedSince | None, day: int, plan: FollowedPlan) -> PerformedSession:
    # A session in a deload week, or of another day of the plan, cannot miss this day's target.
    is_of_plan = row.plan_id == plan.id
    is_of_another_day = is_of_plan and row.plan_day not in {None, day}
    is_lighter = is_of_plan and plan.is_deload(row.local_date)
    return PerformedSession(
        row.sets,
        is_judged=not (is_of_another_day or is_lighter),
        is_earlier=since is not None and _is_before(row, since, is_of_plan=is_of_plan),
    )


def _is_before(row: SessionRow, since: PrescribedSince, *, is_of_plan: bool) -> bool:
    if is_of_plan and row.plan_version is not None:
        return row.plan_version < since.version
    return row.logged_at < since.at
