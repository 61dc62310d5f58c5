"""How much one person, and one address, may ask of this process (docs/decisions/0035-limits.md).

The middleware enters each request and lets it leave; the route says whose it is. What is above its limit is answered
after a pause, so that a caller who does not listen slows down nobody but itself.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from typing import Any, Final

from starlette.types import Scope

from src.core.client_address import client_address
from src.core.config import Settings
from src.core.errors import RateLimited, Unavailable
from src.core.rates import Bucket, Caller, Rate, RecentCallers

READS, WRITES, SEARCHES, HEAVY, STREAMS, RESTORES = "reads", "writes", "searches", "heavy", "streams", "restores"
LIMIT_MARK: Final = "x-rate-limit"
_ADDRESS: Final = "address"
_CLASSES: Final = (READS, WRITES, SEARCHES, HEAVY, STREAMS, RESTORES, _ADDRESS)
_MAX_CALLERS: Final = 20_000
_PAUSE_SECONDS: Final = 0.5
# Never refused: what a platform judges us by, and what a browser asks before it asks.
# What platforms and monitors ask; the second one reaches the database once a second at most.
_FREE_PATHS: Final = frozenset({"/health", "/api/health"})

Headers = list[tuple[bytes, bytes]]


def limited_as(name: str) -> dict[str, Any]:
    """`openapi_extra` of a route that is neither among the reads (GET) nor among the writes."""
    return {LIMIT_MARK: name}


class _Limit:
    """The rate of one class in this process."""

    def __init__(self, name: str, rate: Rate, processes: int) -> None:
        self.name = name
        self.rate = rate
        # Each process has its share of the rate. The burst is whole: one connection is served by one process.
        self.interval = rate.window * processes / rate.quota
        self.policy = f'"{name}";q={rate.quota};w={rate.window * processes}'.encode()
        # Streams are open for long and rarely ask the database: they have places of their own, and do not wait for one.
        self.has_turns = name != STREAMS


class Limits:
    """All limits of this process. In memory: a shared store would cost each request a round trip to what it guards."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        rates = {name: getattr(settings, f"limit_{name}") for name in _CLASSES}
        self.by_name = {name: _Limit(name, rate, settings.web_concurrency) for name, rate in rates.items()}
        self.address = self.by_name[_ADDRESS]
        self.addresses = RecentCallers(Bucket, _MAX_CALLERS)
        self.people = RecentCallers(Caller, _MAX_CALLERS)
        self.hops = settings.trusted_proxy_hops
        self.max_requests = settings.max_requests
        self.max_requests_per_person = settings.max_requests_per_person
        self.running = 0
        self.clock = clock

    async def enter(self, scope: Scope) -> "Admission":
        """Takes in a request. Raises Unavailable, and RateLimited for an address; else the request must leave."""
        bucket = self.addresses.of(client_address(scope, self.hops))
        admission = scope["admission"] = Admission(self, bucket)
        if self.running >= self.max_requests:
            raise Unavailable("There is too much to do right now; try again shortly.", retry_after=1)
        if bucket.running >= self.address.rate.at_once:
            raise RateLimited("This address has too many requests under way.", retry_after=1)
        bucket.running += 1
        self.running += 1
        if scope["method"] == "OPTIONS" or scope["path"] in _FREE_PATHS:
            admission.counted = True
        elif not any(name == b"authorization" for name, _ in scope["headers"]):
            try:
                await admission.admit_stranger()
            except BaseException:
                admission.leave()
                raise
        return admission


class Admission:
    """One request that is under way."""

    __slots__ = ("_address", "_bucket", "_limit", "_limits", "_person", "counted")

    def __init__(self, limits: Limits, address: Bucket) -> None:
        self._limits = limits
        self._address = self._bucket = address
        self._limit = limits.address
        self._person: Caller | None = None  # who has a turn, or a place among the streams
        self.counted = False

    async def admit_person(self, user_id: str, name: str) -> None:
        """Counts the request for its person and waits for its turn. Raises RateLimited."""
        limits = self._limits
        limit = self._limit = limits.by_name[name]
        person = limits.people.of(user_id)
        bucket = self._bucket = person.bucket(name)
        self.counted = True
        await self._take()
        at_once = limit.rate.at_once
        if limit.has_turns:
            admitted = person.try_turn(bucket, at_once, limits.max_requests_per_person)
            admitted = admitted or await person.wait_for_turn(bucket, at_once)
        elif admitted := bucket.running < at_once:
            bucket.running += 1
        if not admitted:
            await asyncio.sleep(_PAUSE_SECONDS)
            raise RateLimited("You have too many of these under way already.", retry_after=1)
        self._person = person

    async def admit_stranger(self) -> None:
        """Counts a request that has not shown whose it is for its address. Raises RateLimited."""
        if not self.counted:
            self.counted = True
            await self._take()

    async def count_late(self) -> None:
        """For an answer that no route has given: what it says is known, so that it only waits."""
        with suppress(RateLimited):
            await self.admit_stranger()

    async def _take(self) -> None:
        limit = self._limit
        late = self._bucket.take(limit.rate, limit.interval, self._limits.clock())
        if late:
            await asyncio.sleep(_PAUSE_SECONDS)
            raise RateLimited(retry_after=ceil(late))

    def add_headers(self, headers: Headers) -> None:
        """Adds what is left (draft-ietf-httpapi-ratelimit-headers), unless the answer tells of another limit."""
        if any(name == b"ratelimit" for name, _ in headers):
            return
        limit, bucket, now = self._limit, self._bucket, self._limits.clock()
        left, reset = bucket.left(limit.rate, limit.interval, now), max(ceil(bucket.full_at - now), 0)
        headers.append((b"ratelimit-policy", limit.policy))
        headers.append((b"ratelimit", b'"%b";r=%d;t=%d' % (limit.name.encode(), left, reset)))

    def leave(self) -> None:
        """The answer has been sent, or nobody waits for it any more."""
        if self._person is not None:
            if self._limit.has_turns:
                self._person.leave(self._bucket)
            else:
                self._bucket.running -= 1
        self._address.running -= 1
        self._limits.running -= 1
