"""Workout plans: written, generated, activated, changed, adapted, and taken back."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

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
from src.plans.proposals import PlanProposal, PlanProposalPage, ProposalReject
from src.plans.repository import PlanRepo
from src.plans.schemas import Plan, PlanCreate, PlanPage, PlanQuery, PlanReplace, PlanVersionPage
from src.training.adapter.request import PlanAdapt
from src.training.generator.preferences import PlanRequest

router = api_router("/api/v1/plans", tags=["plans"])


def _respond_with_etag(row: Row, response: Response) -> Plan:
    return tagged(Plan.model_validate(row), response)


@router.get("", operation_id="listPlans")
async def list_plans(query: Annotated[PlanQuery, Query()], plans: PlanRepo) -> PlanPage:
    """The caller's plans, without their content."""
    return parse_document(PlanPage.model_validate_json, (await plans.page(query)).page(query))


@router.post(
    "",
    operation_id="createPlan",
    status_code=201,
    responses=created_responses(Plan, "ETag") | problems(NotFound, Conflict),
    response_model=Plan,
)
async def create_plan(
    plan: PlanCreate, plans: PlanRepo, response: Response, idempotency_key: IdempotencyKey = None
) -> Plan:
    """Adds a plan as a draft."""
    row, replayed = await plans.create(plan.model_dump(mode="json"), idempotency_key)
    created(response, f"/api/v1/plans/{row['id']}", is_new=not replayed)
    return _respond_with_etag(row, response)


# Before /{plan_id}, which this looks like too.
@router.post(
    "/generate",
    operation_id="generatePlan",
    status_code=202,
    responses=ENQUEUED,
)
async def generate_plan(
    request: PlanRequest, plans: PlanRepo, response: Response, idempotency_key: IdempotencyKey = None
) -> Job:
    """Has a plan made from what the profile says and what is wished for here; all of it may be left out.

    The job's result has `plan_id`, the draft; `source`, `ai` or `rules`; `model`; and `notes` on what the plan falls
    short of. The same wishes while they are being worked on give the same job. 422 names what the profile lacks.
    """
    return accepted(await plans.generate(request, idempotency_key), response)


@router.get("/{plan_id}", operation_id="getPlan", responses=TAGGED | problems(NotFound))
async def get_plan(plan_id: UUID, plans: PlanRepo, conditions: ConditionsDep) -> Plan:
    """One plan."""
    plan = Plan.model_validate(await plans.get(plan_id))
    conditions.tag(row_tag(plan.updated_at))
    return plan


@router.put(
    "/{plan_id}",
    operation_id="replacePlan",
    responses=CHANGED | problems(NotFound, Conflict, PreconditionFailed),
)
async def replace_plan(
    plan_id: UUID, plan: PlanReplace, plans: PlanRepo, response: Response, if_match: IfMatch = None
) -> Plan:
    """Replaces a plan. New content becomes a new version; the old one stays in the history."""
    return _respond_with_etag(await plans.replace(plan_id, plan, parse_if_match(if_match)), response)


@router.delete(
    "/{plan_id}", operation_id="deletePlan", status_code=204, responses=problems(NotFound, PreconditionFailed)
)
async def delete_plan(plan_id: UUID, plans: PlanRepo, if_match: IfMatch = None) -> None:
    """Deletes a plan and its history. Workouts that followed it stay."""
    await plans.delete(plan_id, parse_if_match(if_match))


@router.post("/{plan_id}/activate", operation_id="activatePlan", responses=CHANGED | problems(NotFound, Conflict))
async def activate_plan(plan_id: UUID, plans: PlanRepo, response: Response) -> Plan:
    """Makes this the active plan; the one that was is archived."""
    return _respond_with_etag(await plans.activate(plan_id), response)


@router.get("/{plan_id}/versions", operation_id="listPlanVersions", responses=problems(NotFound))
async def list_plan_versions(plan_id: UUID, query: Annotated[PageQuery, Query()], plans: PlanRepo) -> PlanVersionPage:
    """Every content the plan has had, newest first."""
    rows = await plans.versions(plan_id, query)
    return PlanVersionPage.model_validate(rows.page(query))


@router.post(
    "/{plan_id}/versions/{version}/restore",
    operation_id="restorePlanVersion",
    openapi_extra=limited_as(RESTORES),
    responses=CHANGED | problems(NotFound),
)
async def restore_plan_version(
    plan_id: UUID, version: Annotated[int, Path(ge=1, le=2_147_483_647)], plans: PlanRepo, response: Response
) -> Plan:
    """Makes an older content the newest version. Restoring what is current changes nothing."""
    return _respond_with_etag(await plans.restore(plan_id, version), response)


@router.post(
    "/{plan_id}/adapt",
    operation_id="adaptPlan",
    status_code=202,
    responses=ENQUEUED,
)
async def adapt_plan(
    plan_id: UUID,
    plans: PlanRepo,
    response: Response,
    request: PlanAdapt | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Looks at what was done and proposes changes. The job's result names the proposal, or says that none is needed."""
    return accepted(await plans.adapt(plan_id, request or PlanAdapt(), idempotency_key), response)


@router.get("/{plan_id}/proposals", operation_id="listPlanProposals", responses=problems(NotFound))
async def list_plan_proposals(plan_id: UUID, query: Annotated[PageQuery, Query()], plans: PlanRepo) -> PlanProposalPage:
    """What was proposed for a plan, newest first. At most one is open.

    Of the others the last 50 that were decided and the last 50 that expired are kept.
    """
    return await plans.proposals(plan_id, query)


@router.get("/{plan_id}/proposals/{proposal_id}", operation_id="getPlanProposal", responses=TAGGED | problems(NotFound))
async def get_plan_proposal(
    plan_id: UUID, proposal_id: UUID, plans: PlanRepo, conditions: ConditionsDep
) -> PlanProposal:
    """One proposal, with the content that accepting it gives the plan."""
    proposal = PlanProposal.model_validate(await plans.proposal(plan_id, proposal_id))
    conditions.tag(row_tag(proposal.updated_at))
    return proposal


@router.post(
    "/{plan_id}/proposals/{proposal_id}/accept",
    operation_id="acceptPlanProposal",
    responses=CHANGED | problems(NotFound, Conflict),
)
async def accept_plan_proposal(plan_id: UUID, proposal_id: UUID, plans: PlanRepo, response: Response) -> Plan:
    """Makes what is proposed the plan's newest version. Accepting again changes nothing more."""
    return _respond_with_etag(await plans.accept(plan_id, proposal_id), response)


@router.post(
    "/{plan_id}/proposals/{proposal_id}/reject",
    operation_id="rejectPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def reject_plan_proposal(
    plan_id: UUID, proposal_id: UUID, plans: PlanRepo, why: ProposalReject | None = None
) -> PlanProposal:
    """Leaves the plan as it is. The same is not proposed again for four weeks unless new sets say so."""
    row = await plans.reject(plan_id, proposal_id, (why or ProposalReject()).reason)
    return PlanProposal.model_validate(row)


@router.post(
    "/{plan_id}/proposals/{proposal_id}/undo",
    operation_id="undoPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def undo_plan_proposal(plan_id: UUID, proposal_id: UUID, plans: PlanRepo) -> PlanProposal:
    """Takes back a decision: the proposal is open again, and what it changed is as it was."""
    return PlanProposal.model_validate(await plans.undo(plan_id, proposal_id))
