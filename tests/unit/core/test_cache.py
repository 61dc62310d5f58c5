"""One copy for everybody: loaded once, kept for a while, kept longer when it cannot be loaded."""

import asyncio

import pytest
import structlog
from structlog.testing import LogCapture

from src.core import cache
from src.core.cache import Lifetime, SingleFlightCache
from src.core.errors import Unavailable


class Source:
    """Counts how often it is asked, and fails or waits when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> int:
        self.asked += 1
        await self.gate.wait()
        if self.fails:
            raise Unavailable
        return self.asked


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def settle() -> None:
    """Lets the load behind the callers' backs run to its end."""
    loads = [task for task in asyncio.all_tasks() if "SingleFlightCache._load" in repr(task.get_coro())]
    await asyncio.gather(*loads)


async def test_many_at_once_load_once_and_again_after_the_lifetime() -> None:
    source, clock = Source(), Clock()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300, expires=600), clock=clock)
    assert await asyncio.gather(*(shared.get(source.load) for _ in range(50))) == [1] * 50
    clock.seconds = 299
    assert await shared.get(source.load) == 1
    clock.seconds = 300
    assert await shared.get(source.load) == 1  # nobody waits for a newer one
    await settle()
    assert await shared.get(source.load) == 2


async def test_what_has_expired_is_waited_for() -> None:
    source, clock = Source(), Clock()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300, expires=600), clock=clock)
    assert await shared.get(source.load) == 1
    clock.seconds = 600
    assert await shared.get(source.load) == 2
    source.fails, clock.seconds = True, 1200
    with pytest.raises(Unavailable):
        await shared.get(source.load)


async def test_each_load_logs_the_hit_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    # A logger of its own: whatever level other tests have set.
    capture, everything = LogCapture(), structlog.make_filtering_bound_logger(0)
    monkeypatch.setattr(cache, "log", structlog.wrap_logger(None, processors=[capture], wrapper_class=everything))
    lines = capture.entries
    source, clock = Source(), Clock()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300), clock=clock)
    await asyncio.gather(*(shared.get(source.load) for _ in range(2)))
    for _ in range(5):
        await shared.get(source.load)
    clock.seconds, source.fails = 300, True
    await shared.get(source.load)
    await settle()
    assert [(line["log_level"], line["cache"], line["outcome"]) for line in lines] == [
        ("info", "numbers", "loaded"),
        ("warning", "numbers", "unavailable"),
    ]
    # The two who came first waited, nobody after them did.
    counted = [(line["hits"], line["stale"], line["misses"], line["hit_rate"]) for line in lines]
    assert counted == [(0, 0, 2, 0.0), (5, 1, 0, 1.0)]


async def test_the_old_value_serves_while_it_cannot_be_loaded() -> None:
    source, clock = Source(), Clock()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300, expires=600), clock=clock)
    await shared.get(source.load)
    source.fails, clock.seconds = True, 400
    for _ in range(3):
        assert await shared.get(source.load) == 1
        await settle()
    assert source.asked == 4


async def test_those_who_wait_share_a_failure_and_the_next_tries_again() -> None:
    source = Source()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300))
    source.fails = True
    outcomes = await asyncio.gather(*(shared.get(source.load) for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    assert source.asked == 1
    source.fails = False
    assert await shared.get(source.load) == 2


async def test_a_caller_who_gives_up_does_not_end_the_load_for_the_others() -> None:
    source = Source()
    shared: SingleFlightCache[int] = SingleFlightCache("numbers", Lifetime(fresh=300))
    source.gate.clear()
    first, second = (asyncio.create_task(shared.get(source.load)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first
