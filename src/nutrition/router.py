"""A day's targets, and the jobs that make and adapt meal plans."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query, Response

from src.core.errors import Conflict, Forbidden, NotFound, TooManyRequests, ValidationFailed
from src.core.problems import problems
from src.core.route import api_router
from src.jobs.accepted import ACCEPTED, accepted
from src.jobs.schemas import Job
from src.nutrition.repository import NutritionRepo
from src.nutrition.schemas import MealPlanAdaptation, MealPlanRequest, NutritionTargets, TargetsQuery
from src.nutrition.targets import targets_for

router = api_router("/api/v1", tags=["meal-plans"])

ANY = MealPlanRequest()
REFUSALS = problems(Forbidden, Conflict, ValidationFailed, TooManyRequests)


@router.get("/nutrition/targets", operation_id="getNutritionTargets", responses=problems(ValidationFailed))
async def get_nutrition_targets(query: Annotated[TargetsQuery, Query()], nutrition: NutritionRepo) -> NutritionTargets:
    """What a day should have, from the profile and the newest measurements, and why."""
    return NutritionTargets.of(query.goal, targets_for(await nutrition.profile(), query.goal))


@router.post("/meal-plans/generate", operation_id="generateMealPlan", status_code=202, responses=ACCEPTED | REFUSALS)
async def generate_meal_plan(
    nutrition: NutritionRepo, response: Response, request: Annotated[MealPlanRequest, Body()] = ANY
) -> Job:
    """Makes a meal plan, as a draft. The job's result names it, its targets, and by what each day misses them."""
    return accepted(await nutrition.generate(request), response)


@router.post(
    "/meal-plans/{meal_plan_id}/adapt",
    operation_id="adaptMealPlan",
    status_code=202,
    responses=ACCEPTED | REFUSALS | problems(NotFound),
)
async def adapt_meal_plan(
    meal_plan_id: UUID, adaptation: MealPlanAdaptation, nutrition: NutritionRepo, response: Response
) -> Job:
    """Proposes a change of a meal plan; foods that no longer suit the person are replaced on the way."""
    return accepted(await nutrition.adapt(meal_plan_id, adaptation), response)
