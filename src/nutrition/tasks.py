"""Jobs that make meal plans and adapt them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import RootModel

from src.ai.rule_based import MODEL as OFFLINE
from src.core.errors import ValidationFailed
from src.jobs.generation import generate_with_fallback, request_of
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.nutrition import constants as c
from src.nutrition.adapting import Adaptation, Adapted, NoSuchMeal, Sheet
from src.nutrition.choosing import Choice
from src.nutrition.composer import SLOTS, Composer, Day, NothingToEat
from src.nutrition.constants import NutritionGoal
from src.nutrition.food import Food
from src.nutrition.schemas import MealPlanAdaptation, MealPlanRequest, Rescale, SwapMeal, UseUp
from src.nutrition.solver import Solved, load
from src.nutrition.targets import MissingData, Targets, Wished, body_of, targets_of, wished_targets
from src.vocabulary import JobKind, PlanSource

log = structlog.get_logger()

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOO_LITTLE: Final = (
    "Too few foods are left by your diet, allergens, dislikes and what you exclude: they cannot make a day's meals. "
    "Add foods of your own, or exclude less."
)
# Below this share of a day's energy it is no plan.
_LEAST_OF_ENERGY: Final = 0.6


async def generate_meal_plan(job: ClaimedJob) -> dict[str, Any]:
    """Keeps a draft made by the model, or by the composer where there is none or it fails.

    Answers its id, what made it, the targets, and by what each day misses them.
    """
    request = request_of(job, MealPlanRequest)
    context = await job.call("meal_context")
    targets = _targets(context["profile"], request.goal, request.targets.wished())
    if context["made"] is not None:
        return _made_before(job, context, targets)
    await job.progress(0.1, "Choosing foods")
    await asyncio.to_thread(load)
    making = _Making(job, request, context, targets)
    choice = making.choice()
    generated = await generate_with_fallback(job, choice.prompt(lambda: choice.chosen_of(making.composed())))
    await job.progress(0.8, "Weighing portions")
    if not generated.provenance.is_rule_based:
        days = choice.days_of(generated.value)
        if await making.keep(days, PlanSource.AI):
            return making.result(days, PlanSource.AI, generated.provenance.model)
    days = making.composed()
    if not await making.keep(days, PlanSource.RULES):
        raise JobFailed("Your diet, allergens or foods changed while the plan was made; ask again.")
    return making.result(days, PlanSource.RULES, OFFLINE)


class _Making:
    """A plan that is being made."""

    def __init__(self, job: ClaimedJob, request: MealPlanRequest, context: Mapping[str, Any], targets: Targets) -> None:
        excluded = set(request.exclude)
        self.foods = [food for row in context["foods"] if (food := Food.of(row)).id not in excluded]
        if not self.foods:
            raise JobFailed(TOO_LITTLE)
        by_id = {food.id: food for food in self.foods}
        if any(food_id not in by_id for food_id in request.include):
            raise JobFailed("A food that should be included is not one that can be planned for you.")
        self.include = [by_id[food_id] for food_id in request.include]
        self.job, self.request, self.targets = job, request, targets
        self.goals: list[str] = context["person"]["goals"]
        self.composed: Callable[[], list[Day]] = cache(self._compose)

    def choice(self) -> Choice:
        """What a model is asked."""
        return Choice(
            foods=self.foods,
            targets=self.targets,
            days=self.request.days,
            slots=SLOTS[self.request.meals_per_day],
            include=self.include,
            wishes=self.request.notes,
            goals=self.goals,
        )

    async def keep(self, days: Sequence[Day], source: PlanSource) -> bool:
        """Keeps it as a draft; False when the database refuses it."""
        targets = {f"target_{name}": value for name, value in _rounded(self.targets).items()}
        plan = {
            "name": f"{self.targets.energy_kcal:,} kcal, {self.targets.protein_g:.0f} g protein",
            "goal": f"{self.request.goal.value.capitalize()} weight",
            "source": source,
            "content": content_of(days, self.request.starts_on),
            **targets,
        }
        try:
            await self.job.call("keep_generated_meal_plan", meal_plan=plan)
        except ValidationFailed:
            return False
        return True

    def result(self, days: Sequence[Day], source: PlanSource, model: str) -> dict[str, Any]:
        """What the job answers."""
        return _result(self.job, [day.solved for day in days], self.targets, source, model)

    def _compose(self) -> list[Day]:
        composer = Composer(self.foods, self.targets, self.job.id, self.include)
        try:
            days = composer.week(self.request.days, self.request.meals_per_day)
        except NothingToEat:
            raise JobFailed(TOO_LITTLE) from None
        if any(day.solved.energy_ratio < _LEAST_OF_ENERGY for day in days):
            raise JobFailed(TOO_LITTLE)
        return days


def content_of(days: Sequence[Day], starts_on: date | None) -> dict[str, Any]:
    """Days as content of a meal plan; the first is `starts_on`, or a Monday."""
    first = 0 if starts_on is None else starts_on.weekday()
    return {"days": [_day_document(day, (first + number) % 7) for number, day in enumerate(days)]}


def _rounded(targets: Targets) -> dict[str, int]:
    """As a plan keeps them."""
    return {name: round(value) for name, value in targets.document().items()}


def _day_document(day: Day, weekday: int) -> dict[str, Any]:
    meals = [
        {
            "slot": meal.slot,
            "name": meal.name,
            "notes": "",
            "items": [{"food_id": str(food.id), "grams": grams} for food, grams in items],
        }
        for meal, items in day.items()
    ]
    return {"name": WEEKDAYS[weekday], "weekday": weekday + 1, "meals": meals}


def _targets(profile: Mapping[str, Any], goal: NutritionGoal, wished: Wished) -> Targets:
    try:
        return targets_of(body_of(profile), goal, wished)
    except MissingData as missing:
        grown = profile["age"] is None or profile["age"] >= c.ADULT
        if grown and wished.energy_kcal is not None and wished.protein_g is not None:
            return wished_targets(wished)
        raise JobFailed(f"This is needed to compute targets: {missing}.") from None


def _made_before(job: ClaimedJob, context: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
    """The result of a job whose worker ended after it had kept the plan."""
    source = PlanSource(context["made"]["source"])
    sheet = Sheet.of(context["made"]["content"], [Food.of(row) for row in context["made"]["foods"]])
    model = OFFLINE if source is PlanSource.RULES else job.ai.name
    return _result(job, [sheet.solved(day, targets) for day in range(len(sheet.days))], targets, source, model)


def _result(
    job: ClaimedJob, days: Sequence[Solved], targets: Targets, source: PlanSource, model: str
) -> dict[str, Any]:
    return {
        "meal_plan_id": job.id,
        "source": source,
        "model": model,
        "targets": targets.document(),
        "explanation": [step.model_dump() for step in targets.steps],
        "residual": [day.residual() for day in days],
        "notes": _notes(days),
    }


def _notes(days: Sequence[Solved]) -> list[str]:
    missed = [number for number, day in enumerate(days, 1) if not day.fits]
    if not missed:
        return []
    which = ", ".join(map(str, missed))
    return [
        f"The foods that suit you do not reach energy and protein to 5 % on day {which}; residual says by how much."
    ]


async def adapt_meal_plan(job: ClaimedJob) -> dict[str, Any]:
    """Keeps a proposal for a meal plan.

    Answers its id (null when nothing need change), what made it, and by what each day misses what it should have.
    """
    request = request_of(job, RootModel[MealPlanAdaptation]).root
    context = await job.call("meal_context", meal_plan_id=_plan_id(job))
    if context["plan"] is None or context["plan"]["content"] is None:
        raise JobFailed("The meal plan is gone, or empty.")
    await job.progress(0.1, "Reading the meal plan")
    await asyncio.to_thread(load)
    try:
        return await _Adapting(job, context).result_of(request)
    except NothingToEat:
        raise JobFailed(TOO_LITTLE) from None
    except NoSuchMeal:
        raise JobFailed("The plan has no such meal.") from None


def _plan_id(job: ClaimedJob) -> str:
    try:
        return str(UUID(str(job.options.get("meal_plan_id"))))
    except ValueError:
        raise JobFailed("The request names no meal plan.") from None


class _Adapting:
    """A plan that is being adapted."""

    def __init__(self, job: ClaimedJob, context: Mapping[str, Any]) -> None:
        self.job, self.context = job, context
        self.adaptation = Adaptation(context, job.id)

    async def result_of(self, request: SwapMeal | Rescale | UseUp) -> dict[str, Any]:
        """What the job answers."""
        if self.context["made"] is not None:
            return self._made_before(self._targets(request) if isinstance(request, Rescale) else None)
        if isinstance(request, SwapMeal):
            return await self._swap(request)
        if isinstance(request, UseUp):
            return await self._propose(self.adaptation.used_up(request), PlanSource.RULES, OFFLINE)
        return await self._propose(self.adaptation.rescaled(self._targets(request)), PlanSource.RULES, OFFLINE)

    def _targets(self, request: Rescale) -> Targets:
        return _targets(self.context["profile"], request.goal, request.wished())

    def _made_before(self, targets: Targets | None) -> dict[str, Any]:
        """The result of a job whose worker ended after it had kept the proposal."""
        made = self.context["made"]
        source = PlanSource(made["source"])
        model = OFFLINE if source is PlanSource.RULES else self.job.ai.name
        days = self.adaptation.measured(made, targets)
        return {**self._answer(days, source, model, _notes(days)), "proposal_id": self.job.id}

    async def _swap(self, request: SwapMeal) -> dict[str, Any]:
        await self.job.progress(0.3, "Choosing another meal")
        composed = cache(lambda: self.adaptation.other_meal(request))
        choice = self.adaptation.swap_choice(request)
        generated = await generate_with_fallback(self.job, choice.prompt(lambda: choice.chosen_of([composed()])))
        if not generated.provenance.is_rule_based:
            (meal,) = choice.days_of(generated.value)
            try:
                return await self._propose(
                    self.adaptation.swapped(request, meal), PlanSource.AI, generated.provenance.model
                )
            except JobFailed:
                log.warning("answered by rules", job_id=self.job.id, error="refused")
        return await self._propose(self.adaptation.swapped(request, composed()), PlanSource.RULES, OFFLINE)

    async def _propose(self, adapted: Adapted, source: PlanSource, model: str) -> dict[str, Any]:
        answer = self._answer(adapted.days, source, model, [*adapted.notes, *_notes(adapted.days)])
        if not adapted.changes:
            return {**answer, "notes": ["Nothing needs to change.", *adapted.notes]}
        await self.job.progress(0.8, "Writing the proposal")
        kept = await self._kept(adapted, source)
        if kept is None:
            raise JobFailed("The meal plan is gone.")
        return {**answer, "proposal_id": kept["id"]}

    def _answer(self, days: Sequence[Solved], source: PlanSource, model: str, notes: Sequence[str]) -> dict[str, Any]:
        return {
            "proposal_id": None,
            "meal_plan_id": self.context["plan"]["id"],
            "source": source,
            "model": model,
            "residual": [day.residual() for day in days],
            "notes": list(notes),
        }

    async def _kept(self, adapted: Adapted, source: PlanSource) -> Any:
        plan = self.context["plan"]
        proposal = {
            "meal_plan_id": plan["id"],
            "base_version": plan["version"],
            "content": adapted.content,
            "changes": adapted.changes,
            "targets": adapted.targets and _rounded(adapted.targets),
            "source": source,
        }
        try:
            return await self.job.call("keep_meal_plan_proposal", proposal=proposal)
        except ValidationFailed:
            raise JobFailed("Your diet, allergens or foods changed while the proposal was made; ask again.") from None


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.GENERATE_MEAL_PLAN: generate_meal_plan,
    JobKind.ADAPT_MEAL_PLAN: adapt_meal_plan,
}
