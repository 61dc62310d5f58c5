"""Plans that follow the training: proposals, each change with its rule and the sets that caused it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.core.errors import Conflict, Forbidden, NotFound, TooManyRequests
from src.core.etags import TAGGED, ConditionsDep, row_tag
from src.core.pagination import PageQuery
from src.core.problems import problems
from src.core.route import api_router
from src.jobs.accepted import ACCEPTED, accepted
from src.jobs.schemas import Job
from src.plans.proposal_repository import ProposalRepo
from src.plans.proposal_schemas import PlanProposal, PlanProposalPage, ProposalReject
from src.plans.router import CHANGED, tagged
from src.plans.schemas import Plan
from src.training.adapter.request import PlanAdapt

router = api_router("/api/v1/plans", tags=["plans"])


@router.post(
    "/{plan_id}/adapt",
    operation_id="adaptPlan",
    status_code=202,
    responses=ACCEPTED | problems(NotFound, Conflict, Forbidden, TooManyRequests),
)
async def adapt_plan(
    plan_id: UUID, proposals: ProposalRepo, response: Response, wanted: PlanAdapt | None = None
) -> Job:
    """Looks at what was done and proposes changes. The job's result names the proposal, or says that none is needed."""
    job = await proposals.ask(plan_id, (wanted or PlanAdapt()).model_dump(mode="json"))
    return accepted(job, response)


@router.get("/{plan_id}/proposals", operation_id="listPlanProposals", responses=problems(NotFound))
async def list_plan_proposals(
    plan_id: UUID, query: Annotated[PageQuery, Query()], proposals: ProposalRepo
) -> PlanProposalPage:
    """What was proposed for a plan, newest first. At most one is open."""
    rows = await proposals.page(plan_id, query.first, query.per_page)
    return PlanProposalPage.model_validate(rows.page(query))


@router.get("/{plan_id}/proposals/{proposal_id}", operation_id="getPlanProposal", responses=TAGGED | problems(NotFound))
async def get_plan_proposal(
    plan_id: UUID, proposal_id: UUID, proposals: ProposalRepo, conditions: ConditionsDep
) -> PlanProposal:
    """One proposal, with the content that accepting it gives the plan."""
    proposal = PlanProposal.model_validate(await proposals.get(plan_id, proposal_id))
    conditions.tag(row_tag(proposal.updated_at))
    return proposal


@router.post(
    "/{plan_id}/proposals/{proposal_id}/accept",
    operation_id="acceptPlanProposal",
    responses=CHANGED | problems(NotFound, Conflict),
)
async def accept_plan_proposal(plan_id: UUID, proposal_id: UUID, proposals: ProposalRepo, response: Response) -> Plan:
    """Makes what is proposed the plan's newest version. Accepting again changes nothing more."""
    return tagged(await proposals.accept(plan_id, proposal_id), response)


@router.post(
    "/{plan_id}/proposals/{proposal_id}/reject",
    operation_id="rejectPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def reject_plan_proposal(
    plan_id: UUID, proposal_id: UUID, proposals: ProposalRepo, why: ProposalReject | None = None
) -> PlanProposal:
    """Leaves the plan as it is. The same is not proposed again for four weeks unless new sets say so."""
    row = await proposals.reject(plan_id, proposal_id, (why or ProposalReject()).reason)
    return PlanProposal.model_validate(row)


@router.post(
    "/{plan_id}/proposals/{proposal_id}/undo",
    operation_id="undoPlanProposal",
    responses=problems(NotFound, Conflict),
)
async def undo_plan_proposal(plan_id: UUID, proposal_id: UUID, proposals: ProposalRepo) -> PlanProposal:
    """Takes back a decision: the proposal is open again, and what it changed is as it was."""
    return PlanProposal.model_validate(await proposals.undo(plan_id, proposal_id))
