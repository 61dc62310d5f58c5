"""The process cache: one copy of something that is the same for everybody (docs/decisions/0023-caching.md).

HTTP ETag → process cache → Postgres: a client that has the newest answer gets 304, and what an answer is made of is
read from the database once per process and lifetime, not once per request.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, TypeVar

import structlog

from src.core.errors import AppError, UpstreamTimeout

log = structlog.get_logger()

Value = TypeVar("Value")
Loader = Callable[[], Coroutine[Any, Any, Value]]


@dataclass(frozen=True)
class Lifetime:
    """In seconds. A value younger than `fresh` is returned as it is. An older one is returned too, and loaded again in
    the background, until it is `expires` old.

    `cooldown` is the least time between two attempts to load; `timeout` is how long one attempt may take.
    """

    fresh: float
    expires: float = inf
    cooldown: float = 0.0
    timeout: float | None = None


LIBRARY = Lifetime(fresh=300.0)
"""For data that only a deployment changes. It never expires: an old library is better than none."""


@dataclass
class Counts:
    """How callers were served since the last load: fresh, stale, or after a wait."""

    hits: int = 0
    stale: int = 0
    misses: int = 0

    def summary(self) -> dict[str, float]:
        """For the log. `hit_rate`: share of callers who did not wait."""
        asked = self.hits + self.stale + self.misses
        rate = round((self.hits + self.stale) / asked, 4) if asked else 1.0
        return {"hits": self.hits, "stale": self.stale, "misses": self.misses, "hit_rate": rate}


class SingleFlightCache(Generic[Value]):
    """A value that is loaded once at a time, however many ask. Each load logs the hit rate since the last one."""

    def __init__(self, name: str, lifetime: Lifetime, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._lifetime = lifetime
        self._clock = clock
        self._value: Value | None = None
        self._loaded_at = self._tried_at = -inf
        self._loading: asyncio.Task[None] | None = None
        self._failure: AppError | None = None
        self._counts = Counts()

    async def get(self, load: Loader[Value]) -> Value:
        """Returns the value. A caller waits only if there is none yet. Raises what `load` raises, to all who wait."""
        if self._value is None or self._age >= self._lifetime.expires:
            self._counts.misses += 1
            return await self.refresh(load)
        if self._age < self._lifetime.fresh:
            self._counts.hits += 1
        else:
            self._counts.stale += 1
            self._begin(load)
        return self._value

    async def refresh(self, load: Loader[Value]) -> Value:
        """Loads the value again, unless the cooldown runs: for a caller who misses something in what `get` returned."""
        if loading := self._begin(load):
            # Shielded: the load goes on for the others when the caller that started it is cancelled.
            await asyncio.shield(loading)
        if self._value is None or self._age >= self._lifetime.expires:
            raise self._failure or UpstreamTimeout
        return self._value

    async def aclose(self) -> None:
        """Cancels a running load."""
        if self._loading is not None:
            self._loading.cancel()

    @property
    def _age(self) -> float:
        return self._clock() - self._loaded_at

    def _begin(self, load: Loader[Value]) -> asyncio.Task[None] | None:
        """Returns the running load, or starts one; None while the cooldown runs."""
        if self._loading is None or self._loading.done():
            # Counted from the attempt, not from the success: asking for what does not exist must not cause many loads.
            if self._clock() - self._tried_at < self._lifetime.cooldown:
                return None
            self._tried_at = self._clock()
            self._loading = asyncio.create_task(self._load(load))
        return self._loading

    async def _load(self, load: Loader[Value]) -> None:
        counts, self._counts = self._counts.summary(), Counts()
        try:
            async with asyncio.timeout(self._lifetime.timeout):
                self._value = await load()
        except TimeoutError:
            self._failure = UpstreamTimeout()
        except AppError as error:
            self._failure = error
        else:
            self._failure, self._loaded_at = None, self._clock()
        # After a failure the old value stays in use.
        outcome = "loaded" if self._failure is None else self._failure.code
        write = log.info if self._failure is None else log.warning
        write("cache", cache=self._name, outcome=outcome, **counts)
