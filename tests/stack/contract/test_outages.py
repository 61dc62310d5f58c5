"""What people get while something behind the API is gone, and that it heals by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from dev.stack import Options, Stack
from tests.conftest import settings_of
from tests.support.events import events_of
from tests.support.jobs import drain
from tests.support.people import PASSWORD
from tests.support.server import ApiServer
from tests.support.workouts import LOG, session

PLANS = "/api/v1/plans"
READS = (PLANS, "/api/v1/users/me", "/api/v1/exercises?q=squat", f"{PLANS}/{uuid4()}")
# Far above the budget of three seconds, so that a slow machine does not matter, and far below "hangs".
PATIENCE = 30


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this module's own, to break. Durable: Postgres is killed, and nothing may be lost by that."""
    with asyncio.Runner() as runner:
        local = Stack(Options(tmp_path_factory.mktemp("fragile") / "data", durable=True))
        runner.run(local.__aenter__())
        try:
            yield local
        finally:
            runner.run(local.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def server(fragile: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    environment = {**fragile.environment(), "DATA_BUDGET_SECONDS": "3"}
    with ApiServer(environment, log=Path(tmp_path_factory.mktemp("api") / "api.log")) as running:
        yield running


@pytest.fixture
async def person(fragile: Stack, server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    """Someone signed in, whose token and library the server has seen."""
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        session = await client.post(
            f"{fragile.supabase_url}/auth/v1/signup",
            headers={"apikey": fragile.publishable_key},
            json={"email": f"{uuid4().hex}@people.example", "password": PASSWORD},
        )
        client.headers["Authorization"] = f"Bearer {session.raise_for_status().json()['access_token']}"
        await healed(client)
        yield client


async def healed(client: httpx.AsyncClient) -> None:
    """Waits until the API serves again, without a restart of it."""
    async with asyncio.timeout(60):
        while True:
            ready = await client.get("/api/health")
            listed = await client.get("/api/v1/exercises?per_page=1")
            if (ready.status_code, listed.status_code) == (200, 200):
                return


def kill_postgrest(stack: Stack) -> None:
    stack.postgrest.kill()


def freeze_postgrest(stack: Stack) -> None:
    stack.postgrest.freeze()


def kill_postgres(stack: Stack) -> None:
    stack.postgres.kill()


def freeze_gateway(stack: Stack) -> None:
    stack.gateway.freeze()


def kill_gateway(stack: Stack) -> None:
    stack.gateway.kill()


async def mend(stack: Stack) -> None:
    for child in (stack.postgres, stack.postgrest, stack.gateway):
        child.thaw()
    for child in (stack.postgres, stack.postgrest, stack.gateway):
        await child.restart()


@pytest.mark.parametrize("breaks", [kill_postgrest, freeze_postgrest, kill_postgres, freeze_gateway, kill_gateway])
async def test_an_outage_is_answered_in_time_and_heals(
    breaks: Callable[[Stack], None], fragile: Stack, person: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    breaks(fragile)
    try:
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(
                *(person.get(path) for path in READS), person.post(PLANS, json={"name": "Once"}, headers=key)
            )
        for answer in answers:
            assert answer.status_code in {503, 504}, answer.text
            problem = answer.json()
            assert problem["code"] == {503: "unavailable", 504: "upstream_timeout"}[answer.status_code]
            assert ("retry-after" in answer.headers) == (answer.status_code == 503)
        assert (await person.get("/health")).json() == {"status": "healthy"}
        await says_unreachable(person)
    finally:
        await mend(fragile)
    await healed(person)
    made = await person.post(PLANS, json={"name": "Once"}, headers=key)
    assert made.status_code in {200, 201}
    assert (await person.get(PLANS)).json()["total"] == 1


async def says_unreachable(client: httpx.AsyncClient) -> None:
    """The state is a second old at most, so the outage is soon seen."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await client.get("/api/health")).status_code == 200:
            pass
    assert answer.status_code == 503
    assert {"status": "error", "database": "unreachable"}.items() <= answer.json().items()


@pytest.mark.parametrize("breaks", [kill_postgrest, kill_postgres, kill_gateway])
async def test_an_outage_while_logging_loses_nothing_and_doubles_nothing(
    breaks: Callable[[Stack], None], fragile: Stack, person: httpx.AsyncClient
) -> None:
    found = await person.get("/api/v1/exercises?q=squat&per_page=1")
    begin = datetime.now(UTC) - timedelta(days=40)
    bodies = [session(found.json()["items"][0]["id"], at=begin + timedelta(days=day)) for day in range(30)]
    sent = [asyncio.create_task(person.post(LOG, json=body)) for body in bodies]
    await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
    breaks(fragile)
    try:
        first = await asyncio.gather(*sent)
    finally:
        await mend(fragile)
    await healed(person)
    acknowledged = {at: answer.json()["workout"] for at, answer in enumerate(first) if answer.status_code == 201}
    assert acknowledged
    assert {answer.status_code for answer in first} <= {201, 503, 504}

    again = [await person.post(LOG, json=body) for body in bodies]
    for at, workout in acknowledged.items():
        assert (again[at].status_code, again[at].json()["workout"]) == (200, workout)
    assert {answer.status_code for answer in again} <= {200, 201}
    logged = (await person.get("/api/v1/workouts", params={"per_page": 100})).json()
    assert {one["id"] for one in logged["items"]} == {answer.json()["workout"]["id"] for answer in again}
    assert logged["total"] == len(bodies)
    events = (await person.get("/api/v1/affinity/events", params={"per_page": 100})).json()
    assert events["total"] <= 100
    rewarded = [(event["rule"], event["source_id"]) for event in events["items"]]
    assert len(rewarded) == len(set(rewarded))
    score = (await person.get("/api/v1/affinity")).json()["score"]
    assert score == sum(event["points"] for event in events["items"])


@pytest.mark.parametrize("breaks", [kill_postgrest, kill_postgres, freeze_postgrest, kill_gateway])
async def test_a_stream_of_a_job_outlives_an_outage(
    breaks: Callable[[Stack], None], fragile: Stack, server: ApiServer, person: httpx.AsyncClient
) -> None:
    document = {"format": "slow-burn", "version": 1, "profile": {}}
    path = (await person.post("/api/v1/users/me/import", json=document)).raise_for_status().headers["location"]
    async with person.stream("GET", f"{path}/events") as stream:
        blocks = stream.aiter_text()
        text = await anext(blocks)
        breaks(fragile)
        try:
            await fails_to_watch(server, person)
        finally:
            await mend(fragile)
        await healed(person)
        await drain(settings_of(fragile))
        async with asyncio.timeout(PATIENCE):
            text += "".join([block async for block in blocks])
    events = events_of(text)
    assert {name for name, _ in events} == {"job"}
    changes = [datetime.fromisoformat(job["updated_at"]) for _, job in events]
    assert changes == sorted(set(changes))
    assert [events[0][1]["status"], events[-1][1]["status"]] == ["queued", "succeeded"]


async def fails_to_watch(server: ApiServer, client: httpx.AsyncClient) -> None:
    """Waits until the server has asked for the changes of jobs in vain."""
    said = server.log.stat().st_size
    async with asyncio.timeout(PATIENCE):
        while b"jobs not watched" not in server.log.read_bytes()[said:]:
            await client.get("/health")
