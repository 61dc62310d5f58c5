"""What a person may ask PostgREST for at a time, and in one query, with nothing but a token."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.stack.database.rows import CUSTOM
from tests.support.cases import each_case
from tests.support.people import Person, rest_client
from tests.support.plans import PLANS, make_plan
from tests.support.workouts import log, squat

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

BACK_REFERENCES = r"(.%2B)(.%2B)(.%2B)(.%2B)\1\2\3\4"
REFUSED = {
    "a regular expression": f"exercises?instructions=match.{BACK_REFERENCES}",
    "one that ignores case": "foods?name=imatch.(a*)*b",
    "one of several": "exercises?name=match(any).{a,b}",
    "none of several": "exercises?name=not.imatch(all).{a,b}",
    "one in a group": "exercises?or=(name.eq.x,and(name.match.a,name.eq.b))",
    "one in a document": "plans?content->>days=match.a",
    "one on what is embedded": "exercises?select=id,exercise_preferences(kind)&exercise_preferences.reason=match.a",
    "a text search": "exercises?instructions=fts.press",
    "a text search in a language": "exercises?instructions=wfts(english).press",
    "an operator in a name": "exercises?select=%22a~b%22:name",
    "two levels": "workouts?select=id,sets(id,workouts(id))",
    "the way back": "sets?select=id,workouts(id)",
    "the way back by its column": "sets?select=id,exercise_id(id)",
    "the way back by its constraint": "sets?select=id,sets_workout_of_owner(id)",
    "the way back, spread": "sets?select=id,...workouts(notes)",
    "there and back": "plans?select=id,plan_versions(id,plans(content))",
    "one relation twice": "workouts?select=id,a:sets(id),b:sets(id)",
    "two relations": "plans?select=id,plan_versions(id),plan_proposals(id)",
    "one through another": "plans?select=id,workouts(id,sets(id))",
    "a filter on what is two levels away": "plans?select=id,workouts!inner(sets!inner(id))",
    "a column many times": "exercises?select=" + ",".join(f"c{n}:id" for n in range(700)),
}
CHANGED = {
    "a change": ("PATCH", f"exercises?name=match.{BACK_REFERENCES}", {"level": "beginner"}),
    "a deletion": ("DELETE", "measurements?note=imatch.a", None),
    "a change that shows more": ("PATCH", "plans?name=eq.x&select=id,plan_versions(id,plans(id))", {"name": "y"}),
    "a function that shows more": ("POST", "rpc/activate_plan?select=id,plan_versions(id)", {}),
    "a function's rows": ("POST", "rpc/activate_plan?name=match.a", {}),
}


@pytest.fixture
async def admin(stack: Stack) -> "AsyncIterator[Connection]":
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    yield connection
    await connection.close()


async def test_queries_that_the_app_does_not_need_are_refused(rest: httpx.AsyncClient, ana: Person) -> None:
    await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    await log(ana, await squat(ana))
    with each_case() as case:
        for name, path in REFUSED.items():
            with case(name):
                answer = await rest.get(f"/{path}")
                assert (answer.status_code, answer.json()["code"]) in {(400, "PT400"), (414, "PT414")}, answer.text


async def test_changes_go_by_no_such_query_either(rest: httpx.AsyncClient, ana: Person) -> None:
    plan = await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    await rest.post("/measurements", json={"kind": "body_weight", "value": 80})
    before = [(await rest.get(f"/{table}?order=id&user_id=eq.{ana.id}")).json() for table in ("plans", "exercises")]
    with each_case() as case:
        for name, (method, path, body) in CHANGED.items():
            with case(name):
                json = {"plan_id": plan["id"]} if body == {} else body
                answer = await rest.request(method, f"/{path}", json=json)
                assert answer.status_code == 400, answer.text
    after = [(await rest.get(f"/{table}?order=id&user_id=eq.{ana.id}")).json() for table in ("plans", "exercises")]
    assert after == before


async def test_what_belongs_to_a_row_comes_with_it(rest: httpx.AsyncClient, ana: Person) -> None:
    plan = await make_plan(ana)
    workout = (await log(ana, await squat(ana)))["workout"]
    for path, inside in (
        (f"plans?select=id,plan_versions(version)&id=eq.{plan['id']}", "plan_versions"),
        (f"workouts?select=id,work_done,sets!inner(reps)&id=eq.{workout['id']}", "sets"),
        (f"workouts?select=id,some:sets(reps)&some.reps=gt.0&id=eq.{workout['id']}", "some"),
    ):
        answer = await rest.get(f"/{path}", headers={"Prefer": "count=exact"})
        assert answer.json()[0][inside], answer.text


async def test_too_many_at_once_are_refused_and_do_nothing(
    ana: Person, bo: Person, stack: Stack, admin: "Connection"
) -> None:
    plan = await make_plan(ana)
    rest = rest_client(stack, ana.token, waits=False)
    rest.headers["Prefer"] = "return=representation"
    # Five of her requests wait for a row that somebody else has locked.
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("select from public.plans where id = $1 for update", plan["id"])
    waiting = [asyncio.create_task(rest.patch(f"/plans?id=eq.{plan['id']}", json={"name": "x"})) for _ in range(5)]
    async with asyncio.timeout(20):
        while (
            await admin.fetchval(
                "select count(*) from pg_locks where locktype = 'transactionid' and not granted or locktype = 'tuple'"
            )
            < 5
        ):
            await asyncio.wait(waiting, timeout=0.02)
    for request in (rest.get("/plans"), rest.post("/plans", json={"name": "one more"}), rest.get("/")):
        answer = await request
        assert (answer.status_code, answer.json()["code"]) == (429, "53300"), answer.text
        assert answer.headers["retry-after"] == "1"
    async with rest_client(stack, bo.token) as other:
        assert (await other.get("/plans")).status_code == 200
    await transaction.rollback()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert [row["name"] for row in (await rest.get("/plans")).json()] == ["x"]
    await rest.aclose()


async def test_the_api_lets_a_burst_wait_its_turn(ana: Person) -> None:
    await make_plan(ana)
    answers = await asyncio.gather(*(ana.get(PLANS) for _ in range(40)))
    assert Counter(answer.status_code for answer in answers) == {200: 40}


async def test_writes_run_out_and_reads_do_not(
    rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack, admin: "Connection"
) -> None:
    await rest.post("/plans", json={"name": "first"})
    await admin.execute(
        "update private.write_allowances set remaining = 1, updated_at = now() + interval '9 min' where user_id = $1",
        ana.id,
    )
    assert (await rest.post("/plans", json={"name": "second"})).status_code == 201
    await admin.execute(
        "update private.write_allowances set updated_at = now() + interval '9 min' where user_id = $1", ana.id
    )
    refused = await rest.post("/plans", json={"name": "third"})
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "PT429", "1")
    through_the_api = await ana.post(PLANS, json={"name": "fourth"})
    assert (through_the_api.status_code, through_the_api.headers["retry-after"]) == (429, "1")
    assert through_the_api.json()["code"] == "rate_limited"
    assert sorted(row["name"] for row in (await rest.get("/plans")).json()) == ["first", "second"]
    async with rest_client(stack, bo.token) as other:
        assert (await other.post("/plans", json={"name": "Bo's"})).status_code == 201
    # They come back with time.
    await admin.execute(
        "update private.write_allowances set updated_at = now() - interval '1 minute' where user_id = $1", ana.id
    )
    assert (await rest.post("/plans", json={"name": "third"})).status_code == 201


async def test_large_bodies_and_those_without_a_length_are_refused(rest: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"name": "x"}'

    json = {"Content-Type": "application/json"}
    assert (await rest.post("/plans", content=b'{"name": "%s"}' % (b"x" * 4_000_000), headers=json)).status_code == 413
    assert (await rest.post("/plans", content=pieces(), headers=json)).status_code == 411
    assert (await rest.get("/plans")).json() == []


async def test_a_statement_ends_before_the_api_gives_up(
    rest: httpx.AsyncClient, ana: Person, admin: "Connection"
) -> None:
    plan = await make_plan(ana)
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("select from public.plans where id = $1 for update", plan["id"])
    refused = await rest.patch(f"/plans?id=eq.{plan['id']}", json={"name": "x"})
    await transaction.rollback()
    assert refused.json()["code"] == "55P03"  # lock_timeout, 3 s
    limits = await admin.fetchval("select rolconfig from pg_roles where rolname = 'authenticated'")
    assert "statement_timeout=4s" in limits


async def test_the_service_has_no_such_limits(stack: Stack) -> None:
    async with rest_client(stack) as client:
        client.headers["apikey"] = stack.secret_key
        assert (await client.get("/exercises?name=match.^Squat&select=id,sets(id)&limit=1")).status_code == 200
        answers = await asyncio.gather(*(client.get("/exercises?select=id&limit=1") for _ in range(30)))
        assert {answer.status_code for answer in answers} == {200}
