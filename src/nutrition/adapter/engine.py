"""Adapts a meal plan: another meal, other targets, leftovers used up. Foods that no longer suit are always replaced.

Pure. Each change names its rule, the meal that changed and why. The result reports by how much a day still
misses its targets.
"""

from typing import Final

from src.nutrition.adapter.conflicts import replace_conflicts
from src.nutrition.adapter.leftovers import coming_days, use_leftover
from src.nutrition.adapter.revision import AdaptedMealPlan, ChangeReason, MealPlace, MealPlanRevision
from src.nutrition.adapter.weighing import DayWeigher, ItemPlace
from src.nutrition.content import MealPlanContent
from src.nutrition.draft import MealPlanDraft, PlannedMeal
from src.nutrition.errors import NoSuchMeal, UnplannableFood
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import ComposedDay
from src.nutrition.generator.food_choice import FoodChoice
from src.nutrition.generator.pool import FoodPool
from src.nutrition.jobs import EarlierResult, MealContext, MealPlanToAdapt
from src.nutrition.schemas import SwapMealInput, UseUp
from src.nutrition.solver import Solution
from src.nutrition.targets import Targets

_MAX_SWAP_ATTEMPTS: Final = 8
# With fewer foods than this besides those of the old meal, the old ones may come again.
_MIN_OTHER_FOODS: Final = 12
_MAX_ENERGY_SHARE_IN_SWAP: Final = 1.6


class MealPlanAdapter:
    """Adapts one plan for one person; `seed` decides between equals."""

    def __init__(self, context: MealContext, plan: MealPlanToAdapt, content: MealPlanContent, seed: str) -> None:
        self._foods = context.ingredients
        self._pool = FoodPool(self._foods)
        self._person = context.person
        self._conflicts = frozenset(food.id for food in plan.foods if food.conflict)
        self._before = MealPlanDraft.from_facts(content, plan.foods)
        self._seed = seed

    def rescale(self, targets: Targets) -> AdaptedMealPlan:
        """Rescales every day to these targets."""
        revision = self._begin([targets] * len(self._before.days))
        for day in range(len(self._before.days)):
            replace_conflicts(revision, day, self._conflicts, self._pool)
            self._weigher(revision).scale(day, targets)
        words = f"The day is to have {targets.energy_kcal} kcal and {targets.protein_g:.0f} g of protein."
        return revision.to_proposal(ChangeReason("rescale", words), targets)

    def use_up(self, request: UseUp) -> AdaptedMealPlan:
        """Puts these foods into the coming days. Raises UnplannableFood."""
        revision = self._without_conflicts()
        by_id = {food.id: food for food in self._foods}
        days = coming_days(self._before.headings, self._person.weekday)
        placed: dict[int, set[ItemPlace]] = {}
        for leftover in request.foods:
            food = by_id.get(leftover.food_id)
            if food is None:
                raise UnplannableFood
            use_leftover(revision, food, leftover.grams, days, placed)
        for day, items in placed.items():
            self._weigher(revision).weigh_around(day, revision.targets[day], {food_id for _, food_id in items})
        return revision.to_proposal()

    def swap_choice(self, request: SwapMealInput) -> FoodChoice:
        """A model's choice of another meal. Raises NoSuchMeal."""
        meal = self._meal(request)
        return FoodChoice(
            foods=self._foods,
            targets=Targets.from_nutrients(meal.totals),
            days=1,
            slots=(meal.slot,),
            instead_of=[food for food, _ in meal.items],
            notes=request.notes,
            goals=self._person.goals,
            max_energy_share=_MAX_ENERGY_SHARE_IN_SWAP,
        )

    def compose_other_meal(self, request: SwapMealInput) -> ComposedDay:
        """Another meal with the same energy and protein, as a day. Raises NoSuchMeal and TooFewFoods."""
        meal = self._meal(request)
        targets = Targets.from_nutrients(meal.totals)
        eaten = [food.id for food, _ in meal.items]
        others = [food for food in self._foods if food.id not in eaten]
        foods = others if len(others) >= _MIN_OTHER_FOODS else self._foods
        of_the_day = [food.id for other in self._before.days[request.day] for food, _ in other.items]
        composed: list[ComposedDay] = []
        for attempt in range(_MAX_SWAP_ATTEMPTS):
            composer = Composer(foods, targets, f"{self._seed} {attempt}")
            composer.avoid([*eaten, *of_the_day])
            composed.append(composer.compose_day([meal.slot]))
            if composed[-1].solution.fits:
                break
        return min(composed, key=lambda day: day.solution.residual)

    def swap(self, request: SwapMealInput, day: ComposedDay) -> AdaptedMealPlan:
        """The plan with the meal of this day instead. Raises NoSuchMeal."""
        revision = self._without_conflicts()
        ((meal, items),) = day.items()
        before = self._meal(request)
        revision.draft.days[request.day][request.meal] = PlannedMeal(before.slot, meal.name, "", items)
        words = (
            f"Another meal: {day.solution.totals.energy_kcal:.0f} kcal instead of {before.totals.energy_kcal:.0f}, "
            f"{day.solution.totals.protein_g:.0f} g of protein instead of {before.totals.protein_g:.0f}."
        )
        revision.replace_reasons(MealPlace(request.day, request.meal), ChangeReason("meal.swap", words))
        return revision.to_proposal()

    def measure(self, made: EarlierResult, targets: Targets | None) -> list[Solution]:
        """Measures a stored proposal's days against these targets, or against what the plan's days have now."""
        draft = MealPlanDraft.from_facts(made.content, made.foods)
        return draft.measure_days([targets] * len(draft.days) if targets else self._kept_targets())

    def _meal(self, request: SwapMealInput) -> PlannedMeal:
        days = self._before.days
        if request.day >= len(days) or request.meal >= len(days[request.day]):
            raise NoSuchMeal
        return days[request.day][request.meal]

    def _kept_targets(self) -> list[Targets]:
        return [Targets.from_nutrients(self._before.totals(day)) for day in range(len(self._before.days))]

    def _begin(self, targets: list[Targets]) -> MealPlanRevision:
        return MealPlanRevision(self._before, self._before.copy(), targets)

    def _weigher(self, revision: MealPlanRevision) -> DayWeigher:
        return DayWeigher(revision.draft, self._pool)

    def _without_conflicts(self) -> MealPlanRevision:
        """The plan without foods that no longer suit; its days keep their energy and protein. Raises TooFewFoods."""
        revision = self._begin(self._kept_targets())
        for day in range(len(self._before.days)):
            if replaced := replace_conflicts(revision, day, self._conflicts, self._pool):
                self._weigher(revision).weigh_only(day, revision.targets[day], replaced)
        return revision
