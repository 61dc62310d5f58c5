"""Something heavy that is made at its first use, in a thread, once."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """Loading is not part of a call's budget, and does not block the event loop."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._loading = asyncio.Lock()
        self.value: T | None = None
        """What was made, or None before its first use."""

    async def get(self) -> T:
        """What is made: by the first caller."""
        async with self._loading:
            if self.value is None:
                self.value = await asyncio.to_thread(self._make)
            return self.value
