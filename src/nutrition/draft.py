"""A meal plan that can be changed: its content with the foods looked up."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from src.nutrition.content import Meal, MealDay, MealItem, MealPlanContent
from src.nutrition.ingredients import FoodFacts, Ingredient
from src.nutrition.nutrients import Nutrients, weighted_sum
from src.nutrition.solver import Solution
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot


@dataclass
class PlannedMeal:
    """A meal with its foods and their grams."""

    slot: MealSlot
    name: str
    notes: str
    items: list[tuple[Ingredient, float]]

    def content(self) -> Meal:
        """The meal as content of a meal plan."""
        items = [MealItem(food_id=food.id, grams=grams) for food, grams in self.items]
        return Meal(slot=self.slot, name=self.name, notes=self.notes, items=items)

    @property
    def totals(self) -> Nutrients:
        """Nutrients of all items."""
        return weighted_sum((grams, food.per_100g) for food, grams in self.items)


@dataclass
class MealPlanDraft:
    """The days of a meal plan. `headings` holds a day's name and weekday, which never change."""

    days: list[list[PlannedMeal]]
    headings: Sequence[tuple[str, int | None]]

    @classmethod
    def from_content(cls, content: MealPlanContent, foods: Sequence[Ingredient]) -> "MealPlanDraft":
        """Builds it from content whose foods must all be in `foods`; raises KeyError otherwise."""
        by_id = {food.id: food for food in foods}
        days = [
            [
                PlannedMeal(
                    meal.slot, meal.name, meal.notes, [(by_id[item.food_id], item.grams) for item in meal.items]
                )
                for meal in day.meals
            ]
            for day in content.days
        ]
        return cls(days, [(day.name, day.weekday) for day in content.days])

    @classmethod
    def from_facts(cls, content: MealPlanContent, foods: Sequence[FoodFacts]) -> "MealPlanDraft":
        """As from_content(), with the foods as the database gives them."""
        return cls.from_content(content, [Ingredient.from_facts(food) for food in foods])

    def content(self) -> MealPlanContent:
        """The days as content of a meal plan."""
        return MealPlanContent(
            days=[
                MealDay(name=name, weekday=weekday, meals=[meal.content() for meal in meals])
                for (name, weekday), meals in zip(self.headings, self.days, strict=True)
            ]
        )

    def copy(self) -> "MealPlanDraft":
        """A copy whose meals can be changed without changing these."""
        return MealPlanDraft([[copy.copy(meal) for meal in meals] for meals in self.days], self.headings)

    def totals(self, day: int) -> Nutrients:
        """Nutrients of a day."""
        return weighted_sum((grams, food.per_100g) for meal in self.days[day] for food, grams in meal.items)

    def measure_days(self, targets: Sequence[Targets]) -> list[Solution]:
        """Each day's grams and nutrients, unchanged, with its targets, to read residuals from."""
        return [
            Solution(tuple(grams for meal in meals for _, grams in meal.items), self.totals(day), wanted)
            for day, (meals, wanted) in enumerate(zip(self.days, targets, strict=True))
        ]
