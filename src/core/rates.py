"""Counting requests: how many in a time, and how many together. Pure but for the futures of those who wait."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final, Self

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

    __slots__ = ("full_at", "running", "waiting")

    def __init__(self) -> None:
        self.full_at = 0.0
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] | None = None

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

    async def wait_for_turn(self) -> bool:
        """Waits, in order, until one of those that run has ended. Returns whether it did in time."""
        queue = self.waiting = self.waiting or deque()
        if len(queue) >= MAX_WAITING:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn had come in the same moment: the next one takes it
            elif turn in queue:
                queue.remove(turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def leave(self) -> None:
        """One of those that run has ended: the first that waits runs in its place."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


class Buckets:
    """The buckets of one rate, the longest unused dropped first, so that callers without number take no memory.

    Dropped is one that is full, or one whose caller was not heard of while `capacity` others were: they begin anew.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, caller: str) -> Bucket:
        bucket = self._buckets.get(caller)
        if bucket is None:
            self._make_room()
            bucket = self._buckets[caller] = Bucket()
        else:
            self._buckets.move_to_end(caller)
        return bucket

    def _make_room(self) -> None:
        # Whoever has something under way stays. There are fewer of them than requests that the process takes at all.
        for _ in range(min(len(self._buckets), 64)):
            if len(self._buckets) < self._capacity:
                return
            caller, bucket = self._buckets.popitem(last=False)
            if bucket.running:
                self._buckets[caller] = bucket
