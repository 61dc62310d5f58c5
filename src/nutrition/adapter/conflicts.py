"""Replaces foods of a plan that no longer suit its owner."""

from collections.abc import Collection
from uuid import UUID

from src.nutrition.adapter.revision import ChangeReason, MealPlace, MealPlanRevision
from src.nutrition.adapter.weighing import ItemPlace
from src.nutrition.content import MAX_GRAMS
from src.nutrition.errors import TooFewFoods
from src.nutrition.generator.days import name_meal
from src.nutrition.generator.pool import FoodPool
from src.nutrition.ingredients import Ingredient
from src.nutrition.portions import round_to_step, step_grams


def replace_conflicts(
    revision: MealPlanRevision, day: int, conflicts: Collection[UUID], pool: FoodPool
) -> set[ItemPlace]:
    """Replaces the foods of `conflicts` in a day; which items are new. Raises TooFewFoods."""
    replaced: set[ItemPlace] = set()
    for number, meal in enumerate(revision.draft.days[day]):
        items: list[tuple[Ingredient, float]] = []
        for food, grams in meal.items:
            if food.id not in conflicts:
                items.append((food, grams))
                continue
            substitute = _substitute(food, [*meal.items, *items], pool)
            items.append((substitute, _grams_with_same_energy(food, grams, substitute)))
            explanation = f"{food.short_name} no longer suits you: {substitute.short_name} instead."
            revision.explain(MealPlace(day, number), ChangeReason("conflict.replace", explanation))
            replaced.add((number, substitute.id))
        if any(food.id in conflicts for food, _ in meal.items):
            meal.items, meal.name = items, name_meal([food for food, _ in items])
    return replaced


def _substitute(food: Ingredient, items: Collection[tuple[Ingredient, float]], pool: FoodPool) -> Ingredient:
    """A food that the meal does not have yet, if there is one."""
    substitute = pool.most_similar(food, excluded=[other.id for other, _ in items]) or pool.most_similar(food)
    if substitute is None:
        raise TooFewFoods
    return substitute


def _grams_with_same_energy(food: Ingredient, grams: float, substitute: Ingredient) -> float:
    if food.per_gram.energy_kcal > 0 and substitute.per_gram.energy_kcal > 0:
        grams = grams * food.per_gram.energy_kcal / substitute.per_gram.energy_kcal
    step = step_grams(substitute)
    return min(max(round_to_step(grams, step), step), MAX_GRAMS)
