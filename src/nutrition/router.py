"""What a day should have. Meal plans themselves lie in src/plans."""

from typing import Annotated

from fastapi import Query

from src.core.errors import ValidationFailed
from src.core.problems import problems
from src.core.route import api_router
from src.nutrition.repository import NutritionRepo
from src.nutrition.schemas import NutritionTargets, TargetsQuery
from src.nutrition.targets import targets_for

router = api_router("/api/v1", tags=["meal-plans"])


@router.get("/nutrition/targets", operation_id="getNutritionTargets", responses=problems(ValidationFailed))
async def get_nutrition_targets(query: Annotated[TargetsQuery, Query()], nutrition: NutritionRepo) -> NutritionTargets:
    """What a day should have, from the profile and the newest measurements, and why."""
    return NutritionTargets.from_targets(query.goal, targets_for(await nutrition.profile(), query.goal))
