"""Proposals for plans in the database."""

from typing import Annotated, Any
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.documents import parsed
from src.core.gateway import Row, Rows, first_or_404, found
from src.jobs.schemas import Job

COLUMNS = "id,plan_id,base_version,status,source,changes,content,reason,decided_at,created_at,updated_at"


class ProposalRepository:
    """Proposals for the caller's own plans."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def ask(self, plan_id: UUID, wanted: dict[str, Any]) -> Job:
        """The job, or the one that does just this already. Raises NotFound, and Conflict for an empty plan, too many
        jobs under way or the day's last one."""
        job = found(await self._db.call("adapt_plan", {"plan_id": str(plan_id), **wanted}))
        return parsed(Job.model_validate, job)

    async def page(self, plan_id: UUID, first: int, count: int) -> Rows:
        """A page of a plan's proposals, newest first, without their content. Raises NotFound."""
        page = found(await self._db.read("plan_proposals_page", {"plan_id": plan_id, "skip": first, "most": count}))
        return Rows(page["items"], page["total"])

    async def get(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """One proposal. Raises NotFound."""
        proposals = self._db.table("plan_proposals").select(COLUMNS).eq("id", proposal_id).eq("plan_id", plan_id)
        return await self._db.one(proposals)

    async def accept(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The plan with it. Raises NotFound, and Conflict when it is over or does not fit any more."""
        return await self._decide("accept", plan_id, proposal_id)

    async def reject(self, plan_id: UUID, proposal_id: UUID, reason: str | None) -> Row:
        """The proposal, rejected. Raises NotFound, and Conflict when it is over."""
        return await self._decide("reject", plan_id, proposal_id, reason=reason)

    async def undo(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The proposal, open again. Raises NotFound, and Conflict when the plan has gone another way."""
        return await self._decide("undo", plan_id, proposal_id)

    async def _decide(self, what: str, plan_id: UUID, proposal_id: UUID, **more: str | None) -> Row:
        which = {"plan_id": str(plan_id), "proposal_id": str(proposal_id)}
        return first_or_404(await self._db.call(f"{what}_plan_proposal", {**which, **more}))


ProposalRepo = Annotated[ProposalRepository, injected(ProposalRepository)]
