"""Requests for meal plans to be made or adapted, and targets as they are answered."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from src.core.schema import CalendarDay, CleanText, Input, JsonNumber, Output, QueryModel, Unique
from src.foods.energy import KCAL_PER_G_CARBOHYDRATE, KCAL_PER_G_FAT, KCAL_PER_G_PROTEIN
from src.nutrition import constants as c
from src.nutrition.constants import NutritionGoal
from src.nutrition.targets import Explained, TargetOverrides, Targets

Notes = Annotated[str, CleanText(max_length=500, min_length=None)]
Energy = Annotated[int, Field(ge=c.MIN_ENERGY_KCAL, le=c.MAX_ENERGY_KCAL), JsonNumber]
Protein = Annotated[float, Field(ge=20, le=500), JsonNumber]
FoodIds = Annotated[list[UUID], Field(max_length=20), Unique]

# By how much the energy of the macros may differ from the energy that is set.
_TOLERANCE = 0.1
_MAX_PROTEIN_SHARE = 0.5


def _check_sum(
    energy: float | None, protein: float | None, carbohydrate: float | None = None, fat: float | None = None
) -> None:
    """Raises ValueError when no day can have all of these."""
    if energy is None:
        return
    from_protein = KCAL_PER_G_PROTEIN * (protein or 0)
    if from_protein > _MAX_PROTEIN_SHARE * energy:
        raise ValueError("protein_g must not be more than half of energy_kcal")
    held = from_protein + KCAL_PER_G_CARBOHYDRATE * (carbohydrate or 0) + KCAL_PER_G_FAT * (fat or 0)
    if held > (1 + _TOLERANCE) * energy:
        raise ValueError("protein_g, carbohydrate_g and fat_g hold more than energy_kcal")
    if None not in {protein, carbohydrate, fat} and held < (1 - _TOLERANCE) * energy:
        raise ValueError("protein_g, carbohydrate_g and fat_g hold less than energy_kcal")


class TargetsWish(Input):
    """Targets of a day that the person sets; what is left out is computed. None goes below its floor."""

    energy_kcal: Energy | None = None
    protein_g: Protein | None = None
    carbohydrate_g: Annotated[float, Field(ge=0, le=1500), JsonNumber] | None = None
    fat_g: Annotated[float, Field(ge=10, le=500), JsonNumber] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_sum(self.energy_kcal, self.protein_g, self.carbohydrate_g, self.fat_g)
        return self

    def overrides(self) -> TargetOverrides:
        """The targets that are set."""
        return TargetOverrides.model_validate(self.model_dump())


class MealPlanRequest(Input):
    """What the meal plan should be like."""

    days: Annotated[int, Field(ge=1, le=7), JsonNumber] = 7
    meals_per_day: Annotated[int, Field(ge=2, le=6), JsonNumber] = 4
    goal: NutritionGoal = NutritionGoal.MAINTAIN
    targets: TargetsWish = TargetsWish()
    include: Annotated[FoodIds, Field(description="Foods that should come at least once.")] = []
    exclude: Annotated[FoodIds, Field(description="Foods to leave out this time.")] = []
    starts_on: Annotated[CalendarDay | None, Field(description="The first day; by default a Monday.")] = None
    notes: Annotated[Notes, Field(description="Wishes in words; only a model reads them.")] = ""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if set(self.include) & set(self.exclude):
            raise ValueError("a food is either in include or in exclude")
        return self


class SwapMealInput(Input):
    """Another meal in the place of this one, with the same energy and protein. Counted from 0, as in the content."""

    kind: Literal["swap_meal"]
    day: Annotated[int, Field(ge=0, le=13), JsonNumber]
    meal: Annotated[int, Field(ge=0, le=7), JsonNumber]
    notes: Annotated[Notes, Field(description="Wishes in words; only a model reads them.")] = ""


class Rescale(Input):
    """Every day to new targets: those said, the others computed from the profile and the newest measurements."""

    kind: Literal["rescale"]
    energy_kcal: Energy | None = None
    protein_g: Protein | None = None
    goal: NutritionGoal = NutritionGoal.MAINTAIN

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_sum(self.energy_kcal, self.protein_g)
        return self

    def overrides(self) -> TargetOverrides:
        """The targets that are set."""
        return TargetOverrides(energy_kcal=self.energy_kcal, protein_g=self.protein_g)


class Leftover(Input):
    """So much of a food is there, and should be eaten."""

    food_id: UUID
    grams: Annotated[float, Field(ge=1, le=5000), JsonNumber]


class UseUp(Input):
    """The coming days use these up; each day keeps its energy and protein."""

    kind: Literal["use_up"]
    foods: Annotated[list[Leftover], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({leftover.food_id for leftover in self.foods}) < len(self.foods):
            raise ValueError("must not name a food twice")
        return self


MealPlanAdaptation = Annotated[SwapMealInput | Rescale | UseUp, Field(discriminator="kind")]


class TargetsQuery(QueryModel):
    """Which targets."""

    goal: NutritionGoal = NutritionGoal.MAINTAIN


class NutritionTargets(Output):
    """A day's targets, and how each number came about."""

    goal: NutritionGoal
    energy_kcal: int
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    steps: list[Explained]

    @classmethod
    def from_targets(cls, goal: NutritionGoal, targets: Targets) -> Self:
        """These targets as an answer."""
        numbers: dict[str, Any] = targets.document()
        return cls(goal=goal, steps=list(targets.steps), **numbers)
