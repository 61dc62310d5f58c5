"""One copy of something that is the same for everybody, kept in the process for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from src.core.errors import AppError

Value = TypeVar("Value")


class Shared(Generic[Value]):
    """Loads a value once, however many ask, and again when it is older than `lifetime` seconds.

    When it cannot be loaded again, the old value serves on: a library that is a little old beats none.
    """

    def __init__(self, *, lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: Value | None = None
        self._loaded_at = float("-inf")

    async def get(self, load: Callable[[], Awaitable[Value]]) -> Value:
        """The value; `load` is asked only when it is needed. Raises what `load` raises when there is no old value."""
        value = self._fresh()
        if value is not None:
            return value
        async with self._lock:
            value = self._fresh()
            return value if value is not None else await self._load(load)

    def _fresh(self) -> Value | None:
        return self._value if self._clock() - self._loaded_at < self._lifetime else None

    async def _load(self, load: Callable[[], Awaitable[Value]]) -> Value:
        try:
            self._value = await load()
        except AppError:
            if self._value is None:
                raise
        self._loaded_at = self._clock()
        return self._value
