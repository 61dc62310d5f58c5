"""Having meal plans made and adapted."""

from typing import Annotated
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.errors import NotFound
from src.core.gateway import Row, row_of
from src.nutrition.profile import NutritionProfile
from src.nutrition.schemas import MealPlanRequest, Rescale, SwapMeal, UseUp


class NutritionRepository:
    """The caller's own."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def profile(self) -> NutritionProfile:
        """What targets are computed from."""
        return NutritionProfile.model_validate(row_of(await self._db.read("nutrition_profile")))

    async def generate(self, request: MealPlanRequest) -> Row:
        """The job, or the one that does just this already. Raises ValidationFailed naming what is missing, Forbidden,
        Conflict and TooManyRequests."""
        return row_of(await self._db.call("generate_meal_plan", {"request": request.model_dump_json()}))

    async def adapt(self, meal_plan_id: UUID, request: SwapMeal | Rescale | UseUp) -> Row:
        """The job, or the one that does just this already. Raises what `generate` does, and NotFound."""
        wanted = {"meal_plan_id": str(meal_plan_id), "request": request.model_dump_json()}
        job = await self._db.call("adapt_meal_plan", wanted)
        if job is None:
            raise NotFound
        return row_of(job)


NutritionRepo = Annotated[NutritionRepository, injected(NutritionRepository)]
