"""Plans in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.core.di import UserGatewayDep, injected
from src.core.documents import parsed
from src.core.gateway import Row, Rows, first_or_404
from src.core.sorting import ordered
from src.jobs.schemas import Job
from src.plans.schemas import PlanQuery


class PlanSummaryRow(TypedDict):
    """A row of public.plans without its content."""

    id: str
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    days_per_week: int | None
    status: str
    source: str
    version: int
    created_at: str
    updated_at: str


class PlanRow(PlanSummaryRow):
    """A row of public.plans."""

    content: dict[str, Any] | None


SUMMARY_COLUMNS = ",".join(PlanSummaryRow.__annotations__)
PLAN_COLUMNS = ",".join(PlanRow.__annotations__)
VERSION_COLUMNS = "version,content,changed_by,reason,created_at"


class PlanRepository:
    """The caller's own plans."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: PlanQuery) -> Rows:
        """A page of plans without their content."""
        plans = self._db.table("plans").select(SUMMARY_COLUMNS, count=CountMethod.exact).eq("user_id", self._db.user_id)
        if query.status:
            plans = plans.in_("status", query.status)
        return await self._db.page(ordered(plans, query.sort).range(query.first, query.last))

    async def get(self, plan_id: UUID) -> Row:
        """One plan. Raises NotFound."""
        return await self._db.one(self._db.table("plans").select(PLAN_COLUMNS).eq("id", plan_id))

    async def create(self, plan: dict[str, Any], idempotency_key: str | None) -> tuple[Row, bool]:
        """The new plan, and whether the key had already made it."""
        return await self._db.create("create_plan", plan, idempotency_key)

    async def generate(self, wishes: str, dedupe_key: str) -> Job:
        """The job that makes a plan, or the one that does just this already. `wishes` is JSON.

        Raises ValidationFailed naming what the profile lacks, Forbidden for guests, TooManyRequests, and Conflict.
        """
        wanted = {"request": wishes, "dedupe_key": dedupe_key}
        return parsed(Job.model_validate, await self._db.call("generate_plan", wanted))

    async def replace(self, plan_id: UUID, plan: dict[str, Any], unchanged_since: Sequence[datetime] | None) -> Row:
        """The plan after the change. Raises NotFound, and PreconditionFailed when it is none of the expected states."""
        query = self._db.table("plans").update(plan).eq("id", plan_id)
        return await self._db.change(query, PLAN_COLUMNS, unchanged_since, lambda: self.get(plan_id))

    async def delete(self, plan_id: UUID, unchanged_since: Sequence[datetime] | None) -> None:
        """Deletes the plan and its history. Raises like replace()."""
        query = self._db.table("plans").delete().eq("id", plan_id)
        await self._db.change(query, "id", unchanged_since, lambda: self.get(plan_id))

    async def activate(self, plan_id: UUID) -> Row:
        """The plan, now active; the one that was is archived. Raises NotFound, and Conflict for an empty draft."""
        return first_or_404(await self._db.call("activate_plan", {"plan_id": str(plan_id)}))

    async def versions(self, plan_id: UUID, first: int, count: int) -> Rows:
        """A page of the plan's history, newest first. Raises NotFound."""
        # The plan's own version number is how many there are, so one request knows page, total and existence.
        query = (
            self._db.table("plans")
            .select(f"version,plan_versions({VERSION_COLUMNS})")
            .eq("id", plan_id)
            .order("version", desc=True, foreign_table="plan_versions")
            .range(first, first + count - 1, foreign_table="plan_versions")
        )
        plan = await self._db.one(query)
        return Rows(plan["plan_versions"], plan["version"])

    async def restore(self, plan_id: UUID, version: int) -> Row:
        """The plan with an older content as its newest version. Raises NotFound for an unknown plan or version."""
        return first_or_404(await self._db.call("restore_plan_version", {"plan_id": str(plan_id), "version": version}))


PlanRepo = Annotated[PlanRepository, injected(PlanRepository)]
