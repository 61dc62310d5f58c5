"""Days of meals with their grams, as they are composed and before they become a meal plan's content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from src.nutrition.content import MealDay, MealPlanContent
from src.nutrition.draft import PlannedMeal
from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.portions import PortionRange
from src.nutrition.solver import Solution
from src.vocabulary import MealSlot

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MAX_NAME: Final = 80

MealPortions = list[tuple[MealSlot, list[PortionRange]]]
"""A day before it is solved: each meal's slot and the portions to choose from."""


class ComposedMeal(NamedTuple):
    """A meal with the portions that the solver chose from."""

    slot: MealSlot
    name: str
    portions: tuple[PortionRange, ...]


@dataclass(frozen=True)
class ComposedDay:
    """A day's meals, and the grams of all their portions, in order."""

    meals: tuple[ComposedMeal, ...]
    solution: Solution

    def items(self) -> Iterator[tuple[ComposedMeal, list[tuple[Ingredient, float]]]]:
        """Each meal with its foods and grams."""
        grams = iter(self.solution.grams)
        for meal in self.meals:
            yield meal, [(portion.food, next(grams)) for portion in meal.portions]

    @property
    def food_ids(self) -> list[UUID]:
        """The foods of all meals, in order."""
        return [portion.food.id for meal in self.meals for portion in meal.portions]


def content_of(days: Sequence[ComposedDay], starts_on: date | None) -> MealPlanContent:
    """Days as content of a meal plan; the first is `starts_on`, or a Monday."""
    first = 0 if starts_on is None else starts_on.weekday()
    return MealPlanContent(days=[_meal_day(day, (first + number) % 7) for number, day in enumerate(days)])


def _meal_day(day: ComposedDay, weekday: int) -> MealDay:
    meals = [PlannedMeal(meal.slot, meal.name, "", items).content() for meal, items in day.items()]
    return MealDay(name=WEEKDAYS[weekday], weekday=weekday + 1, meals=meals)


def name_meal(foods: Sequence[Ingredient]) -> str:
    """A name for a meal of these foods, the first of which is the main one."""
    names = list(dict.fromkeys(food.short_name for food in foods if food.role is not FoodRole.FAT)) or [
        food.short_name for food in foods[:1]
    ]
    main, *others = names[:3]
    if not others:
        return main[:_MAX_NAME]
    return f"{main} with {' and '.join(other.lower() for other in others)}"[:_MAX_NAME].strip()
