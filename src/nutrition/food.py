"""A food as plans are made of it, and the part it can play in a meal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from src.nutrition import constants as c
from src.nutrition.nutrients import Per100g


class Role(StrEnum):
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
    """Sweets, drinks, sauces, dishes, what has no category: where a person asks for it, or nothing else is left."""


# Of public.food_category; the others are extras.
_ROLES: Final = {
    "grain": Role.STARCH,
    "cereal": Role.CEREAL,
    "bread": Role.BREAD,
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
            everyday=_short(row["name"]).casefold() in _EVERYDAY,
            role=_ROLES.get(row["category"], Role.EXTRA),
        )

    @property
    def protein_share(self) -> float:
        """Of its energy, how much is protein: 0 to 1."""
        if self.per_gram.energy_kcal <= 0:
            return 0.0
        return min(self.per_gram.protein_g * c.KCAL_PER_G_PROTEIN / self.per_gram.energy_kcal, 1.0)

    @property
    def short_name(self) -> str:
        """The name without what it says after a comma or in brackets; all of it where that is nothing."""
        return _short(self.name)


# Names, up to the comma, of what is found everywhere and costs little: the composer prefers it, as there are no prices.
_EVERYDAY: Final = frozenset(
    """chicken breast, chicken thigh, chicken mince, turkey breast, turkey mince, beef mince, pork loin, pork
    mince, salmon, tuna, cod, pollock, sardines, egg, milk, yoghurt, greek yoghurt, quark, skyr, cottage cheese,
    cheddar, gouda, mozzarella, feta, tofu, soya mince, soya drink, oat drink, soya yoghurt, pea drink, oats,
    muesli, porridge, cornflakes, buckwheat flakes, bread, tortilla, rice cakes, rice, pasta, couscous, quinoa,
    polenta, potatoes, sweet potato, lentils, red lentils, green lentils, chickpeas, kidney beans, black beans,
    white beans, butter beans, split peas, broccoli, carrots, cauliflower, spinach, tomatoes, passata, cucumber,
    courgette, bell pepper, onion, mushrooms, green beans, green peas, white cabbage, leek, frozen vegetables,
    salad leaves, apple, banana, orange, pear, kiwi, strawberries, blueberries, mixed berries, raspberries,
    grapes, peanuts, walnuts, almonds, sunflower seeds, pumpkin seeds, olive oil, rapeseed oil, sunflower oil,
    butter, whey protein concentrate, pea protein isolate""".replace("\n   ", "").split(", ")
)


def _short(name: str) -> str:
    return name.split(",", maxsplit=1)[0].split("(", maxsplit=1)[0].strip() or name
