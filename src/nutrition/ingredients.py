"""Foods that plans use, with the role of each in a meal."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from src.foods.energy import KCAL_PER_G_PROTEIN
from src.foods.schemas import NutrientValues, Serving
from src.nutrition.nutrients import Macros, Nutrients
from src.nutrition.staples import STAPLE_IDS
from src.vocabulary import FoodCategory


class FoodRole(StrEnum):
    """What a food does in a meal."""

    CEREAL = "cereal"
    BREAD = "bread"
    STARCH = "starch"
    PROTEIN = "protein"
    PULSE = "pulse"
    EGG = "egg"
    DAIRY = "dairy"
    CHEESE = "cheese"
    VEGETABLE = "vegetable"
    FRUIT = "fruit"
    NUT = "nut"
    FAT = "fat"
    POWDER = "powder"
    EXTRA = "extra"
    """Sweets, drinks, sauces, dishes: used where a person asks for one, or nothing else is left."""


_ROLES: Final = {
    FoodCategory.GRAIN: FoodRole.STARCH,
    FoodCategory.CEREAL: FoodRole.CEREAL,
    FoodCategory.BREAD: FoodRole.BREAD,
    FoodCategory.STARCHY_VEGETABLE: FoodRole.STARCH,
    FoodCategory.VEGETABLE: FoodRole.VEGETABLE,
    FoodCategory.FRUIT: FoodRole.FRUIT,
    FoodCategory.LEGUME: FoodRole.PULSE,
    FoodCategory.MEAT: FoodRole.PROTEIN,
    FoodCategory.POULTRY: FoodRole.PROTEIN,
    FoodCategory.FISH: FoodRole.PROTEIN,
    FoodCategory.SEAFOOD: FoodRole.PROTEIN,
    FoodCategory.PLANT_PROTEIN: FoodRole.PROTEIN,
    FoodCategory.EGG: FoodRole.EGG,
    FoodCategory.DAIRY: FoodRole.DAIRY,
    FoodCategory.PLANT_DAIRY: FoodRole.DAIRY,
    FoodCategory.CHEESE: FoodRole.CHEESE,
    FoodCategory.NUT_SEED: FoodRole.NUT,
    FoodCategory.OIL_FAT: FoodRole.FAT,
    FoodCategory.SUPPLEMENT: FoodRole.POWDER,
}
"""Foods of the other categories are extras."""


class FoodFacts(NutrientValues):
    """What `private.food_facts` returns about a food. Nutrients are those of 100 g."""

    id: UUID
    name: str
    category: FoodCategory
    servings: list[Serving]


@dataclass(frozen=True, slots=True, eq=False)
class Ingredient:
    """A food that a plan may use. `serving_g` is its first usual serving."""

    id: UUID
    name: str
    category: FoodCategory
    per_100g: Nutrients
    per_gram: Macros
    serving_g: float | None
    is_staple: bool
    role: FoodRole

    @classmethod
    def from_facts(cls, food: FoodFacts) -> Self:
        """Builds it from the facts that the database returns."""
        per_100g = Nutrients(
            food.energy_kcal,
            food.protein_g,
            food.carbohydrate_g,
            food.fat_g,
            food.fibre_g,
            food.sugar_g,
            food.salt_g,
        )
        return cls(
            id=food.id,
            name=food.name,
            category=food.category,
            per_100g=per_100g,
            per_gram=Macros(*(value / 100 for value in per_100g[: len(Macros._fields)])),
            serving_g=food.servings[0].grams if food.servings else None,
            is_staple=food.id in STAPLE_IDS,
            role=_ROLES.get(food.category, FoodRole.EXTRA),
        )

    @property
    def protein_share(self) -> float:
        """The share of its energy that is protein, 0 to 1."""
        if self.per_gram.energy_kcal <= 0:
            return 0.0
        return min(self.per_gram.protein_g * KCAL_PER_G_PROTEIN / self.per_gram.energy_kcal, 1.0)

    @property
    def short_name(self) -> str:
        """The name up to its first comma or bracket; the whole name where that leaves nothing."""
        return self.name.split(",", maxsplit=1)[0].split("(", maxsplit=1)[0].strip() or self.name
