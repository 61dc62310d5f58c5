"""What targets are computed from, in the database."""

from typing import Annotated

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import Unauthenticated
from src.nutrition.profile import NutritionProfile


class NutritionRepository:
    """The caller's own data."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def profile(self) -> NutritionProfile:
        """What targets are computed from. Raises Unauthenticated when the account is gone."""
        profile = await self._db.read("nutrition_profile")
        if profile is None:
            raise Unauthenticated.account_gone()
        return parse_document(NutritionProfile.model_validate, profile)


NutritionRepo = Annotated[NutritionRepository, injected(NutritionRepository)]
