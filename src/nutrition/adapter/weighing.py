"""Recomputes the grams of a plan's days, so that each day meets its energy and protein."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from src.nutrition.draft import MealPlanDraft
from src.nutrition.generator.balancer import DayBalancer
from src.nutrition.generator.days import ComposedDay, MealPortions
from src.nutrition.generator.pool import FoodPool
from src.nutrition.ingredients import Ingredient
from src.nutrition.portions import PortionRange
from src.nutrition.targets import Targets

ItemPlace = tuple[int, UUID]
"""An item of a day: the number of its meal, and its food."""


@dataclass(frozen=True)
class DayWeigher:
    """Weighs days of a draft, with foods of the pool where other foods are needed."""

    draft: MealPlanDraft
    pool: FoodPool

    def scale(self, day: int, targets: Targets) -> None:
        """Weighs all foods, from portions that are scaled to the targets' energy."""
        factor = targets.energy_kcal / max(self.draft.totals(day).energy_kcal, 1.0)
        self._balance(day, targets, lambda food, grams: PortionRange.near(food, grams * factor, targets.energy_kcal))

    def weigh_around(self, day: int, targets: Targets, fixed: Collection[UUID]) -> None:
        """Weighs all foods but these."""
        self._balance(
            day,
            targets,
            lambda food, grams: (
                PortionRange.fixed(food, grams)
                if food.id in fixed
                else PortionRange.near(food, grams, targets.energy_kcal)
            ),
        )

    def weigh_only(self, day: int, targets: Targets, free: Collection[ItemPlace]) -> None:
        """Weighs these items; all of the day's where that is not enough."""
        meals: MealPortions = [
            (
                meal.slot,
                [
                    PortionRange.near(food, grams, targets.energy_kcal)
                    if (number, food.id) in free
                    else PortionRange.fixed(food, grams)
                    for food, grams in meal.items
                ],
            )
            for number, meal in enumerate(self.draft.days[day])
        ]
        weighed = DayBalancer(self.pool, targets).solve_day(meals)
        if weighed.solution.fits:
            self._write(day, weighed)
        else:
            self.weigh_around(day, targets, fixed=())

    def _balance(self, day: int, targets: Targets, portion: Callable[[Ingredient, float], PortionRange]) -> None:
        """Weighs a day, with more or fewer foods where its targets cannot be met otherwise."""
        meals: MealPortions = [
            (meal.slot, [portion(food, grams) for food, grams in meal.items]) for meal in self.draft.days[day]
        ]
        self._write(day, DayBalancer(self.pool, targets).balance(meals))

    def _write(self, day: int, weighed: ComposedDay) -> None:
        for meal, (_, items) in zip(self.draft.days[day], weighed.items(), strict=True):
            meal.items = items
