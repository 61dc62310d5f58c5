"""The content of a meal plan: days that repeat, their meals, and grams of each food.

SQL checks the same rules (private.meal_plan_fields). Only SQL knows the foods, so only it checks that a person can
use them, and that allergens and diet allow them.
"""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from src.core.schema import CleanText, Input, JsonNumber, Name, NoNul, Tenths
from src.vocabulary import MealSlot

MIN_GRAMS, MAX_GRAMS = 1.0, 2000.0
"""Of one item."""

MAX_ITEMS: Final = 20
"""Of one meal."""


Grams = Annotated[float, Field(ge=MIN_GRAMS, le=MAX_GRAMS), JsonNumber, Tenths]


class MealItem(Input):
    """So many grams of a food, weighed as the food is named ("Rice, white, dry" before it is cooked)."""

    food_id: UUID
    grams: Grams


class Meal(Input):
    """What is eaten at one time."""

    slot: MealSlot
    name: Name
    notes: Annotated[str, Field(max_length=500), NoNul] = ""
    items: Annotated[list[MealItem], Field(min_length=1, max_length=MAX_ITEMS)]


class MealDay(Input):
    """A day of meals. Days of one weekday take turns, a week each."""

    name: Annotated[str, CleanText(max_length=80)]
    weekday: Annotated[int, Field(ge=1, le=7, description="1 is Monday, 7 is Sunday."), JsonNumber] | None = None
    meals: Annotated[list[Meal], Field(min_length=1, max_length=8)]


class MealPlanContent(Input):
    """The days of a meal plan, eaten in turn, and from the first again; where all have a weekday, on that."""

    days: Annotated[list[MealDay], Field(min_length=1, max_length=14)]
