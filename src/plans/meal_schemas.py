"""Meal plans as they are asked for and answered."""

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.core.pagination import Page
from src.core.schema import Input, JsonNumber, Name, Output
from src.foods.schemas import NutrientValues
from src.nutrition.content import MealPlanContent
from src.nutrition.nutrients import Nutrients, mean, nutrients_of
from src.plans.schemas import ContentVersion, Description, DurationWeeks, NewStatus, PlanGoal, PlanQuery, VersionNumber
from src.vocabulary import Allergen, Diet, FoodCategory, PlanSource, PlanStatus

TargetEnergy = Annotated[int, Field(ge=1200, le=10_000, description="kcal a day."), JsonNumber]
TargetProtein = Annotated[int, Field(ge=1, le=1000, description="g a day."), JsonNumber]
TargetCarbohydrate = Annotated[int, Field(ge=0, le=2000, description="g a day, fibre included."), JsonNumber]
TargetFat = Annotated[int, Field(ge=0, le=1000, description="g a day."), JsonNumber]


class MealPlanSummary(Output):
    """A meal plan without its content, as in lists. Targets are a day's."""

    id: UUID
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    target_energy_kcal: int | None
    target_protein_g: int | None
    target_carbohydrate_g: int | None
    target_fat_g: int | None
    status: PlanStatus
    source: PlanSource
    version: VersionNumber
    created_at: AwareDatetime
    updated_at: AwareDatetime


class NutrientSum(NutrientValues):
    """Nutrients of what is eaten, computed from the foods: energy to 1 kcal, the rest to 0.1 g, salt to 0.01 g.
    Carbohydrate includes fibre and sugar."""


class Residual(Output):
    """What a day has above its target, below it where negative; null where there is no target. Ratios are of the
    target: 0.05 is 5 % above."""

    energy_kcal: float | None
    energy_ratio: float | None
    protein_g: float | None
    protein_ratio: float | None


class DayNutrients(Output):
    """A day: its nutrients, what they lack or exceed, and those of each of its meals, in order."""

    nutrients: NutrientSum
    residual: Residual
    meals: list[NutrientSum]


class MealPlanNutrients(Output):
    """The average of the plan's days, and each day, in order."""

    average: NutrientSum
    days: list[DayNutrients]


class PlannedFood(Output):
    """A food of the plan."""

    id: UUID
    name: str
    category: FoodCategory


class FoodConflict(Output):
    """A food of the plan that does not suit the person any more: the allergens of theirs that it has, and their diet
    where it does not fit that."""

    food_id: UUID
    name: str
    allergens: list[Allergen]
    diet: Diet | None


class MealPlan(MealPlanSummary):
    """A meal plan, whole. `content` and `nutrients` are null in an empty draft. `conflicts`: foods that the person has
    come to avoid since the plan was made; it stays as it is, but is not activated."""

    content: MealPlanContent | None
    foods: list[PlannedFood]
    nutrients: MealPlanNutrients | None
    conflicts: list[FoodConflict]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """The plan from its row, which has `foods_used` beside the columns."""
        content = MealPlanContent.model_validate(row["content"]) if row["content"] else None
        foods = row["foods_used"]
        computed = {
            "content": content,
            "foods": foods,
            "nutrients": content and _nutrients(content, foods, row),
            "conflicts": [_conflict(food) for food in foods if food["conflict"]],
        }
        return cls.model_validate({**row, **computed})


def _conflict(food: Mapping[str, Any]) -> dict[str, Any]:
    return {"food_id": food["id"], "name": food["name"], **food["conflict"]}


def _nutrients(content: MealPlanContent, foods: list[dict[str, Any]], targets: Mapping[str, Any]) -> dict[str, Any]:
    by_id = {UUID(food["id"]): food for food in foods}
    days = [nutrients_of(chain.from_iterable(meal.items for meal in day.meals), by_id) for day in content.days]
    return {
        "average": mean(days).shown(),
        "days": [
            {
                "nutrients": nutrients.shown(),
                "residual": _residual(nutrients, targets),
                "meals": [nutrients_of(meal.items, by_id).shown() for meal in day.meals],
            }
            for day, nutrients in zip(content.days, days, strict=True)
        ],
    }


def _residual(day: Nutrients, targets: Mapping[str, Any]) -> dict[str, float | None]:
    energy, energy_ratio = _above(day.energy_kcal, targets["target_energy_kcal"], 0)
    protein, protein_ratio = _above(day.protein_g, targets["target_protein_g"], 1)
    return {
        "energy_kcal": energy,
        "energy_ratio": energy_ratio,
        "protein_g": protein,
        "protein_ratio": protein_ratio,
    }


def _above(value: float, target: int | None, decimals: int) -> tuple[float | None, float | None]:
    """How far above a target, absolutely and as a share of it."""
    if target is None:
        return None, None
    return round(value - target, decimals), round((value - target) / target, 4)


class MealPlanPage(Page[MealPlanSummary]):
    """A page of meal plans."""


class MealPlanCreate(Input):
    """A new meal plan: a draft, with or without content. Targets are a day's."""

    name: Name
    description: Description | None = None
    goal: PlanGoal | None = None
    duration_weeks: DurationWeeks | None = None
    target_energy_kcal: TargetEnergy | None = None
    target_protein_g: TargetProtein | None = None
    target_carbohydrate_g: TargetCarbohydrate | None = None
    target_fat_g: TargetFat | None = None
    content: MealPlanContent | None = None


class MealPlanReplace(MealPlanCreate):
    """A meal plan, whole: what is left out becomes empty, but the status stays. Content cannot be emptied."""

    status: NewStatus = None


class MealPlanQuery(PlanQuery):
    """Filters and sorts meal plans as PlanQuery does workout plans."""


class MealPlanVersion(ContentVersion[MealPlanContent]):
    """A content the meal plan has had."""


class MealPlanVersionPage(Page[MealPlanVersion]):
    """A page of a meal plan's history, newest first."""


Position = Annotated[int, Field(ge=0, le=19, description="Counted from 0, as in the content."), JsonNumber]


class FoodSwap(Input):
    """Another food in place of an item."""

    day: Position
    meal: Position
    item: Position
    food_id: UUID
