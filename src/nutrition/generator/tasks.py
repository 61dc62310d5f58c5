"""The job that makes a meal plan: from a model's foods, or by rules where there is no model or it fails."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, Final

from src.core.errors import ValidationFailed
from src.jobs.generation import BY_RULES, Provenance, generate_with_fallback, parse_request
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.nutrition.draft import MealPlanDraft
from src.nutrition.errors import TooFewFoods, UnplannableFood
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import ComposedDay, content_of
from src.nutrition.generator.food_choice import FoodChoice
from src.nutrition.generator.templates import SLOTS
from src.nutrition.ingredients import Ingredient
from src.nutrition.jobs import EarlierResult, MealContext, load_meal_context, planning_errors, report
from src.nutrition.schemas import MealPlanRequest
from src.nutrition.solver import Solution, load_scipy
from src.nutrition.targets import Targets, targets_for
from src.vocabulary import JobKind, PlanKind

# A plan whose days have a smaller share of their energy is rejected.
_MIN_ENERGY_RATIO: Final = 0.6


async def generate_meal_plan(job: ClaimedJob) -> dict[str, Any]:
    """Stores a draft under the job's id, once, however often it is tried.

    Answers its id, what made it, the targets, and by what each day misses them.
    """
    request = parse_request(job, MealPlanRequest)
    context = await load_meal_context(job)
    with planning_errors():
        targets = targets_for(context.profile, request.goal, request.targets.overrides())
        if context.made is not None:
            made_by = Provenance.stored(context.made.source, context.made.model)
            return _result(job, _measure_days(context.made, targets), targets, made_by, context.notes)
        await job.progress(0.1, "Choosing foods")
        await asyncio.to_thread(load_scipy)
        return await _Generation(job, request, context, targets).run()


class _Generation:
    """A meal plan that is being made. Raises UnplannableFood and TooFewFoods."""

    def __init__(self, job: ClaimedJob, request: MealPlanRequest, context: MealContext, targets: Targets) -> None:
        self._job, self._request, self._targets = job, request, targets
        excluded = set(request.exclude)
        self._foods = [food for food in context.ingredients if food.id not in excluded]
        if not self._foods:
            raise TooFewFoods
        self._include = _find_included(self._foods, request)
        self._goals = context.person.goals
        self._notes = context.notes

    async def run(self) -> dict[str, Any]:
        """The result of the job. Raises JobFailed when the person's foods have changed meanwhile."""
        choice = self._choice()
        generated = await generate_with_fallback(self._job, choice.prompt(lambda: self._by_rules))
        await self._job.progress(0.8, "Weighing portions")
        if not generated.provenance.is_rule_based:
            days = choice.solve(generated.value)
            if await self._store(days, generated.provenance):
                return self._result_of(days, generated.provenance)
        if not await self._store(self._by_rules, BY_RULES):
            raise JobFailed("Your diet, allergens or foods changed while the plan was made; ask again.")
        return self._result_of(self._by_rules, BY_RULES)

    @cached_property
    def _by_rules(self) -> list[ComposedDay]:
        composer = Composer(self._foods, self._targets, self._job.id, self._include)
        days = composer.compose_week(self._request.days, self._request.meals_per_day)
        if any(day.solution.energy_ratio < _MIN_ENERGY_RATIO for day in days):
            raise TooFewFoods
        return days

    def _choice(self) -> FoodChoice:
        return FoodChoice(
            foods=self._foods,
            targets=self._targets,
            days=self._request.days,
            slots=SLOTS[self._request.meals_per_day],
            include=self._include,
            notes=self._request.notes,
            goals=self._goals,
        )

    async def _store(self, days: Sequence[ComposedDay], made_by: Provenance) -> bool:
        """Stores the draft; False when the database refuses it."""
        plan = {
            "kind": PlanKind.MEAL,
            "name": f"{self._targets.energy_kcal:,} kcal, {self._targets.protein_g:.0f} g protein",
            "goal": f"{self._request.goal.value.capitalize()} weight",
            **made_by.columns(),
            "content": content_of(days, self._request.starts_on).model_dump(mode="json"),
            **{f"target_{name}": value for name, value in self._targets.columns().items()},
        }
        try:
            await self._job.call("keep_generated_plan", plan=plan)
        except ValidationFailed:
            return False
        return True

    def _result_of(self, days: Sequence[ComposedDay], made_by: Provenance) -> dict[str, Any]:
        return _result(self._job, [day.solution for day in days], self._targets, made_by, self._notes)


def _find_included(foods: Sequence[Ingredient], request: MealPlanRequest) -> list[Ingredient]:
    by_id = {food.id: food for food in foods}
    if any(food_id not in by_id for food_id in request.include):
        raise UnplannableFood
    return [by_id[food_id] for food_id in request.include]


def _measure_days(made: EarlierResult, targets: Targets) -> list[Solution]:
    draft = MealPlanDraft.from_facts(made.content, made.foods)
    return draft.measure_days([targets] * len(draft.days))


def _result(
    job: ClaimedJob, days: Sequence[Solution], targets: Targets, made_by: Provenance, notes: Sequence[str]
) -> dict[str, Any]:
    return {
        "meal_plan_id": job.id,
        **asdict(made_by),
        "targets": targets.document(),
        "explanation": [step.model_dump() for step in targets.steps],
        **report(days, notes),
    }


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {JobKind.GENERATE_MEAL_PLAN: generate_meal_plan}
