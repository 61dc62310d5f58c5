"""Meal plans: written, activated, changed, taken back, shopped for; and what the companion proposes for them."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Path, Query, Response

from src.core.created import created, created_responses
from src.core.documents import parse_document
from src.core.errors import Conflict, NotFound, PreconditionFailed
from src.core.etags import CHANGED, TAGGED, ConditionsDep, IfMatch, parse_if_match, row_tag, tagged
from src.core.gateway import Row
from src.core.idempotency import IdempotencyKey
from src.core.limits import RESTORES, limited_as
from src.core.pagination import PageQuery
from src.core.problems import problems
from src.core.route import api_router
from src.jobs.accepted import ENQUEUED, accepted
from src.jobs.schemas import Job
from src.nutrition.content import MealPlanContent
from src.nutrition.grocery import GroceryList, GroceryQuery, grocery_list
from src.nutrition.schemas import MealPlanAdaptation, MealPlanRequest
from src.plans.meal_schemas import (
    FoodSwap,
    MealPlan,
    MealPlanCreate,
    MealPlanPage,
    MealPlanQuery,
    MealPlanReplace,
    MealPlanVersionPage,
)
from src.plans.proposals import MealPlanProposal, MealPlanProposalPage, MealPlanRejection
from src.plans.repository import MealPlanRepo

router = api_router("/api/v1/meal-plans", tags=["meal plans"])
# The routes that enqueue jobs have had a tag of their own since the first contract; clients are grouped by it.
job_router = api_router("/api/v1/meal-plans", tags=["meal-plans"])

ANY = MealPlanRequest()


def _respond_with_etag(row: Row, response: Response) -> MealPlan:
    return tagged(MealPlan.from_row(row), response)


@router.get("", operation_id="listMealPlans")
async def list_meal_plans(query: Annotated[MealPlanQuery, Query()], plans: MealPlanRepo) -> MealPlanPage:
    """The caller's meal plans, without their content."""
    return parse_document(MealPlanPage.model_validate_json, (await plans.page(query)).page(query))


@router.post(
    "",
    operation_id="createMealPlan",
    status_code=201,
    responses=created_responses(MealPlan, "ETag") | problems(NotFound, Conflict),
    response_model=MealPlan,
)
async def create_meal_plan(
    plan: MealPlanCreate, plans: MealPlanRepo, response: Response, idempotency_key: IdempotencyKey = None
) -> MealPlan:
    """Adds a meal plan as a draft. A food that the caller's allergens or diet forbid is refused, here and wherever
    content gets into a plan."""
    row, replayed = await plans.create(plan.model_dump(mode="json"), idempotency_key)
    created(response, f"/api/v1/meal-plans/{row['id']}", is_new=not replayed)
    return _respond_with_etag(row, response)


@job_router.post("/generate", operation_id="generateMealPlan", status_code=202, responses=ENQUEUED)
async def generate_meal_plan(
    plans: MealPlanRepo,
    response: Response,
    request: Annotated[MealPlanRequest, Body()] = ANY,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Makes a meal plan, as a draft. The job's result names it, its targets, and by what each day misses them."""
    return accepted(await plans.generate(request, idempotency_key), response)


@router.get(
    "/{meal_plan_id}",
    operation_id="getMealPlan",
    response_model=MealPlan,
    responses=TAGGED | problems(NotFound),
)
async def get_meal_plan(meal_plan_id: UUID, plans: MealPlanRepo, conditions: ConditionsDep) -> Response:
    """One meal plan, with its nutrients as the foods are now, and what of it does not suit the caller any more."""
    plan = MealPlan.from_row(await plans.get(meal_plan_id))
    return conditions.json(plan, plan.updated_at)


@router.put(
    "/{meal_plan_id}",
    operation_id="replaceMealPlan",
    responses=CHANGED | problems(NotFound, Conflict, PreconditionFailed),
)
async def replace_meal_plan(
    meal_plan_id: UUID, plan: MealPlanReplace, plans: MealPlanRepo, response: Response, if_match: IfMatch = None
) -> MealPlan:
    """Replaces a meal plan. New content becomes a new version; the old one stays in the history."""
    return _respond_with_etag(await plans.replace(meal_plan_id, plan, parse_if_match(if_match)), response)


@router.delete(
    "/{meal_plan_id}",
    operation_id="deleteMealPlan",
    status_code=204,
    responses=problems(NotFound, PreconditionFailed),
)
async def delete_meal_plan(meal_plan_id: UUID, plans: MealPlanRepo, if_match: IfMatch = None) -> None:
    """Deletes a meal plan, its history and its proposals."""
    await plans.delete(meal_plan_id, parse_if_match(if_match))


@router.post(
    "/{meal_plan_id}/activate", operation_id="activateMealPlan", responses=CHANGED | problems(NotFound, Conflict)
)
async def activate_meal_plan(meal_plan_id: UUID, plans: MealPlanRepo, response: Response) -> MealPlan:
    """Makes this the active meal plan; the one that was is archived. One with conflicts is not activated."""
    return _respond_with_etag(await plans.activate(meal_plan_id), response)


@router.get("/{meal_plan_id}/versions", operation_id="listMealPlanVersions", responses=problems(NotFound))
async def list_meal_plan_versions(
    meal_plan_id: UUID, query: Annotated[PageQuery, Query()], plans: MealPlanRepo
) -> MealPlanVersionPage:
    """Every content the meal plan has had, newest first."""
    rows = await plans.versions(meal_plan_id, query)
    return MealPlanVersionPage.model_validate(rows.page(query))


@router.post(
    "/{meal_plan_id}/versions/{version}/restore",
    operation_id="restoreMealPlanVersion",
    openapi_extra=limited_as(RESTORES),
    responses=CHANGED | problems(NotFound),
)
async def restore_meal_plan_version(
    meal_plan_id: UUID,
    version: Annotated[int, Path(ge=1, le=2_147_483_647)],
    plans: MealPlanRepo,
    response: Response,
) -> MealPlan:
    """Makes an older content the newest version, if it still suits the caller. Restoring what is current changes
    nothing."""
    return _respond_with_etag(await plans.restore(meal_plan_id, version), response)


@router.post(
    "/{meal_plan_id}/swap", operation_id="swapMealFood", responses=CHANGED | problems(NotFound, PreconditionFailed)
)
async def swap_meal_food(
    meal_plan_id: UUID, swap: FoodSwap, plans: MealPlanRepo, response: Response, if_match: IfMatch = None
) -> MealPlan:
    """Puts another food in place of an item, in grams with the same energy: whole ones from 20 g on, tenths below. The
    result is a new version."""
    return _respond_with_etag(await plans.swap(meal_plan_id, swap, parse_if_match(if_match)), response)


@router.get("/{meal_plan_id}/grocery-list", operation_id="getGroceryList", responses=problems(NotFound))
async def get_grocery_list(
    meal_plan_id: UUID, query: Annotated[GroceryQuery, Query()], plans: MealPlanRepo
) -> GroceryList:
    """What to buy for a week of the meal plan, or for as long as asked; empty for an empty draft."""
    row = await plans.get(meal_plan_id)
    content = MealPlanContent.model_validate(row["content"]) if row["content"] else None
    return grocery_list(content, row["foods_used"], query.length)


@job_router.post(
    "/{meal_plan_id}/adapt",
    operation_id="adaptMealPlan",
    status_code=202,
    responses=ENQUEUED,
)
async def adapt_meal_plan(
    meal_plan_id: UUID,
    adaptation: MealPlanAdaptation,
    plans: MealPlanRepo,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Proposes a change of a meal plan; foods that no longer suit the person are replaced on the way."""
    return accepted(await plans.adapt(meal_plan_id, adaptation, idempotency_key), response)


@router.get("/{meal_plan_id}/proposals", operation_id="listMealPlanProposals", responses=problems(NotFound))
async def list_meal_plan_proposals(
    meal_plan_id: UUID, query: Annotated[PageQuery, Query()], plans: MealPlanRepo
) -> MealPlanProposalPage:
    """What was proposed for the meal plan, newest first. At most one is open.

    Of the others the last 50 that were decided and the last 50 that expired are kept.
    """
    return await plans.proposals(meal_plan_id, query)


@router.get(
    "/{meal_plan_id}/proposals/{proposal_id}",
    operation_id="getMealPlanProposal",
    responses=TAGGED | problems(NotFound),
)
async def get_meal_plan_proposal(
    meal_plan_id: UUID, proposal_id: UUID, plans: MealPlanRepo, conditions: ConditionsDep
) -> MealPlanProposal:
    """One proposal, with the content that the meal plan would have."""
    proposal = MealPlanProposal.model_validate(await plans.proposal(meal_plan_id, proposal_id))
    conditions.tag(row_tag(proposal.updated_at))
    return proposal


@router.post(
    "/{meal_plan_id}/proposals/{proposal_id}/accept",
    operation_id="acceptMealPlanProposal",
    responses=CHANGED | problems(NotFound, Conflict),
)
async def accept_meal_plan_proposal(
    meal_plan_id: UUID, proposal_id: UUID, plans: MealPlanRepo, response: Response
) -> MealPlan:
    """Makes what is proposed the newest version of the meal plan. Accepting it again changes nothing more."""
    return _respond_with_etag(await plans.accept(meal_plan_id, proposal_id), response)


@router.post(
    "/{meal_plan_id}/proposals/{proposal_id}/reject",
    operation_id="rejectMealPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def reject_meal_plan_proposal(
    meal_plan_id: UUID, proposal_id: UUID, plans: MealPlanRepo, why: MealPlanRejection | None = None
) -> MealPlanProposal:
    """Turns a proposal down and keeps why. Rejecting it again changes nothing more."""
    return MealPlanProposal.model_validate(await plans.reject(meal_plan_id, proposal_id, why.reason if why else None))


@router.post(
    "/{meal_plan_id}/proposals/{proposal_id}/undo",
    operation_id="undoMealPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def undo_meal_plan_proposal(meal_plan_id: UUID, proposal_id: UUID, plans: MealPlanRepo) -> MealPlanProposal:
    """Takes the decision on a proposal back: the meal plan is again as it was, and the proposal open. Not once the plan
    has been changed otherwise."""
    return MealPlanProposal.model_validate(await plans.undo(meal_plan_id, proposal_id))
