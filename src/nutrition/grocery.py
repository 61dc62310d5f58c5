"""What to buy for a meal plan: its foods over some days, added up. Nothing is stored."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from src.core.schema import Output, QueryModel
from src.nutrition.content import MealDay, MealPlanContent
from src.vocabulary import FoodCategory

DAYS_OF_WEEK = 7


class GroceryQuery(QueryModel):
    """For how long: so many weeks or so many days; one week when nothing is said."""

    weeks: Annotated[int, Field(ge=1, le=8)] | None = None
    days: Annotated[int, Field(ge=1, le=56)] | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.weeks is not None and self.days is not None:
            raise ValueError("weeks and days do not go together")
        return self

    @property
    def length(self) -> int:
        """In days."""
        return self.days or DAYS_OF_WEEK * (self.weeks or 1)


class Portion(Output):
    """A quantity in a serving of the food: `count`, to the half, of `name` with `grams` each."""

    name: str
    grams: float
    count: float


class Grocery(Output):
    """A food to buy. `portion` is null when the food has no serving that would say it better."""

    food_id: UUID
    name: str
    grams: float
    portion: Portion | None


class GroceryGroup(Output):
    """Foods of one category, by name."""

    category: FoodCategory
    items: list[Grocery]


class GroceryList(Output):
    """What the plan takes over so many days, grouped by category."""

    days: int
    groups: list[GroceryGroup]


def days_eaten(content: MealPlanContent, length: int) -> Iterator[MealDay]:
    """The plan's days over `length` days. They follow one another, and the first follows the last. Where all have a
    weekday, the list begins on a Monday, days without meals are none, and days of one weekday take turns."""
    if any(day.weekday is None for day in content.days):
        for number in range(length):
            yield content.days[number % len(content.days)]
        return
    for number in range(length):
        week, weekday = divmod(number, DAYS_OF_WEEK)
        if fitting := [day for day in content.days if day.weekday == weekday + 1]:
            yield fitting[week % len(fitting)]


def grocery_list(content: MealPlanContent | None, foods: list[dict[str, Any]], length: int) -> GroceryList:
    """What to buy for `length` days. `foods`: every food of the plan with id, name, category and servings."""
    grams = _grams(days_eaten(content, length)) if content else Counter()
    ordered = sorted(foods, key=lambda food: (food["category"], food["name"].lower(), food["id"]))
    bought = [food for food in ordered if grams[food["id"]]]
    groups = [
        {"category": category, "items": [_grocery(food, grams[food["id"]]) for food in group]}
        for category, group in groupby(bought, key=itemgetter("category"))
    ]
    return GroceryList.model_validate({"days": length, "groups": groups})


def _grams(days: Iterable[MealDay]) -> Counter[str]:
    """Tenths of a gram by food id, as integers: floats would add up to 0.30000000000000004."""
    tenths: Counter[str] = Counter()
    for day in days:
        for meal in day.meals:
            for item in meal.items:
                tenths[str(item.food_id)] += round(item.grams * 10)
    return tenths


def _grocery(food: Mapping[str, Any], tenths: int) -> dict[str, Any]:
    grams = tenths / 10
    return {"food_id": food["id"], "name": food["name"], "grams": grams, "portion": _portion(food["servings"], grams)}


def _portion(servings: list[dict[str, Any]], grams: float) -> dict[str, Any] | None:
    """The serving whose count is nearest to a whole or a half, the larger serving of two as near."""
    fitting = [serving for serving in servings if _round_to_half(grams / serving["grams"])]
    if not fitting:
        return None
    best = min(
        fitting, key=lambda serving: (_distance_to_half(grams / serving["grams"]), -serving["grams"], serving["name"])
    )
    return {**best, "count": _round_to_half(grams / best["grams"])}


def _distance_to_half(count: float) -> float:
    return round(abs(_round_to_half(count) - count), 6)


def _round_to_half(count: float) -> float:
    return round(count * 2) / 2
