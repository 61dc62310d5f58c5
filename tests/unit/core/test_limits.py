"""Limits per person and per address: what is counted, who waits, what is forgotten, and what an answer says of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core import limits as limits_module
from src.core import rates as rates_module
from src.core.client_address import client_address
from src.core.config import Settings
from src.core.errors import RateLimited, Unavailable
from src.core.limits import HEAVY, READS, RESTORES, SEARCHES, STREAMS, WRITES, Admission, Limits
from src.core.rates import MAX_WAITING, Bucket, Caller, Rate, RecentCallers
from tests.support.forgeries import SETTINGS

ANA, BO = "ana", "bo"


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "_PAUSE_SECONDS", 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


Make = Callable[..., Limits]


@pytest.fixture
def make(clock: Clock) -> Make:
    def limits(**changes: Any) -> Limits:
        return Limits(Settings.model_validate({**SETTINGS, **changes}), clock=clock)

    return limits


def scope(address: str = "192.0.2.1", path: str = "/api/v1/plans", method: str = "GET", **headers: str) -> Any:
    headers.setdefault("authorization", "Bearer token")
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "client": (address, 5), "headers": raw}


@asynccontextmanager
async def request(limits: Limits, *scope_args: Any, **scope_kwargs: Any) -> AsyncIterator[Admission]:
    admission = await limits.enter(scope(*scope_args, **scope_kwargs))
    try:
        yield admission
    finally:
        admission.leave()


def headers_of(admission: Admission) -> dict[str, str]:
    headers: list[tuple[bytes, bytes]] = []
    admission.add_headers(headers)
    return {name.decode(): value.decode() for name, value in headers}


async def refused(act: Awaitable[None]) -> int:
    with pytest.raises(RateLimited) as error:
        await act
    return int(error.value.headers["Retry-After"])


async def test_a_quota_is_used_up_and_comes_back_evenly(make: Make, clock: Clock) -> None:
    limits = make(limit_reads="3/30/2")
    for left in (2, 1, 0):
        async with request(limits) as admission:
            await admission.admit_person(ANA, READS)
            assert headers_of(admission) == {
                "ratelimit-policy": '"reads";q=3;w=30',
                "ratelimit": f'"reads";r={left};t={10 * (3 - left)}',
            }
    async with request(limits) as admission:
        assert await refused(admission.admit_person(ANA, READS)) == 10
        assert headers_of(admission)["ratelimit"] == '"reads";r=0;t=30'
    async with request(limits) as admission:
        await admission.admit_person(BO, READS)
    async with request(limits) as admission:
        await admission.admit_person(ANA, HEAVY)
    clock.now += 10
    async with request(limits) as admission:
        await admission.admit_person(ANA, READS)
    async with request(limits) as admission:
        assert await refused(admission.admit_person(ANA, READS)) == 10


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 6), st.integers(1, 30))
def test_no_window_has_more_than_the_burst_and_what_came_back(pauses: list[float], quota: int, window: int) -> None:
    bucket, rate, now = Bucket(), Rate(quota, window, 1), 0.0
    taken: list[float] = []
    for pause in pauses:
        now += pause
        late = bucket.take(rate, window / quota, now)
        if late:
            # Told how long, it is right.
            assert Bucket.take(copy_of(bucket), rate, window / quota, now + late) == 0.0
        else:
            taken.append(now)
    for index, first in enumerate(taken):
        for count, last in enumerate(taken[index:], 1):
            assert count <= quota + (last - first) * quota / window + 1


def copy_of(bucket: Bucket) -> Bucket:
    copy = Bucket()
    copy.full_at = bucket.full_at
    return copy


async def test_processes_share_a_rate(make: Make) -> None:
    limits = make(limit_reads="3/30/2", web_concurrency=4)
    async with request(limits) as admission:
        await admission.admit_person(ANA, READS)
        assert headers_of(admission)["ratelimit-policy"] == '"reads";q=3;w=120'


async def test_more_than_may_run_together_wait_in_order(make: Make) -> None:
    limits = make(limit_reads="100/10/2")
    running = 0
    seen: list[int] = []
    full, go_on = asyncio.Event(), asyncio.Event()

    async def ask(number: int) -> None:
        nonlocal running
        async with request(limits) as admission:
            await admission.admit_person(ANA, READS)
            running += 1
            assert running <= 2
            seen.append(number)
            if running == 2:
                full.set()
            await go_on.wait()
            running -= 1

    tasks = [asyncio.create_task(ask(number)) for number in range(20)]
    await full.wait()
    tasks[5].cancel()  # whoever goes away gives up its place
    go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert seen == [number for number in range(20) if number != 5]
    assert limits.running == limits.people.of(ANA).bucket(READS).running == 0


async def test_a_turn_that_comes_as_its_caller_leaves_goes_to_the_next() -> None:
    caller = Caller()
    bucket = caller.bucket(READS)
    assert caller.try_turn(bucket, 1, 1)
    first, second = (asyncio.create_task(caller.wait_for_turn(bucket, 1)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.leave(bucket)
    first.cancel()
    assert await second
    caller.leave(bucket)
    assert not caller.is_busy


class Crowd:
    """Requests of one person that run until they are told to end."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.running: list[tuple[str, asyncio.Event]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def add(self, name: str, count: int = 1) -> None:
        self.tasks |= {asyncio.create_task(self._ask(name)) for _ in range(count)}
        await self._settle()

    async def end(self, name: str) -> None:
        """Ends the oldest that runs of this class."""
        next(end for running, end in self.running if running == name).set()
        await self._settle()

    def count(self, name: str) -> int:
        return [running for running, _ in self.running].count(name)

    async def _ask(self, name: str) -> None:
        async with request(self.limits) as admission:
            await admission.admit_person(ANA, name)
            one = (name, asyncio.Event())
            self.running.append(one)
            await one[1].wait()
            self.running.remove(one)

    async def _settle(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)
        self.tasks = {task for task in self.tasks if not task.done()}


CLASSES = (READS, WRITES, SEARCHES, HEAVY, RESTORES)


async def test_what_one_person_runs_of_all_classes_leaves_the_database_one_for_streams(make: Make) -> None:
    limits = make()
    crowd = Crowd(limits)
    for name in CLASSES:
        await crowd.add(name, 20)
    await crowd.add(STREAMS, 5)
    assert crowd.count(STREAMS) == 5
    order = []
    while len(crowd.running) > 5:
        assert len(crowd.running) <= 5 + limits.max_requests_per_person
        name = crowd.running[-1][0] if crowd.running[-1][0] != STREAMS else crowd.running[0][0]
        order.append(name)
        await crowd.end(name)
    assert {name: order.count(name) for name in CLASSES} == dict.fromkeys(CLASSES, 20)


async def test_a_long_queue_of_one_class_leaves_a_turn_to_the_others(make: Make) -> None:
    crowd = Crowd(make(limit_writes="300/60/3", limit_address="9/9/999", max_requests_per_person=4))
    await crowd.add(WRITES, 200)
    await crowd.add(READS, 5)
    assert (crowd.count(WRITES), crowd.count(READS)) == (3, 1)
    await crowd.end(READS)  # those that write have three already, though they came first
    assert (crowd.count(WRITES), crowd.count(READS)) == (3, 1)
    await crowd.end(WRITES)
    assert (crowd.count(WRITES), crowd.count(READS)) == (3, 1)
    while crowd.running:
        await crowd.end(crowd.running[0][0])
    assert not crowd.limits.people.of(ANA).is_busy


async def test_no_more_than_so_many_wait(make: Make) -> None:
    limits = make(limit_address="9/9/999", max_requests_per_person=1)
    crowd = Crowd(limits)
    await crowd.add(WRITES, MAX_WAITING // 2 + 1)
    await crowd.add(READS, MAX_WAITING // 2)
    async with request(limits) as admission:
        assert await refused(admission.admit_person(ANA, HEAVY)) == 1
        assert headers_of(admission)["ratelimit"].startswith('"heavy";r=59;')
    async with request(limits) as admission:
        await admission.admit_person(BO, HEAVY)


async def test_who_waits_too_long_is_refused_and_its_place_is_free(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = make(max_requests_per_person=1)
    crowd = Crowd(limits)
    await crowd.add(READS)
    monkeypatch.setattr(rates_module, "MAX_WAIT_SECONDS", 0)
    async with request(limits) as admission:
        assert await refused(admission.admit_person(ANA, HEAVY)) == 1
    await crowd.end(READS)
    async with request(limits) as admission:
        await admission.admit_person(ANA, HEAVY)


@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.booleans()), max_size=60))
def test_whoever_waits_first_and_may_run_runs_next(steps: list[tuple[str, bool]]) -> None:
    asyncio.run(_come_and_go(steps))


async def _come_and_go(steps: list[tuple[str, bool]]) -> None:
    crowd = Crowd(Limits(Settings.model_validate(SETTINGS)))
    running: Counter[str] = Counter()
    waiting: list[str] = []
    for name, leaves in steps:
        if leaves and running[name]:
            await crowd.end(name)
            running[name] -= 1
        else:
            await crowd.add(name)
            waiting.append(name)
        for place, other in enumerate(waiting):
            if running.total() < 4 and running[other] < crowd.limits.by_name[other].rate.at_once:
                running[waiting.pop(place)] += 1
                break
        assert all(crowd.count(each) == running[each] for each in CLASSES)
    while crowd.running:
        await crowd.end(crowd.running[0][0])
    assert not crowd.tasks
    assert not crowd.limits.people.of(ANA).is_busy


async def test_streams_do_not_wait(make: Make) -> None:
    limits = make(limit_streams="60/60/1")
    async with request(limits) as first:
        await first.admit_person(ANA, STREAMS)
        async with request(limits) as second:
            assert await refused(second.admit_person(ANA, STREAMS)) == 1
    async with request(limits) as third:
        await third.admit_person(ANA, STREAMS)


async def test_strangers_are_counted_by_address_once(make: Make) -> None:
    limits = make(limit_address="2/60/9")
    for _ in range(2):
        async with request(limits) as admission:
            await admission.admit_stranger()
            await admission.admit_stranger()
    async with request(limits) as admission:
        assert await refused(admission.admit_stranger()) == 30
    async with request(limits, "192.0.2.2") as admission:
        await admission.admit_stranger()
    for free in (scope(method="OPTIONS"), scope(path="/health")):
        admission = await limits.enter(free)
        await admission.admit_stranger()
        assert headers_of(admission)["ratelimit"] == '"address";r=0;t=60'
        admission.leave()
    no_token = {**scope(), "headers": []}
    with pytest.raises(RateLimited):
        await limits.enter(no_token)
    for free in ({**no_token, "method": "OPTIONS"}, {**no_token, "path": "/health"}):
        (await limits.enter(free)).leave()
    assert limits.running == 0
    async with request(limits) as admission:
        await admission.admit_person(ANA, READS)  # whoever shares an address with a noisy one is not refused


async def test_an_address_and_the_process_have_only_so_many_under_way(make: Make) -> None:
    limits = make(limit_address="9/60/2", max_requests=3)
    async with request(limits), request(limits):
        with pytest.raises(RateLimited):
            await limits.enter(scope())
        async with request(limits, "192.0.2.2"):
            with pytest.raises(Unavailable):
                await limits.enter(scope("192.0.2.3"))
    async with request(limits):
        assert limits.running == 1


async def test_an_answer_that_tells_of_another_limit_keeps_it(make: Make) -> None:
    async with request(make()) as admission:
        headers = [(b"ratelimit", b'"day";r=0;t=3600')]
        admission.add_headers(headers)
    assert headers == [(b"ratelimit", b'"day";r=0;t=3600')]


def test_callers_without_number_take_no_memory() -> None:
    people = RecentCallers(Caller, 100)
    busy = people.of("busy")
    busy.bucket(STREAMS).running = 1
    for number in range(10_000):
        people.of(f"{number}")
    assert len(people) <= 101
    assert people.of("busy") is busy


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (0, "", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "6.6.6.6", "192.0.2.1"),
        (2, "", "192.0.2.1"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "x" * 5000, "192.0.2.1"),
    ],
)
def test_the_address_is_what_known_proxies_say(hops: int, forwarded: str, address: str) -> None:
    assert client_address(scope(x_forwarded_for=forwarded) if forwarded else scope(), hops) == address


def test_forwarded_in_several_headers_is_one_list() -> None:
    headers = [
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"x-forwarded-for", b"198.51.100.1"),
        (b"x-forwarded-for", b"10.0.0.1"),
    ]
    assert client_address({**scope(), "headers": headers}, 2) == "198.51.100.1"


@pytest.mark.parametrize(
    "text", ["", "5", "5/5", "0/1/1", "1/0/1", "1/1/0", "-1/1/1", "1/1/1/1", "a/b/c", "9" * 10 + "/1/1"]
)
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="three whole numbers"):
        Rate.parse(text)
