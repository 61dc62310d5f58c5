"""One copy of something that is the same for everybody, kept in the process for a while."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from src.core.errors import AppError

Value = TypeVar("Value")


class Shared(Generic[Value]):
    """Loads a value once, however many ask, and again when it is older than `lifetime` seconds.

    When it cannot be loaded again, the old value serves on: a library that is a little old beats none.
    """

    def __init__(self, *, lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._value: Value | None = None
        self._loaded_at = float("-inf")
        self._loading: asyncio.Task[Value] | None = None

    async def get(self, load: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """The value; `load` is asked only when it is needed.

        Raises what `load` raises when there is no old value; all who wait for one load share its outcome.
        """
        if self._value is not None and self._clock() - self._loaded_at < self._lifetime:
            return self._value
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._load(load))
        # Shielded: the load goes on for the others when the one who began it gives up.
        return await asyncio.shield(self._loading)

    async def _load(self, load: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        try:
            self._value = await load()
        except AppError:
            if self._value is None:
                raise
        self._loaded_at = self._clock()
        return self._value
