"""Puts foods that should be eaten into the coming days of a plan."""

from collections.abc import Collection, Sequence
from math import ceil
from typing import Final

from src.nutrition.adapter.revision import ChangeReason, MealPlace, MealPlanRevision
from src.nutrition.adapter.weighing import ItemPlace
from src.nutrition.content import MAX_GRAMS, MAX_ITEMS, MIN_GRAMS
from src.nutrition.draft import PlannedMeal
from src.nutrition.generator.days import name_meal
from src.nutrition.ingredients import Ingredient
from src.nutrition.portions import max_usual_grams

# A day may have this many times the largest usual portion of a leftover.
_GENEROUS: Final = 1.5


def coming_days(headings: Sequence[tuple[str, int | None]], weekday: int) -> list[int]:
    """The days of a plan, tomorrow's first; days without a weekday in their order."""
    return sorted(range(len(headings)), key=lambda day: ((headings[day][1] or day + 1) - weekday - 1) % 7)


def use_leftover(
    revision: MealPlanRevision,
    food: Ingredient,
    grams: float,
    days: Sequence[int],
    placed: dict[int, set[ItemPlace]],
) -> None:
    """Shares these grams among the first of these days, and adds them to `placed` by day; notes what is too much."""
    max_grams = max_usual_grams(food, revision.targets[0].energy_kcal)
    count = min(ceil(grams / max_grams), len(days))
    share = min(grams / count, max_grams * _GENEROUS, MAX_GRAMS)
    for day in days[:count]:
        portion = max(round(share, 1), MIN_GRAMS)
        taken = placed.setdefault(day, set())
        meal = _put(revision.draft.days[day], food, portion, taken)
        taken.add((meal, food.id))
        explanation = f"Uses {portion:g} g of the {food.short_name.lower()} that you have."
        revision.explain(MealPlace(day, meal), ChangeReason("use_up", explanation))
    if (left := grams - count * share) >= MIN_GRAMS:
        revision.notes.append(f"{left:.0f} g of {food.short_name.lower()} are more than the plan's days can use.")


def _put(meals: Sequence[PlannedMeal], food: Ingredient, grams: float, taken: Collection[ItemPlace]) -> int:
    """Puts a food into a day, in place of one of its role where there is one; the number of its meal."""
    energy = food.per_gram.energy_kcal * grams
    places = [
        (other.id != food.id, abs(other.per_gram.energy_kcal * other_grams - energy), number, position)
        for number, meal in enumerate(meals)
        for position, (other, other_grams) in enumerate(meal.items)
        if other.role is food.role and (number, other.id) not in taken
    ]
    if places:
        _, _, number, position = min(places)
        items = [*meals[number].items[:position], (food, grams), *meals[number].items[position + 1 :]]
    else:
        number = min(range(len(meals)), key=lambda at: (len(meals[at].items) >= MAX_ITEMS, len(meals[at].items)))
        items = [*meals[number].items, (food, grams)][-MAX_ITEMS:]
    meals[number].items = items
    meals[number].name = name_meal([eaten for eaten, _ in items])
    return number
