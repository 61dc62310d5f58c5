"""Meal plans in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.core.di import UserGatewayDep, injected
from src.core.etags import states_of
from src.core.gateway import Row, Rows, first_or_404, found
from src.core.pagination import PageQuery
from src.core.sorting import ordered
from src.plans.meal_schemas import FoodSwap, MealPlanQuery


class MealPlanSummaryRow(TypedDict):
    """A row of public.meal_plans without its content."""

    id: str
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    target_energy_kcal: int | None
    target_protein_g: int | None
    target_carbohydrate_g: int | None
    target_fat_g: int | None
    status: str
    source: str
    version: int
    created_at: str
    updated_at: str


class MealPlanRow(MealPlanSummaryRow):
    """A row of public.meal_plans, with its foods: a computed column, so that one request has both."""

    content: dict[str, Any] | None
    foods_used: list[dict[str, Any]]


SUMMARY_COLUMNS = ",".join(MealPlanSummaryRow.__annotations__)
MEAL_PLAN_COLUMNS = ",".join(MealPlanRow.__annotations__)
VERSION_COLUMNS = "version,content,changed_by,reason,created_at"


class MealPlanRepository:
    """The caller's own meal plans."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: MealPlanQuery) -> Rows:
        """A page of meal plans without their content."""
        plans = self._db.table("meal_plans").select(SUMMARY_COLUMNS, count=CountMethod.exact)
        plans = plans.eq("user_id", self._db.user_id)
        if query.status:
            plans = plans.in_("status", query.status)
        return await self._db.page(ordered(plans, query.sort).range(query.first, query.last))

    async def get(self, plan_id: UUID) -> Row:
        """One meal plan. Raises NotFound."""
        return await self._db.one(self._db.table("meal_plans").select(MEAL_PLAN_COLUMNS).eq("id", plan_id))

    async def create(self, plan: dict[str, Any], idempotency_key: str | None) -> tuple[Row, bool]:
        """The new meal plan, and whether the key had already made it."""
        return await self._db.create("create_meal_plan", plan, idempotency_key)

    async def replace(self, plan_id: UUID, plan: dict[str, Any], unchanged_since: Sequence[datetime] | None) -> Row:
        """The meal plan after the change. Raises NotFound, and PreconditionFailed when it is none of these states."""
        query = self._db.table("meal_plans").update(plan).eq("id", plan_id)
        return await self._db.change(query, MEAL_PLAN_COLUMNS, unchanged_since, lambda: self.get(plan_id))

    async def delete(self, plan_id: UUID, unchanged_since: Sequence[datetime] | None) -> None:
        """Deletes the meal plan and its history. Raises like replace()."""
        query = self._db.table("meal_plans").delete().eq("id", plan_id)
        await self._db.change(query, "id", unchanged_since, lambda: self.get(plan_id))

    async def activate(self, plan_id: UUID) -> Row:
        """The meal plan, now active; the one that was is archived. Raises NotFound, Conflict for an empty draft, and
        ValidationFailed where a food does not suit the person any more."""
        return await self._changed("activate_meal_plan", plan_id)

    async def versions(self, plan_id: UUID, query: PageQuery) -> Rows:
        """A page of the meal plan's history, newest first. Raises NotFound."""
        # The plan's own version number is how many there are, so one request knows page, total and existence.
        history = (
            self._db.table("meal_plans")
            .select(f"version,meal_plan_versions({VERSION_COLUMNS})")
            .eq("id", plan_id)
            .order("version", desc=True, foreign_table="meal_plan_versions")
            .range(query.first, query.last, foreign_table="meal_plan_versions")
        )
        plan = await self._db.one(history)
        return Rows(plan["meal_plan_versions"], plan["version"])

    async def restore(self, plan_id: UUID, version: int) -> Row:
        """The meal plan with an older content as its newest version. Raises NotFound for an unknown plan or version,
        and ValidationFailed where a food of it does not suit the person any more."""
        return await self._changed("restore_meal_plan_version", plan_id, version=version)

    async def swap(self, plan_id: UUID, swap: FoodSwap, unchanged_since: Sequence[datetime] | None) -> Row:
        """The meal plan with another food in place of an item. Raises NotFound, PreconditionFailed, and
        ValidationFailed for a place that is not there or a food that cannot stand there."""
        return await self._changed(
            "swap_meal_food", plan_id, **swap.model_dump(mode="json"), unchanged_since=states_of(unchanged_since)
        )

    async def proposals(self, plan_id: UUID, query: PageQuery) -> Rows:
        """A page of proposals, newest first, without their content. Raises NotFound."""
        asked = {"meal_plan_id": plan_id, "skip": query.first, "most": query.per_page}
        page = found(await self._db.read("meal_plan_proposals_page", asked))
        return Rows(page["items"], page["total"])

    async def proposal(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """One proposal. Raises NotFound."""
        query = self._db.table("meal_plan_proposals").select("*").eq("id", proposal_id).eq("meal_plan_id", plan_id)
        return await self._db.one(query)

    async def accept(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The meal plan with what was proposed. Raises NotFound, Conflict when it was rejected or is expired, and
        ValidationFailed where a food of it does not suit the person any more."""
        return await self._changed("accept_meal_plan_proposal", plan_id, proposal_id=str(proposal_id))

    async def reject(self, plan_id: UUID, proposal_id: UUID, reason: str | None) -> Row:
        """The proposal, rejected. Raises NotFound, and Conflict when it was accepted or is expired."""
        decision = {"meal_plan_id": str(plan_id), "proposal_id": str(proposal_id), "reason": reason}
        return first_or_404(await self._db.call("reject_meal_plan_proposal", decision))

    async def undo(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The proposal, open again, and its plan as it was. Raises NotFound, and Conflict when the plan has changed
        since, or nothing was decided."""
        decision = {"meal_plan_id": str(plan_id), "proposal_id": str(proposal_id)}
        return first_or_404(await self._db.call("undo_meal_plan_proposal", decision))

    async def _changed(self, function: str, plan_id: UUID, **params: Any) -> Row:
        given = {"meal_plan_id": str(plan_id), **params}
        return first_or_404(await self._db.call(function, given, columns=MEAL_PLAN_COLUMNS))


MealPlanRepo = Annotated[MealPlanRepository, injected(MealPlanRepository)]
