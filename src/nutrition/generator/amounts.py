"""Roughly how much of a food goes into a meal, before the day is solved."""

from typing import Final

from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.portions import PortionRange
from src.nutrition.targets import Targets

# No single food is planned to have more of the day's protein than this.
_MAX_PROTEIN_SHARE: Final = 0.4
_MIN_GRAMS: Final = 5.0
_VEGETABLE_GRAMS, _MAX_VEGETABLE_GRAMS = 120.0, 200.0
_MAX_SERVINGS: Final = 2


def portion_with_energy(food: Ingredient, energy_kcal: float, targets: Targets) -> PortionRange:
    """A portion with about this energy, of a day with these targets."""
    return PortionRange.near(food, _grams_with_energy(food, energy_kcal, targets), targets.energy_kcal)


def usual_portion(food: Ingredient, targets: Targets) -> PortionRange:
    """A usual serving, or a tenth of the day's energy where the food has none."""
    if food.serving_g:
        return PortionRange.near(food, food.serving_g, targets.energy_kcal)
    return portion_with_energy(food, 0.1 * targets.energy_kcal, targets)


def _grams_with_energy(food: Ingredient, energy_kcal: float, targets: Targets) -> float:
    if food.role is FoodRole.VEGETABLE or food.per_gram.energy_kcal <= 0:
        return min(food.serving_g or _VEGETABLE_GRAMS, _MAX_VEGETABLE_GRAMS)
    grams = energy_kcal / food.per_gram.energy_kcal
    if food.per_gram.protein_g > 0:
        grams = min(grams, _MAX_PROTEIN_SHARE * targets.protein_g / food.per_gram.protein_g)
    if food.role in {FoodRole.FRUIT, FoodRole.DAIRY} and food.serving_g:
        grams = min(grams, _MAX_SERVINGS * food.serving_g)
    return max(grams, _MIN_GRAMS)
