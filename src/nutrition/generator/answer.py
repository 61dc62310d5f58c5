"""A model's choice of foods: references and approximate grams."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from src.nutrition.generator.days import ComposedDay

_STRICT: Final = ConfigDict(extra="forbid")


class ChosenItem(BaseModel):
    """A food, and about how much of it."""

    model_config = _STRICT
    ref: str = Field(max_length=10)
    grams: float = Field(description="About how many grams.")


class ChosenMeal(BaseModel):
    """A meal."""

    model_config = _STRICT
    name: str = Field(min_length=1, max_length=80)
    items: list[ChosenItem] = Field(min_length=1, max_length=12)


class ChosenDay(BaseModel):
    """The meals of a day, in order."""

    model_config = _STRICT
    meals: list[ChosenMeal] = Field(min_length=1, max_length=6)


class ChosenDays(BaseModel):
    """The whole answer."""

    model_config = _STRICT
    days: list[ChosenDay] = Field(min_length=1, max_length=7)


def answer_with(days: Sequence[ComposedDay], refs: Mapping[UUID, str]) -> ChosenDays:
    """Composed days in the form of a model's answer. Not validated: rules may exceed a model's limits."""
    return ChosenDays.model_construct(
        days=[
            ChosenDay.model_construct(
                meals=[
                    ChosenMeal.model_construct(
                        name=meal.name,
                        items=[ChosenItem(ref=refs[food.id], grams=grams) for food, grams in items],
                    )
                    for meal, items in day.items()
                ]
            )
            for day in days
        ]
    )
