"""How much of a food a day may have: the grams to stay near, the bounds, and the steps that people can weigh."""

from dataclasses import dataclass
from typing import Final, Self

from src.nutrition.content import MAX_GRAMS
from src.nutrition.ingredients import FoodRole, Ingredient

# The largest portion of a day at 2,000 kcal, in g; more for those who eat more.
_MAX_GRAMS_BY_ROLE: Final = {
    FoodRole.CEREAL: 120.0,
    FoodRole.BREAD: 200.0,
    FoodRole.STARCH: 350.0,
    FoodRole.PROTEIN: 300.0,
    FoodRole.PULSE: 300.0,
    FoodRole.EGG: 240.0,
    FoodRole.DAIRY: 400.0,
    FoodRole.CHEESE: 80.0,
    FoodRole.VEGETABLE: 350.0,
    FoodRole.FRUIT: 300.0,
    FoodRole.NUT: 60.0,
    FoodRole.FAT: 30.0,
    FoodRole.POWDER: 50.0,
    FoodRole.EXTRA: 250.0,
}
_REFERENCE_KCAL: Final = 2000.0
_MIN_SHARE, _MAX_SHARE = 0.4, 2.5
_WIDER_BY: Final = 1.3
_FINE_KCAL_PER_GRAM: Final = 7.0


@dataclass(frozen=True, slots=True)
class PortionRange:
    """A food of a day: near `grams`, from `min_grams` to `max_grams`, in steps of `step_grams`."""

    food: Ingredient
    grams: float
    min_grams: float
    max_grams: float
    step_grams: float

    @classmethod
    def near(cls, food: Ingredient, grams: float, energy_kcal: float) -> Self:
        """A portion near these grams, for a day of so much energy."""
        step = step_grams(food)
        usual = max_usual_grams(food, energy_kcal)
        grams = min(max(grams, step), MAX_GRAMS)
        low = max(step, round_to_step(grams * _MIN_SHARE, step))
        high = max(min(grams * _MAX_SHARE, max(usual, grams), MAX_GRAMS) // step * step, low)
        return cls(food, min(max(grams, low), high), low, high, step)

    @classmethod
    def fixed(cls, food: Ingredient, grams: float) -> Self:
        """Exactly these grams."""
        return cls(food, grams, grams, grams, 1.0)

    def widen(self) -> "PortionRange":
        """The same with bounds further apart, for days that usual portions cannot balance."""
        if self.is_fixed:
            return self
        low = max(self.step_grams, round_to_step(self.min_grams / 2, self.step_grams))
        high = min(round_to_step(self.max_grams * _WIDER_BY, self.step_grams), MAX_GRAMS)
        return PortionRange(self.food, self.grams, low, high, self.step_grams)

    @property
    def is_fixed(self) -> bool:
        """Whether its grams cannot change."""
        return self.min_grams == self.max_grams


def step_grams(food: Ingredient) -> float:
    """Grams that a portion is rounded to: whole eggs, 1 g of what is nearly all fat, else 5 g."""
    if food.role is FoodRole.EGG and food.serving_g:
        return food.serving_g
    return 1.0 if food.role is FoodRole.FAT or food.per_gram.energy_kcal > _FINE_KCAL_PER_GRAM else 5.0


def max_usual_grams(food: Ingredient, energy_kcal: float) -> float:
    """The largest usual portion in g, on a day of so much energy."""
    return _MAX_GRAMS_BY_ROLE[food.role] * max(1.0, energy_kcal / _REFERENCE_KCAL)


def round_to_step(grams: float, step: float) -> float:
    """The nearest multiple of the step."""
    return round(grams / step) * step
