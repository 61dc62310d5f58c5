"""Workout plans as they are asked for and answered, and what both kinds of plan share."""

from typing import Annotated, Generic, Self, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from src.core.pagination import Page, PageQuery
from src.core.schema import CleanText, Input, JsonNumber, Name, Output
from src.core.sorting import Sort
from src.training.content import PlanContent
from src.vocabulary import PlanAuthor, PlanSource, PlanStatus

ContentT = TypeVar("ContentT")
Description = Annotated[str, CleanText(max_length=2000)]
PlanGoal = Annotated[str, CleanText(max_length=200)]
DurationWeeks = Annotated[int, Field(ge=1, le=52), JsonNumber]
VersionNumber = Annotated[int, Field(ge=0, description="Counts changes of the content; 0 while there is none.")]
NewStatus = Annotated[PlanStatus | None, Field(description="Left out, it stays as it is.")]


class PlanSummary(Output):
    """A plan without its content, as in lists."""

    id: UUID
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    days_per_week: int | None
    status: PlanStatus
    source: PlanSource
    version: VersionNumber
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Plan(PlanSummary):
    """A plan, whole. `content` is null in an empty draft."""

    content: PlanContent | None


class PlanPage(Page[PlanSummary]):
    """A page of plans."""


class PlanCreate(Input):
    """A new plan: a draft, with or without content."""

    name: Name
    description: Description | None = None
    goal: PlanGoal | None = None
    duration_weeks: DurationWeeks | None = None
    days_per_week: Annotated[int, Field(ge=1, le=7), JsonNumber] | None = None
    content: PlanContent | None = None

    @model_validator(mode="after")
    def _deloads_within(self) -> Self:
        weeks = self.content.deload_weeks if self.content else []
        if self.duration_weeks is not None and max(weeks, default=0) > self.duration_weeks:
            raise ValueError("deload_weeks must lie within duration_weeks")
        return self


class PlanReplace(PlanCreate):
    """A plan, whole: what is left out becomes empty, but the status stays. Content, once there, cannot be emptied."""

    status: NewStatus = None


class PlanSort(Sort):
    """Order of a list of plans; newest first by default."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    LATEST_CHANGE = "-updated_at"
    EARLIEST_CHANGE = "updated_at"
    NAME = "name"
    NAME_DESCENDING = "-name"


class PlanQuery(PageQuery):
    status: Annotated[list[PlanStatus], Field(max_length=4, description="Any of these.")] = []
    sort: PlanSort = PlanSort.NEWEST


class ContentVersion(Output, Generic[ContentT]):
    """A content that a plan of either kind has had."""

    version: Annotated[int, Field(ge=1)]
    content: ContentT
    changed_by: PlanAuthor
    reason: str | None
    accepted: Annotated[
        bool, Field(description="Whether an accepted proposal made it. These stay; of others, the last 50 do.")
    ]
    created_at: AwareDatetime


class PlanVersion(ContentVersion[PlanContent]):
    """A content the plan has had."""


class PlanVersionPage(Page[PlanVersion]):
    """A page of a plan's history, newest first."""
