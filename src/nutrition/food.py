"""A food as plans are made of it, and the part it can play in a meal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from src.meal_plans.nutrients import Per100g
from src.nutrition import constants as c


class Role(StrEnum):
    """What a food does in a meal."""

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
    """Sweets, drinks, sauces, dishes, what has no category: where a person asks for it, or nothing else is left."""


# Of public.food_category; the others are extras.
_ROLES: Final = {
    "grain": Role.STARCH,
    "cereal": Role.STARCH,
    "bread": Role.STARCH,
    "starchy_vegetable": Role.STARCH,
    "vegetable": Role.VEGETABLE,
    "fruit": Role.FRUIT,
    "legume": Role.PULSE,
    "meat": Role.PROTEIN,
    "poultry": Role.PROTEIN,
    "fish": Role.PROTEIN,
    "seafood": Role.PROTEIN,
    "plant_protein": Role.PROTEIN,
    "egg": Role.EGG,
    "dairy": Role.DAIRY,
    "plant_dairy": Role.DAIRY,
    "cheese": Role.CHEESE,
    "nut_seed": Role.NUT,
    "oil_fat": Role.FAT,
    "supplement": Role.POWDER,
}


class Macros(NamedTuple):
    """What targets are set for, in 1 g of a food: energy in kcal, the rest in g."""

    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float


@dataclass(frozen=True, slots=True, eq=False)
class Food:
    """A food that may be chosen."""

    id: UUID
    name: str
    category: str
    per_100g: Per100g
    per_gram: Macros
    serving_g: float | None
    everyday: bool
    role: Role

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The food of a row of public.foods."""
        servings = row["servings"]
        return cls(
            id=UUID(row["id"]),
            name=row["name"],
            category=row["category"],
            per_100g=row,
            per_gram=Macros(*(row[name] / 100 for name in Macros._fields)),
            serving_g=float(servings[0]["grams"]) if servings else None,
            everyday=_is_everyday(row["name"]),
            role=_ROLES.get(row["category"], Role.EXTRA),
        )

    @property
    def protein_share(self) -> float:
        """Of its energy, how much is protein: 0 to 1."""
        if self.per_gram.energy_kcal <= 0:
            return 0.0
        return min(self.per_gram.protein_g * c.KCAL_PER_G_PROTEIN / self.per_gram.energy_kcal, 1.0)

    @property
    def for_morning(self) -> bool:
        """Whether it is a starch that people have for breakfast rather than with a hot meal."""
        return self.category in {"cereal", "bread"}

    @property
    def short_name(self) -> str:
        """The name without what it says after a comma or in brackets."""
        return self.name.split(",")[0].split("(")[0].strip()


# What is found everywhere and costs little: preferred by the composer, as there are no prices.
_EVERYDAY: Final = frozenset(
    """apple banana orange carrot carrots onion onions tomato tomatoes cabbage potato potatoes broccoli spinach
    cucumber pepper peas rice pasta spaghetti oats bread lentils chickpeas beans egg eggs milk yoghurt yogurt
    quark skyr cheese tofu chicken turkey tuna mince salmon soy peanut peanuts sunflower rapeseed olive""".split()  # noqa: SIM905  # reads better so
)


def _is_everyday(name: str) -> bool:
    return any(word.strip(",()").casefold() in _EVERYDAY for word in name.split()[:3])
