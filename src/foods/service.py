"""Decisions about foods: what is found where, and that the library is not anyone's to change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from src.core.cache import SingleFlightCache
from src.core.di import injected
from src.core.library import Library
from src.core.search import SearchIndex
from src.foods.library import PersonalFoods, build_index
from src.foods.repository import FoodRepo
from src.foods.schemas import Food, FoodPage, FoodQuery, FoodWrite


async def _library_cache(request: Request) -> SingleFlightCache[SearchIndex[Food]]:
    return request.state.food_library  # type: ignore[no-any-return]  # Starlette's state is untyped


FoodLibraryDep = Annotated[SingleFlightCache[SearchIndex[Food]], Depends(_library_cache)]


class FoodService:
    """Foods for one caller, over the library that all share."""

    def __init__(self, foods: FoodRepo, cache: FoodLibraryDep) -> None:
        self._foods = foods
        self._library = Library(cache, self._load, "foods")

    async def search(self, query: FoodQuery) -> FoodPage:
        """A page of what the caller can use: the library from memory, their own part in one request."""
        found = (await self.eater()).search(query)
        return FoodPage(
            items=found[query.first : query.last + 1], total=len(found), page=query.page, per_page=query.per_page
        )

    async def eater(self) -> PersonalFoods:
        """The library as the caller sees it: what they avoid, and what they may eat."""
        return PersonalFoods(await self._library.index(), await self._foods.overlay())

    async def replace(self, food_id: UUID, food: FoodWrite, unchanged_since: Sequence[datetime] | None) -> Food:
        """Raises Forbidden for a library food."""
        await self._library.forbid_library_item(food_id)
        return Food.from_row(await self._foods.replace(food_id, food.columns(), unchanged_since))

    async def delete(self, food_id: UUID) -> None:
        """Raises Forbidden for a library food."""
        await self._library.forbid_library_item(food_id)
        await self._foods.delete(food_id)

    async def _load(self) -> SearchIndex[Food]:
        return build_index(map(Food.from_row, await self._foods.library()))


FoodServiceDep = Annotated[FoodService, injected(FoodService)]
