"""Counting requests: how many in a time, and how many together. Pure but for the futures of those who wait."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, Protocol, Self, TypeVar

MAX_WAITING: Final = 256
MAX_WAIT_SECONDS: Final = 30.0
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """`quota` requests in `window` seconds, `at_once` of them together. Written 600/60/8."""

    quota: int
    window: int
    at_once: int

    def __str__(self) -> str:
        return f"{self.quota}/{self.window}/{self.at_once}"

    @classmethod
    def parse(cls, text: object) -> Self:
        """Raises ValueError."""
        if isinstance(text, cls):
            return text
        parts = str(text).split("/")
        if len(parts) != 3 or not all(part.isdecimal() and len(part) <= 9 and int(part) for part in parts):
            raise ValueError("must be three whole numbers above 0: requests/seconds/together, such as 600/60/8")
        return cls(*map(int, parts))


class Bucket:
    """What one caller has used of one rate.

    A token bucket in one number (the generic cell rate algorithm): `full_at` is when the whole quota is there again,
    and each request moves it by the time that one token takes. A bucket that is full needs no memory of its past.
    """

    __slots__ = ("full_at", "running")

    def __init__(self) -> None:
        self.full_at = 0.0
        self.running = 0

    @property
    def is_busy(self) -> bool:
        return self.running > 0

    def take(self, rate: Rate, interval: float, now: float) -> float:
        """Takes a token. Returns 0.0, or how many seconds there is none; then nothing is taken."""
        full_at = max(self.full_at, now) + interval
        late = full_at - now - rate.quota * interval
        # Not 0: sums of intervals are not exact.
        if late > _TOLERANCE:
            return late
        self.full_at = full_at
        return 0.0

    def left(self, rate: Rate, interval: float, now: float) -> int:
        """How many tokens there are."""
        return int(rate.quota - max(self.full_at - now, 0.0) / interval + _TOLERANCE)


class _Waiter(NamedTuple):
    bucket: Bucket
    at_once: int
    turn: asyncio.Future[None]


class Caller:
    """A bucket for each class that one caller asks for, and turns: so many run together of one class, and of all."""

    __slots__ = ("_running", "_waiting", "buckets")

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self._running = 0
        self._waiting: list[_Waiter] = []  # not a deque, which takes 600 bytes for each caller

    @property
    def is_busy(self) -> bool:
        return any(bucket.running for bucket in self.buckets.values())

    def bucket(self, name: str) -> Bucket:
        bucket = self.buckets.get(name)
        if bucket is None:
            bucket = self.buckets[name] = Bucket()
        return bucket

    def try_turn(self, bucket: Bucket, at_once: int, in_all: int) -> bool:
        """Takes a turn if one is free. Nobody is passed by: whoever waits does so because none is free for them."""
        if bucket.running >= at_once or self._running >= in_all:
            return False
        bucket.running += 1
        self._running += 1
        return True

    async def wait_for_turn(self, bucket: Bucket, at_once: int) -> bool:
        """Waits until a turn that others had is free, in order. Returns whether it came in time."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(bucket, at_once, turn)
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave(bucket)  # the turn had come in the same moment: the next one takes it
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def leave(self, bucket: Bucket) -> None:
        """Gives up a turn: the first that waits and whose class has room takes it."""
        bucket.running -= 1
        self._running -= 1
        for waiter in self._waiting:
            if waiter.bucket.running < waiter.at_once and not waiter.turn.done():
                self._waiting.remove(waiter)
                waiter.bucket.running += 1
                self._running += 1
                waiter.turn.set_result(None)
                return


class _Droppable(Protocol):
    @property
    def is_busy(self) -> bool: ...


_Kept = TypeVar("_Kept", bound=_Droppable)


class RecentCallers(Generic[_Kept]):
    """What is known of each caller, the longest unused dropped first: callers without number take no memory.

    Dropped is one that is full, or one whose caller was not heard of while `capacity` others were: they begin anew.
    """

    def __init__(self, make: Callable[[], _Kept], capacity: int) -> None:
        self._make = make
        self._capacity = capacity
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, caller: str) -> _Kept:
        kept = self._kept.get(caller)
        if kept is None:
            self._make_room()
            kept = self._kept[caller] = self._make()
        else:
            self._kept.move_to_end(caller)
        return kept

    def _make_room(self) -> None:
        # Whoever has something under way stays. There are fewer of them than requests that the process takes at all.
        for _ in range(min(len(self._kept), 64)):
            if len(self._kept) < self._capacity:
                return
            caller, kept = self._kept.popitem(last=False)
            if kept.is_busy:
                self._kept[caller] = kept
