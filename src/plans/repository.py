"""Plans of either kind in the database: one table, told apart by `kind`, and the same functions for both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypedDict, TypeVar, cast
from uuid import UUID

from postgrest import AsyncPostgrestClient, CountMethod

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.etags import to_timestamps
from src.core.gateway import OWNER, Query, Row, Rows, RowsJson, first_or_404, object_or_404
from src.core.pagination import PageQuery
from src.core.sorting import ordered
from src.jobs.schemas import Job
from src.nutrition.schemas import MealPlanRequest, Rescale, SwapMealInput, UseUp
from src.plans.meal_schemas import FoodSwap, MealPlanReplace
from src.plans.proposals import MealPlanProposalPage, PlanProposalPage
from src.plans.schemas import PlanQuery, PlanReplace
from src.training.adapter.request import PlanAdapt
from src.training.generator.preferences import PlanRequest
from src.vocabulary import PlanKind, ProposalStatus

ProposalPageT = TypeVar("ProposalPageT", PlanProposalPage, MealPlanProposalPage)


class PlanHeadRow(TypedDict):
    """What a row of public.plans has whatever its kind, without its content."""

    id: str
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    status: str
    source: str
    version: int
    created_at: str
    updated_at: str


class WorkoutPlanSummaryRow(PlanHeadRow):
    """A workout plan without its content."""

    days_per_week: int | None


class WorkoutPlanRow(WorkoutPlanSummaryRow):
    """A workout plan."""

    content: dict[str, Any] | None


class MealPlanSummaryRow(PlanHeadRow):
    """A meal plan without its content."""

    target_energy_kcal: int | None
    target_protein_g: int | None
    target_carbohydrate_g: int | None
    target_fat_g: int | None


class MealPlanRow(MealPlanSummaryRow):
    """A meal plan with its foods: a computed column, so that one request has both."""

    content: dict[str, Any] | None
    foods_used: list[dict[str, Any]]


class PlanProposalRow(TypedDict):
    """A row of public.plan_proposals; `targets` only of meal plans."""

    id: str
    plan_id: str
    base_version: int
    status: str
    source: str
    changes: list[dict[str, Any]]
    targets: dict[str, int | None] | None
    content: dict[str, Any]
    reason: str | None
    decided_at: str | None
    created_at: str
    updated_at: str


SUMMARY_COLUMNS = ",".join(WorkoutPlanSummaryRow.__annotations__)
PROPOSAL_COLUMNS = ",".join(PlanProposalRow.__annotations__)
VERSION_COLUMNS = "version,content,changed_by,reason,accepted,created_at"


class PlanRepository(Generic[ProposalPageT]):
    """The caller's own plans of one kind. Every method that names a plan raises NotFound where there is none."""

    kind: ClassVar[PlanKind]
    summary: ClassVar[str]
    """The columns of a plan in a list."""
    whole: ClassVar[str]
    """The columns of a plan with its content."""
    proposal_page: type[ProposalPageT]

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: PlanQuery) -> RowsJson:
        """A page of plans without their content."""

        def write(db: AsyncPostgrestClient) -> Query:
            plans = db.from_("plans").select(self.summary, count=CountMethod.exact)
            plans = plans.eq("user_id", OWNER).eq("kind", self.kind)
            if query.status:
                plans = plans.in_("status", query.status)
            return cast("Query", ordered(plans, query.sort).range(query.first, query.last))

        key = ("plans", self.kind, tuple(query.status), query.sort, query.first, query.last)
        return await self._db.page_json(key, write)

    async def get(self, plan_id: UUID) -> Row:
        """One plan."""
        return await self._db.one(self._of(self._db.table("plans").select(self.whole), plan_id))

    async def create(self, plan: dict[str, Any], idempotency_key: str | None) -> tuple[Row, bool]:
        """The new plan, and whether the key had already made it."""
        return await self._db.create("create_plan", {"kind": self.kind, **plan}, idempotency_key)

    async def replace(
        self, plan_id: UUID, plan: PlanReplace | MealPlanReplace, unchanged_since: Sequence[datetime] | None
    ) -> Row:
        """The plan after the change. Raises PreconditionFailed when it is none of the expected states, and
        ValidationFailed where the content is not sound for the person."""
        columns = plan.model_dump(mode="json", exclude=None if plan.status else {"status"})
        query = self._of(self._db.table("plans").update(columns), plan_id)
        return await self._db.change(query, self.whole, unchanged_since, lambda: self.get(plan_id))

    async def delete(self, plan_id: UUID, unchanged_since: Sequence[datetime] | None) -> None:
        """Deletes the plan, its history and its proposals. Raises like replace()."""
        query = self._of(self._db.table("plans").delete(), plan_id)
        await self._db.change(query, "id", unchanged_since, lambda: self.get(plan_id))

    async def activate(self, plan_id: UUID) -> Row:
        """The plan, now active; the one that was is archived. Raises Conflict for an empty draft, and ValidationFailed
        where the content no longer suits the person."""
        return await self._changed("activate_plan", plan_id)

    async def versions(self, plan_id: UUID, query: PageQuery) -> Rows:
        """A page of the plan's history, newest first."""
        # The plan's own version number is how many there are, so one request knows page, total and existence.
        history = (
            self._of(self._db.table("plans").select(f"version,plan_versions({VERSION_COLUMNS})"), plan_id)
            .order("version", desc=True, foreign_table="plan_versions")
            .range(query.first, query.last, foreign_table="plan_versions")
        )
        plan = await self._db.one(history)
        return Rows(plan["plan_versions"], plan["version"])

    async def restore(self, plan_id: UUID, version: int) -> Row:
        """The plan with an older content as its newest version. Raises NotFound for an unknown version too, and
        ValidationFailed where the content no longer suits the person."""
        return await self._changed("restore_plan_version", plan_id, version=version)

    async def proposals(self, plan_id: UUID, query: PageQuery) -> ProposalPageT:
        """A page of the plan's proposals, newest first, without their content."""
        asked = {"kind": self.kind, "plan_id": plan_id, "page_offset": query.first, "page_limit": query.per_page}
        page = object_or_404(await self._db.read("plan_proposals_page", asked))
        return parse_document(
            self.proposal_page.model_validate, {**page, "page": query.page, "per_page": query.per_page}
        )

    async def proposal(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """One proposal."""
        proposals = self._db.table("plan_proposals").select(PROPOSAL_COLUMNS).eq("id", proposal_id)
        return await self._db.one(proposals.eq("plan_id", plan_id).eq("kind", self.kind))

    async def accept(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The plan with what was proposed. Raises Conflict when the proposal was rejected or has expired, and
        ValidationFailed where its content no longer suits the person."""
        return await self._changed("accept_plan_proposal", plan_id, proposal_id=str(proposal_id))

    async def reject(self, plan_id: UUID, proposal_id: UUID, reason: str | None) -> Row:
        """The proposal, rejected. Raises Conflict when it was accepted or has expired."""
        return await self._decided("reject_plan_proposal", plan_id, proposal_id, reason=reason)

    async def undo(self, plan_id: UUID, proposal_id: UUID) -> Row:
        """The proposal, open again, and its plan as it was. Raises Conflict when the plan has changed since, or nothing
        was decided."""
        return await self._decided("undo_plan_proposal", plan_id, proposal_id)

    def _of(self, query: Any, plan_id: UUID) -> Any:
        return query.eq("id", plan_id).eq("kind", self.kind)

    def _named(self, plan_id: UUID, **params: Any) -> dict[str, Any]:
        return {"kind": self.kind, "plan_id": str(plan_id), **params}

    async def _changed(self, function: str, plan_id: UUID, **params: Any) -> Row:
        return first_or_404(await self._db.call(function, self._named(plan_id, **params), columns=self.whole))

    async def _decided(self, function: str, plan_id: UUID, proposal_id: UUID, **params: Any) -> Row:
        decision = self._named(plan_id, proposal_id=str(proposal_id), **params)
        return first_or_404(await self._db.call(function, decision, columns=PROPOSAL_COLUMNS))


class WorkoutPlanRepository(PlanRepository[PlanProposalPage]):
    """The caller's own workout plans."""

    kind = PlanKind.WORKOUT
    summary = SUMMARY_COLUMNS
    whole = ",".join(WorkoutPlanRow.__annotations__)
    proposal_page = PlanProposalPage

    async def generate(self, request: PlanRequest, idempotency_key: str | None) -> Job:
        """The job that makes a plan, or the one that does just this already, or that the key has made.

        Raises ValidationFailed naming what the profile lacks, Forbidden for guests, TooManyRequests, and Conflict.
        """
        # What is left out stays so: the profile may say it by the time the plan is made.
        given = {"request": request.model_dump_json(exclude_unset=True), "idempotency_key": idempotency_key}
        return parse_document(Job.model_validate, await self._db.call("generate_plan", given))

    async def adapt(self, plan_id: UUID, request: PlanAdapt, idempotency_key: str | None) -> Job:
        """The job, like generate(). Raises Conflict for an empty plan or too many jobs at
        once, Forbidden for guests, and TooManyRequests."""
        given = {"plan_id": str(plan_id), **request.model_dump(mode="json"), "idempotency_key": idempotency_key}
        return parse_document(Job.model_validate, object_or_404(await self._db.call("adapt_plan", given)))

    async def open_proposal(self, plan_id: UUID) -> list[Row]:
        """The newest open proposal for the plan, a row of OpenProposal; empty when nothing is proposed."""
        open_ones = self._db.table("plan_proposals").select("id,plan_id,changes").eq("plan_id", plan_id)
        open_ones = open_ones.eq("kind", self.kind).eq("status", ProposalStatus.OPEN)
        return await self._db.rows(open_ones.order("created_at", desc=True).order("id", desc=True).limit(1))


class MealPlanRepository(PlanRepository[MealPlanProposalPage]):
    """The caller's own meal plans."""

    kind = PlanKind.MEAL
    summary = ",".join(MealPlanSummaryRow.__annotations__)
    whole = ",".join(MealPlanRow.__annotations__)
    proposal_page = MealPlanProposalPage

    async def swap(self, plan_id: UUID, swap: FoodSwap, unchanged_since: Sequence[datetime] | None) -> Row:
        """The meal plan with another food in place of an item. Raises PreconditionFailed, and ValidationFailed for a
        place that is not there or a food that cannot stand there."""
        given = {
            "plan_id": str(plan_id),
            **swap.model_dump(mode="json"),
            "unchanged_since": to_timestamps(unchanged_since),
        }
        return first_or_404(await self._db.call("swap_meal_food", given, columns=self.whole))

    async def generate(self, request: MealPlanRequest, idempotency_key: str | None) -> Job:
        """The job that makes a meal plan, or the one that does just this already, or that the key has made.

        Raises ValidationFailed naming what is missing, Forbidden for guests, Conflict and TooManyRequests.
        """
        given = {"request": request.model_dump_json(), "idempotency_key": idempotency_key}
        return parse_document(Job.model_validate, await self._db.call("generate_meal_plan", given))

    async def adapt(self, plan_id: UUID, request: SwapMealInput | Rescale | UseUp, idempotency_key: str | None) -> Job:
        """The job, like generate(). Raises what generate() does."""
        given = {
            "plan_id": str(plan_id),
            "request": request.model_dump_json(),
            "idempotency_key": idempotency_key,
        }
        return parse_document(Job.model_validate, object_or_404(await self._db.call("adapt_meal_plan", given)))


PlanRepo = Annotated[WorkoutPlanRepository, injected(WorkoutPlanRepository)]
MealPlanRepo = Annotated[MealPlanRepository, injected(MealPlanRepository)]
