"""Foods in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import NotFound
from src.core.gateway import Row
from src.foods.library import FoodOverlay


class FoodRow(TypedDict):
    """A row of public.foods."""

    id: str
    slug: str | None
    name: str
    aliases: list[str]
    category: str
    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    fibre_g: float
    sugar_g: float
    salt_g: float
    alcohol_g: float
    allergens: list[str]
    diets: list[str]
    servings: list[dict[str, Any]]
    hidden_at: str | None
    created_at: str
    updated_at: str


FOOD_COLUMNS = ",".join(FoodRow.__annotations__)


class FoodRepository:
    """Foods the caller can see, and their own to change."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def library(self) -> list[Row]:
        """Every library food: the same rows for every caller, so that they may be shared."""
        foods = self._db.table("foods")
        return await self._db.fetch_all(lambda: foods.select(FOOD_COLUMNS).is_("user_id", "null").order("id"))

    async def overlay(self) -> FoodOverlay:
        """What the caller adds to the library, and what they may eat."""
        return parse_document(FoodOverlay.model_validate, await self._db.read("food_overlay"))

    async def get(self, food_id: UUID) -> Row:
        """A food. Raises NotFound."""
        return await self._db.one(self._db.table("foods").select(FOOD_COLUMNS).eq("id", food_id))

    async def create(self, food: dict[str, Any], idempotency_key: str | None) -> tuple[Row, bool]:
        """The new custom food, and whether the key had already made it. Raises Conflict for a name in use."""
        return await self._db.create("create_food", food, idempotency_key)

    async def replace(self, food_id: UUID, food: dict[str, Any], unchanged_since: Sequence[datetime] | None) -> Row:
        """The caller's own food after the change. Raises NotFound, Conflict for a name in use, and PreconditionFailed
        when it is none of the expected states."""
        query = self._db.table("foods").update(food).eq("id", food_id).eq("user_id", self._db.user_id)
        return await self._db.change(query, FOOD_COLUMNS, unchanged_since, lambda: self._not_hidden(food_id))

    async def _not_hidden(self, food_id: UUID) -> None:
        if (await self.get(food_id))["hidden_at"] is not None:
            raise NotFound

    async def delete(self, food_id: UUID) -> None:
        """Deletes the caller's own food, or hides it when a meal plan uses it. Raises NotFound."""
        await self._db.call_or_404("delete_food", {"food_id": str(food_id)})


FoodRepo = Annotated[FoodRepository, injected(FoodRepository)]
