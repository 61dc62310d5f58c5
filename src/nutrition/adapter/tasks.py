"""The job that adapts a meal plan. It makes a proposal, which the person accepts or rejects."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final

import structlog
from pydantic import RootModel

from src.core.errors import ValidationFailed
from src.jobs.generation import BY_RULES, Provenance, generate_with_fallback, parse_request, plan_id_of
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.nutrition.adapter.engine import MealPlanAdapter
from src.nutrition.adapter.revision import AdaptedMealPlan
from src.nutrition.jobs import EarlierResult, MealContext, MealPlanToAdapt, load_meal_context, planning_errors, report
from src.nutrition.schemas import MealPlanAdaptation, Rescale, SwapMealInput, UseUp
from src.nutrition.solver import load_scipy
from src.nutrition.targets import Targets, targets_for
from src.vocabulary import JobKind, PlanKind

log = structlog.get_logger()


async def adapt_meal_plan(job: ClaimedJob) -> dict[str, Any]:
    """Stores a proposal for a meal plan under the job's id, once, however often it is tried.

    Returns its id (null without changes), what made it, and by how much each day misses its targets.
    """
    request = parse_request(job, RootModel[MealPlanAdaptation]).root
    context = await load_meal_context(job, plan_id_of(job))
    if context.plan is None or context.plan.content is None:
        raise JobFailed("The meal plan is gone, or empty.")
    await job.progress(0.1, "Reading the meal plan")
    await asyncio.to_thread(load_scipy)
    with planning_errors():
        adapter = MealPlanAdapter(context, context.plan, context.plan.content, job.id)
        return await _Adaptation(job, context, context.plan, adapter).run(request)


@dataclass(frozen=True)
class _Adaptation:
    """A meal plan that is being adapted."""

    job: ClaimedJob
    context: MealContext
    plan: MealPlanToAdapt
    adapter: MealPlanAdapter

    async def run(self, request: SwapMealInput | Rescale | UseUp) -> dict[str, Any]:
        """The result of the job. Raises JobFailed, MealPlanningError and MissingNutritionData."""
        if self.context.made is not None:
            return self._earlier_result(self.context.made, request)
        if isinstance(request, SwapMealInput):
            return await self._swap(request)
        if isinstance(request, UseUp):
            return await self._propose(self.adapter.use_up(request), BY_RULES)
        return await self._propose(self.adapter.rescale(self._targets(request)), BY_RULES)

    def _targets(self, request: Rescale) -> Targets:
        return targets_for(self.context.profile, request.goal, request.overrides())

    def _earlier_result(self, made: EarlierResult, request: SwapMealInput | Rescale | UseUp) -> dict[str, Any]:
        targets = self._targets(request) if isinstance(request, Rescale) else None
        days = self.adapter.measure(made, targets)
        return self._result(Provenance.stored(made.source, made.model), report(days), self.job.id)

    async def _swap(self, request: SwapMealInput) -> dict[str, Any]:
        await self.job.progress(0.3, "Choosing another meal")
        composed = cache(lambda: self.adapter.compose_other_meal(request))
        choice = self.adapter.swap_choice(request)
        generated = await generate_with_fallback(self.job, choice.prompt(lambda: [composed()]))
        if not generated.provenance.is_rule_based:
            (day,) = choice.solve(generated.value)
            try:
                return await self._propose(self.adapter.swap(request, day), generated.provenance)
            except JobFailed:
                log.warning("answered by rules", job_id=self.job.id, error="refused")
        return await self._propose(self.adapter.swap(request, composed()), BY_RULES)

    async def _propose(self, adapted: AdaptedMealPlan, made_by: Provenance) -> dict[str, Any]:
        """Stores the proposal, if there is a change. Raises JobFailed when the plan or the foods have changed."""
        measured = report(adapted.days, adapted.notes)
        if not adapted.changes:
            notes = ["Nothing needs to change.", *adapted.notes]
            return self._result(made_by, {**measured, "notes": notes}, None)
        await self.job.progress(0.8, "Writing the proposal")
        proposal = {
            "kind": PlanKind.MEAL,
            "plan_id": self.plan.id,
            "base_version": self.plan.version,
            "content": adapted.content.model_dump(mode="json"),
            "changes": adapted.changes,
            "targets": adapted.targets and adapted.targets.columns(),
            **made_by.columns(),
        }
        try:
            await self.job.call("keep_plan_proposal", proposal=proposal)
        except ValidationFailed:
            raise JobFailed("Your diet, allergens or foods changed while the proposal was made; ask again.") from None
        return self._result(made_by, measured, self.job.id)

    def _result(self, made_by: Provenance, measured: dict[str, Any], proposal_id: str | None) -> dict[str, Any]:
        return {"proposal_id": proposal_id, "meal_plan_id": str(self.plan.id), **asdict(made_by), **measured}


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {JobKind.ADAPT_MEAL_PLAN: adapt_meal_plan}
