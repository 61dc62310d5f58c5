"""What targets are computed from, and the jobs that make and adapt meal plans."""

from typing import Annotated
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.documents import parsed
from src.core.gateway import found
from src.jobs.schemas import Job
from src.nutrition.profile import NutritionProfile
from src.nutrition.schemas import MealPlanRequest, Rescale, SwapMealInput, UseUp


class NutritionRepository:
    """The caller's own profile and jobs."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def profile(self) -> NutritionProfile:
        """What targets are computed from."""
        return parsed(NutritionProfile.model_validate, await self._db.read("nutrition_profile"))

    async def generate(self, request: MealPlanRequest) -> Job:
        """The job, or the one that does just this already. Raises ValidationFailed naming what is missing, Forbidden,
        Conflict and TooManyRequests."""
        wanted = {"request": request.model_dump_json()}
        return parsed(Job.model_validate, await self._db.call("generate_meal_plan", wanted))

    async def adapt(self, meal_plan_id: UUID, request: SwapMealInput | Rescale | UseUp) -> Job:
        """The job, or the one that does just this already. Raises what `generate` does, and NotFound."""
        wanted = {"meal_plan_id": str(meal_plan_id), "request": request.model_dump_json()}
        return parsed(Job.model_validate, found(await self._db.call("adapt_meal_plan", wanted)))


NutritionRepo = Annotated[NutritionRepository, injected(NutritionRepository)]
