"""/rest/v1 before the real PostgREST: as the platform's clients use it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from dev.stack import Stack
from tests.support.auth_http import Person, auth_client, sign_up


@pytest.fixture
async def rest(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"apikey": stack.publishable_key}
    async with httpx.AsyncClient(base_url=f"{stack.supabase_url}/rest/v1", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
async def people(stack: Stack) -> list[Person]:
    async with auth_client(stack) as auth:
        return [await sign_up(auth) for _ in range(2)]


async def test_nobody_may_read_and_the_service_role_sees_all(
    rest: httpx.AsyncClient, stack: Stack, people: list[Person]
) -> None:
    assert (await rest.get("/users")).status_code == 401
    everyone = await rest.get("/users?select=id", headers={"apikey": stack.secret_key})
    assert {person.id for person in people} <= {row["id"] for row in everyone.json()}


async def test_a_person_sees_their_own(rest: httpx.AsyncClient, people: list[Person]) -> None:
    for person in people:
        answer = await rest.get("/users?select=id", headers=person.bearer)
        assert answer.json() == [{"id": person.id}]


async def test_two_people_at_once_are_not_mixed_up(rest: httpx.AsyncClient, people: list[Person]) -> None:
    async def own(person: Person) -> bool:
        answer = await rest.get("/users?select=id", headers=person.bearer)
        return bool(answer.json() == [{"id": person.id}])

    # Five requests of one person at once are what the database takes.
    for _ in range(20):
        assert all(await asyncio.gather(*(own(people[number % 2]) for number in range(10))))


async def test_writing_counting_and_paging(rest: httpx.AsyncClient, people: list[Person]) -> None:
    person = people[0]
    rows = [{"name": f"Plan {number}"} for number in range(3)]
    made = await rest.post("/plans", json=rows, headers={**person.bearer, "Prefer": "return=representation"})
    assert made.status_code == 201, made.text
    assert made.headers["preference-applied"] == "return=representation"
    paged = {**person.bearer, "Prefer": "count=exact", "Range": "0-1"}
    page = await rest.get("/plans?select=name&order=name", headers=paged)
    assert (page.status_code, page.headers["content-range"]) == (206, "0-1/3")
    assert page.json() == rows[:2]
    one = await rest.get(
        f"/plans?id=eq.{made.json()[0]['id']}",
        headers={**person.bearer, "Accept": "application/vnd.pgrst.object+json"},
    )
    assert one.json()["name"] == "Plan 0"
    gone = await rest.delete("/plans?name=in.(\"Plan 0\",'Plan 1')", headers=person.bearer)
    assert (gone.status_code, gone.content) == (204, b"")
    counted = await rest.head("/plans", headers={**person.bearer, "Prefer": "count=exact"})
    assert counted.headers["content-range"] == "0-1/2"


async def test_errors_of_postgrest_pass_unchanged(rest: httpx.AsyncClient, people: list[Person]) -> None:
    bearer = people[0].bearer
    assert (await rest.get("/plans?id=eq.x", headers=bearer)).json()["code"] == "22P02"
    assert (await rest.get("/nothing", headers=bearer)).status_code == 404
    forged = await rest.get("/plans", headers={"Authorization": people[0].bearer["Authorization"][:-4] + "AAAA"})
    assert (forged.status_code, forged.json()["code"]) == (401, "PGRST301")
    assert (await rest.get("/", headers=bearer)).headers["content-type"].startswith("application/openapi+json")
