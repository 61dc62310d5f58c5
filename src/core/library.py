"""A library whose items all share: held in memory, and nobody's to change."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic
from uuid import UUID

from src.core.cache import SingleFlightCache
from src.core.errors import Forbidden
from src.core.search import ItemT, SearchIndex


class Library(Generic[ItemT]):
    """The items that all share. `noun`: what people call them, in the plural."""

    def __init__(
        self,
        cache: SingleFlightCache[SearchIndex[ItemT]],
        load: Callable[[], Coroutine[Any, Any, SearchIndex[ItemT]]],
        noun: str,
    ) -> None:
        self._cache, self._load, self._noun = cache, load, noun

    async def index(self) -> SearchIndex[ItemT]:
        """All items, loaded when nobody has asked for them lately."""
        return await self._cache.get(self._load)

    async def forbid_library_item(self, item_id: UUID) -> None:
        """Raises Forbidden for an item of the library."""
        if item_id in (await self.index()).ids:
            raise Forbidden(f"Library {self._noun} cannot be changed; add one of your own.")
