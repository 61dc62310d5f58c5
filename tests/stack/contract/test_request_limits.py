"""Limits of requests over the whole application: narrow ones are kept, and honest use never meets those we ship."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from src.core import limits
from src.core.config import Settings
from src.core.rates import Rate
from tests.support.api import Api, running
from tests.support.people import Person, anonymous_client, assert_problem, client_with
from tests.support.plans import exercise_id
from tests.support.workouts import LOG, session

PLANS = "/api/v1/plans"
JOBS = "/api/v1/jobs"
SHIPPED = {name: field.default for name, field in Settings.model_fields.items() if name.startswith(("limit_", "max_"))}


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_PAUSE_SECONDS", 0.01)


@asynccontextmanager
async def limited(settings: Settings, person: Person, **narrow: Rate) -> AsyncIterator[tuple[Api, Person]]:
    """This person at an application with these limits, and beside them those we ship."""
    changed = settings.model_copy(update={**SHIPPED, **narrow})
    async with running(changed) as api, client_with(api, person.token) as client:
        yield api, client


@asynccontextmanager
async def watching(api: Api) -> AsyncIterator[Counter[int]]:
    """Counts what PostgREST answers, by status."""
    statuses: Counter[int] = Counter()
    http = api.state["rest"].http
    send = http.send

    async def counted(*args: Any, **kwargs: Any) -> Any:
        answer = await send(*args, **kwargs)
        statuses[answer.status] += 1
        return answer

    http.send = counted
    yield statuses


async def test_who_asks_too_much_is_told_when_to_come_back_and_nobody_else(
    settings: Settings, ana: Person, bo: Person
) -> None:
    async with limited(settings, ana, limit_reads=Rate(3, 300, 8)) as (api, person):
        answers = [await person.get(PLANS) for _ in range(3)]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0"]
        refused = await person.get(PLANS, headers={"Origin": "http://localhost:5173"})
        assert_problem(refused, 429, "rate_limited")
        assert 90 < int(refused.headers["retry-after"]) <= 100
        assert refused.headers["ratelimit-policy"] == '"reads";q=3;w=300'
        assert refused.headers["access-control-allow-origin"] == "http://localhost:5173"
        assert (await person.post(PLANS, json={"name": "x"})).status_code == 201
        async with client_with(api, bo.token) as other:
            assert (await other.get(PLANS)).status_code == 200


async def test_each_class_has_its_limit(settings: Settings, ana: Person) -> None:
    one = Rate(1, 3600, 8)
    names = ("reads", "writes", "searches", "heavy", "streams", "restores")
    requests: dict[str, tuple[str, str, Any]] = {
        "reads": ("GET", "/api/v1/users/me", None),
        "writes": ("POST", PLANS, {"name": "x"}),
        "searches": ("GET", "/api/v1/exercises?q=bench", None),
        "heavy": ("GET", "/api/v1/stats/calendar", None),
        "streams": ("GET", f"{JOBS}/{uuid4()}/events", None),
        "restores": ("POST", "/api/v1/users/me/import", {}),
    }
    async with limited(settings, ana, **{f"limit_{name}": one for name in names}) as (_, person):
        for name, (method, path, body) in requests.items():
            first = await person.request(method, path, json=body)
            assert first.status_code < 429, (name, first.text)
            assert first.headers["ratelimit-policy"] == f'"{name}";q=1;w=3600'
            assert_problem(await person.request(method, path, json=body), 429, "rate_limited")


async def test_strangers_are_limited_by_address(settings: Settings, ana: Person) -> None:
    async with limited(settings, ana, limit_address=Rate(6, 3600, 8)) as (api, person), anonymous_client(api) as anyone:
        asked = ["/", "/nothing", "/openapi.json", "/api/v1/auth/public", PLANS]
        statuses = [(await anyone.get(path)).status_code for path in asked]
        assert statuses == [200, 404, 200, 200, 401]
        assert (await anyone.get(PLANS, headers={"Authorization": "Bearer forged"})).status_code == 401
        for path in (*asked, PLANS):
            assert_problem(await anyone.get(path), 429, "rate_limited")
        assert_problem(await anyone.get(PLANS, headers={"Authorization": "Bearer x"}), 429, "rate_limited")
        assert (await anyone.get("/health")).status_code == 200
        assert (await person.get(PLANS)).status_code == 200  # who has signed in is counted as a person


async def test_a_person_has_five_streams(settings: Settings, ana: Person) -> None:
    accepted = await ana.post("/api/v1/users/me/import", content="{}", headers={"Content-Type": "application/json"})
    async with limited(settings, ana) as (api, person):
        path = f"{accepted.headers['location']}/events"
        streams = [asyncio.create_task(person.get(path)) for _ in range(5)]
        watcher = api.state["job_watcher"]
        while len(watcher._watches) < 5:
            await asyncio.wait(streams, timeout=0.01)
        assert_problem(await person.get(path), 429, "rate_limited")
        assert (await person.get(PLANS)).status_code == 200
        assert (await person.delete(accepted.headers["location"])).status_code == 204
        for answer in await asyncio.gather(*streams):
            assert '"cancelled"' in answer.text
        assert (await person.get(path)).status_code == 200


async def test_the_first_screen_and_a_long_queue_meet_no_limit(settings: Settings, ana: Person) -> None:
    exercise = await exercise_id(ana, "Bench Press")
    screen = [
        *("/api/v1/users/me", PLANS, "/api/v1/meal-plans", "/api/v1/workouts", "/api/v1/workouts/next", JOBS),
        *("/api/v1/chat", "/api/v1/chat/messages", "/api/v1/affinity", "/api/v1/affinity/events", "/api/v1/memories"),
        *("/api/v1/stats/summary", "/api/v1/stats/records", "/api/v1/stats/volume", "/api/v1/stats/calendar"),
        *("/api/v1/measurements", "/api/v1/exercises", "/api/v1/exercises?page=2", "/api/v1/foods", "/api/v1/auth/me"),
    ]
    async with limited(settings, ana) as (api, person), watching(api) as answers:
        for _ in range(3):
            seen = await asyncio.gather(*(person.get(path) for path in screen))
            assert {answer.status_code for answer in seen} <= {200, 404}, [answer.text for answer in seen]
        now = datetime.now(UTC)
        queue = [session(exercise, at=now - timedelta(days=number + 1)) for number in range(200)]
        logged = await asyncio.gather(*(person.post(LOG, json=workout) for workout in queue))
        assert Counter(answer.status_code for answer in logged) == {201: 200}
        screens = await asyncio.gather(*(person.get(path) for path in screen * 4), person.post(LOG, json=queue[0]))
        assert {answer.status_code for answer in screens} <= {200, 404}
    # The database was never asked for more than it runs of one person.
    assert answers[200] > len(screen) * 6
    assert answers[429] == 0
