"""Foods: the library's and a person's own."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, ValidationInfo, field_validator

from src.core.pagination import Page, PageQuery
from src.core.schema import Alias, CleanText, Hundredths, Input, JsonNumber, Name, NoNul, Output, Tenths, Unique
from src.core.sorting import Sort
from src.foods.energy import energy_of
from src.vocabulary import Allergen, Diet, FoodCategory

# Tables and labels differ by up to a tenth; labels round small energies to nothing.
ENERGY_TOLERANCE, ENERGY_TOLERANCE_KCAL = 0.1, 5.0
# More than 100 because each nutrient is rounded on its own.
MAX_IN_100_G = 100.5
_NOT_VEGAN = frozenset({Allergen.EGG, Allergen.MILK})
_NOT_VEGETARIAN = frozenset({Allergen.FISH, Allergen.CRUSTACEANS, Allergen.MOLLUSCS})
# The strictest diet that a food of these categories can fit.
_STRICTEST = {
    FoodCategory.MEAT: Diet.OMNIVORE,
    FoodCategory.POULTRY: Diet.OMNIVORE,
    FoodCategory.FISH: Diet.PESCATARIAN,
    FoodCategory.SEAFOOD: Diet.PESCATARIAN,
    FoodCategory.EGG: Diet.VEGETARIAN,
    FoodCategory.DAIRY: Diet.VEGETARIAN,
    FoodCategory.CHEESE: Diet.VEGETARIAN,
}
# From the widest to the strictest: a food that fits one fits all wider ones.
_DIETS = list(Diet)


def _with_wider_diets(diets: list[Diet]) -> list[Diet]:
    strictest = max(map(_DIETS.index, diets))
    return _DIETS[: strictest + 1]


Grams = Annotated[float, Field(ge=0, le=100), JsonNumber, Hundredths]
Kilocalories = Annotated[float, Field(ge=0, le=1000), JsonNumber, Tenths]


class NutrientValues(Output):
    """Energy in kcal, the rest in g. Carbohydrate includes fibre and sugar; salt is sodium times 2.5."""

    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    fibre_g: float
    sugar_g: float
    salt_g: float


class FoodNutrients(NutrientValues):
    """What 100 g of a food hold. Carbohydrate includes fibre and sugar; salt is sodium times 2.5."""

    alcohol_g: float


class FoodNutrientsWrite(Input):
    """What 100 g of the food hold. Carbohydrate includes fibre: add it where a European label leaves it out."""

    protein_g: Grams
    carbohydrate_g: Grams
    fat_g: Grams
    fibre_g: Grams = 0.0
    sugar_g: Grams = 0.0
    salt_g: Grams = 0.0
    alcohol_g: Grams = 0.0
    # Last, so that it can be compared with the others.
    energy_kcal: Annotated[
        Kilocalories,
        Field(
            description="Within a tenth, or 5 kcal, of what the rest adds up to: 4 kcal a gram of protein and "
            "carbohydrate, 2 of fibre, 9 of fat, 7 of alcohol."
        ),
    ]

    @field_validator("fibre_g", "sugar_g")
    @classmethod
    def _part_of_carbohydrate(cls, part: float, info: ValidationInfo) -> float:
        if part > info.data.get("carbohydrate_g", part):
            raise ValueError("is part of the carbohydrate and cannot be more")
        return part

    @field_validator("fat_g", "alcohol_g")
    @classmethod
    def _fits_into_100_g(cls, part: float, info: ValidationInfo) -> float:
        together = part + sum(info.data.get(name, 0.0) for name in ("protein_g", "carbohydrate_g", "fat_g"))
        if together > MAX_IN_100_G:
            raise ValueError(f"protein, carbohydrate, fat and alcohol of 100 g are {together:g} g together")
        return part

    @field_validator("energy_kcal")
    @classmethod
    def _adds_up(cls, energy_kcal: float, info: ValidationInfo) -> float:
        names = ("protein_g", "carbohydrate_g", "fibre_g", "fat_g", "alcohol_g")
        if not info.data.keys() >= set(names):
            return energy_kcal  # another field has failed already
        expected = energy_of(**{name: info.data[name] for name in names})
        if abs(energy_kcal - expected) > max(ENERGY_TOLERANCE_KCAL, ENERGY_TOLERANCE * expected):
            raise ValueError(f"does not add up: the other values make about {expected:.0f} kcal")
        return energy_kcal


class ServingWrite(Input):
    """A usual portion."""

    name: Annotated[str, CleanText(max_length=60)]
    grams: Annotated[float, Field(ge=0.1, le=2000), JsonNumber, Hundredths]


class Serving(Output):
    """A usual portion."""

    name: str
    grams: float


class Food(Output):
    """A food. `slug` names a library food for good; a custom one has none."""

    id: UUID
    slug: str | None
    name: str
    aliases: list[str]
    category: FoodCategory
    nutrients: FoodNutrients
    servings: list[Serving]
    allergens: list[Allergen]
    diets: Annotated[list[Diet], Field(description="All diets that it fits.")]
    is_custom: bool
    hidden_at: Annotated[AwareDatetime | None, Field(description="When it was deleted, if a meal plan still uses it.")]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """The food of a foods row."""
        return cls.model_validate({**row, "is_custom": row["slug"] is None, "nutrients": row})


class FoodPage(Page[Food]):
    """A page of foods."""


class FoodWrite(Input):
    """A custom food, whole."""

    name: Name
    aliases: Annotated[list[Alias], Field(max_length=20), Unique] = []
    category: FoodCategory = FoodCategory.OTHER
    nutrients: FoodNutrientsWrite
    servings: Annotated[list[ServingWrite], Field(max_length=10)] = []
    allergens: Annotated[list[Allergen], Field(max_length=14), Unique] = []
    diets: Annotated[
        list[Diet],
        Field(min_length=1, max_length=4, description="Diets that it fits; a stricter one implies the wider ones."),
        Unique,
        AfterValidator(_with_wider_diets),
    ] = [Diet.OMNIVORE]

    @field_validator("diets")
    @classmethod
    def _fit_the_food(cls, diets: list[Diet], info: ValidationInfo) -> list[Diet]:
        allergens = set(info.data.get("allergens", []))
        category = info.data.get("category", FoodCategory.OTHER)
        if Diet.VEGAN in diets and (found := _NOT_VEGAN & allergens):
            raise ValueError(f"what has {', '.join(sorted(found))} in it is not vegan")
        if Diet.VEGETARIAN in diets and (found := _NOT_VEGETARIAN & allergens):
            raise ValueError(f"what has {', '.join(sorted(found))} in it is not vegetarian")
        if diets[-1] not in _DIETS[: _DIETS.index(_STRICTEST.get(category, Diet.VEGAN)) + 1]:
            raise ValueError(f"{category} is not {diets[-1]}")
        return diets

    def columns(self) -> dict[str, Any]:
        """The food as columns of a foods row."""
        written = self.model_dump(mode="json")
        return {**written.pop("nutrients"), **written}


class FoodSort(Sort):
    """Order of a list; ranked by likeness when `q` is given and `sort` is not. Nutrients are those of 100 g."""

    NAME = "name"
    NAME_DESCENDING = "-name"
    ENERGY = "energy_kcal"
    ENERGY_DESCENDING = "-energy_kcal"
    PROTEIN = "protein_g"
    PROTEIN_DESCENDING = "-protein_g"


class FoodQuery(PageQuery):
    """Which foods; several categories mean any of them."""

    q: Annotated[str, Field(max_length=100, description="Name or alias; slips are fine."), NoNul] | None = None
    category: Annotated[list[FoodCategory], Field(max_length=26)] = []
    diet: Annotated[Diet | None, Field(description="Fits this diet.")] = None
    free_from: Annotated[list[Allergen], Field(max_length=14, description="Holds none of these.")] = []
    owned: Annotated[bool | None, Field(description="Added by the caller, or from the library.")] = None
    suitable: Annotated[bool | None, Field(description="Fits the diet and spares the allergens of the profile.")] = None
    sort: FoodSort | None = None
