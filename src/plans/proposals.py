"""What is proposed for plans of either kind, and the person's decision."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.core.documents import Document
from src.core.pagination import Page
from src.core.schema import Input, Output
from src.nutrition.content import MealPlanContent
from src.training.adapter.request import Why
from src.training.content import PlanContent
from src.vocabulary import PlanSource, ProposalStatus


class ProposalReject(Input):
    """Why it is not wanted."""

    reason: Why | None = None


class PlanChange(Output):
    """One change, the rule that makes it, and the sets that caused it."""

    rule: Annotated[str, Field(description="For example double_progression.increase, deload, swap.pain, volume.less.")]
    exercise_id: UUID
    path: Annotated[
        str,
        Field(
            description="JSON pointer into the content: an exercise, its `sets`, or with `*` one field of every set. "
            "Changes are made in order, so those that take an exercise out come last."
        ),
    ]
    from_: Annotated[
        Any, Field(alias="from", description="What is there; a list with one value a set where the path has `*`.")
    ]
    to: Annotated[Any, Field(description="What would be there; null takes an exercise out.")]
    evidence: Annotated[list[UUID], Field(description="Ids of the logged sets that caused it.")]
    explanation: str


class PlanProposalSummary(Output):
    """A proposal without its content, as in lists."""

    id: UUID
    plan_id: UUID
    base_version: Annotated[int, Field(ge=1, description="The version of the plan that it changes.")]
    status: ProposalStatus
    source: Annotated[
        PlanSource, Field(description="`ai` when a model worded it, else `rules`; rules decide either way.")
    ]
    changes: list[PlanChange]
    reason: Annotated[str | None, Field(description="Why it was rejected.")]
    decided_at: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class PlanProposal(PlanProposalSummary):
    """A proposal, with the plan's content as it would be."""

    content: PlanContent


class OpenProposal(Document):
    """A proposal that waits for a decision."""

    id: UUID
    plan_id: UUID
    changes: list[PlanChange]


class PlanProposalPage(Page[PlanProposalSummary]):
    """A page of a plan's proposals, newest first."""


class MealPlanChange(Output):
    """A change that is proposed, and why. `path`: a place in the content, as a JSON pointer."""

    rule: str
    path: str
    before: Annotated[Any, Field(alias="from")]
    after: Annotated[Any, Field(alias="to")]
    evidence: list[str]
    explanation: str


class MealPlanTargets(Output):
    """What a day should have."""

    energy_kcal: int | None
    protein_g: int | None
    carbohydrate_g: int | None
    fat_g: int | None


class MealPlanProposalSummary(Output):
    """A proposal without its content, as in lists."""

    id: UUID
    meal_plan_id: Annotated[UUID, Field(validation_alias="plan_id")]
    base_version: Annotated[int, Field(ge=1, description="The version of the meal plan that it changes.")]
    changes: list[MealPlanChange]
    targets: Annotated[
        MealPlanTargets | None,
        Field(
            description="What the plan's targets become with it; once accepted, what they become when it is taken back."
            " Null where they stay."
        ),
    ]
    source: PlanSource
    status: ProposalStatus
    reason: Annotated[str | None, Field(description="Why it was rejected.")]
    decided_at: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class MealPlanProposal(MealPlanProposalSummary):
    """Changes of a meal plan, and the content with them."""

    content: MealPlanContent


class MealPlanProposalPage(Page[MealPlanProposalSummary]):
    """A page of proposals, newest first."""


class MealPlanRejection(Input):
    """Why a proposal is rejected, if the person says."""

    reason: Why | None = None
