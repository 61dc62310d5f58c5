"""What a person with a token, or anyone with the publishable key, may try at PostgREST itself, and must fail at."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.support.people import Person, rest_client
from tests.support.plans import content_with, exercise_id, make_plan

CUSTOM = {"name": "Suitcase Squat", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}
# Every table, and a change that its owner may make directly; None where nobody may.
CHANGES: dict[str, dict[str, Any] | None] = {
    "users": {"name": "Mallory"},
    "exercises": {"name": "Stolen"},
    "exercise_preferences": {"kind": "excluded"},
    "plans": {"name": "Stolen"},
    "plan_versions": None,
    "idempotency_keys": None,
}
# Columns that are nobody's to set.
FORBIDDEN: list[tuple[str, dict[str, Any]]] = [
    ("users", {"affinity_score": 1000}),
    ("users", {"id": str(uuid4())}),
    ("users", {"created_at": "2020-01-01T00:00:00Z"}),
    ("plans", {"user_id": str(uuid4())}),
    ("plans", {"version": 9}),
    ("plans", {"source": "ai"}),
    ("plans", {"id": str(uuid4())}),
    ("plans", {"updated_at": "2020-01-01T00:00:00Z"}),
    ("exercises", {"slug": "mine"}),
    ("exercises", {"user_id": None}),
    ("exercises", {"hidden_at": "2020-01-01T00:00:00Z"}),
    ("exercise_preferences", {"user_id": str(uuid4())}),
    ("plan_versions", {"reason": "forged"}),
    ("idempotency_keys", {"answer": {}}),
]
TOO_MUCH = "x" * 10_000_000
TOO_LARGE: list[tuple[str, dict[str, Any]]] = [
    ("users", {"name": TOO_MUCH}),
    ("users", {"goals": [TOO_MUCH]}),
    ("users", {"dislikes": [TOO_MUCH]}),
    ("users", {"timezone": TOO_MUCH}),
    ("exercises", {"name": TOO_MUCH}),
    ("exercises", {"instructions": TOO_MUCH}),
    ("exercises", {"aliases": [TOO_MUCH]}),
    ("exercise_preferences", {"reason": TOO_MUCH}),
    ("plans", {"name": TOO_MUCH}),
    ("plans", {"description": TOO_MUCH}),
    ("plans", {"goal": TOO_MUCH}),
    ("plans", {"content": {"days": TOO_MUCH}}),
    ("plans", {"content": {"days": [{"name": TOO_MUCH}]}}),
]


@pytest.fixture
async def bos(bo: Person) -> dict[str, str]:
    """One row of Bo's in every table, by table; each found by what follows `?`."""
    plan = await make_plan(bo)
    exercise = await bo.post("/api/v1/exercises", json=CUSTOM, headers={"Idempotency-Key": "bo"})
    await bo.put(f"{exercise.headers['location']}/preference", json={"kind": "favourite"})
    owned = dict.fromkeys(CHANGES, f"user_id=eq.{bo.id}")
    return owned | {
        "users": f"id=eq.{bo.id}",
        "plans": f"id=eq.{plan['id']}",
        "exercises": f"id=eq.{exercise.json()['id']}",
    }


@pytest.fixture
async def rest(ana: Person, stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """PostgREST as Ana, without the API."""
    async with rest_client(stack, ana.token) as client:
        client.headers["Prefer"] = "return=representation"
        yield client


async def everything(stack: Stack) -> dict[str, list[Any]]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        return {table: await connection.fetch(f"select * from public.{table} order by id") for table in CHANGES}  # noqa: S608
    finally:
        await connection.close()


def changes_nothing(response: httpx.Response) -> bool:
    return response.status_code in {400, 401, 403, 404, 405, 409, 413, 422} or response.json() in ([], False)


async def test_every_table_has_a_case(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    await connection.close()
    assert {row[0] for row in tables} == CHANGES.keys()


@pytest.mark.parametrize("table", CHANGES)
async def test_another_persons_rows_are_out_of_reach(
    table: str, rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = (await everything(stack))[table]
    assert before
    where = f"/{table}?{bos[table]}"
    assert changes_nothing(await rest.get(where))
    assert changes_nothing(await rest.patch(where, json=CHANGES[table] or {"reason": "x"}))
    assert changes_nothing(await rest.delete(where))
    assert (await everything(stack))[table] == before


@pytest.mark.parametrize(
    ("table", "row"), FORBIDDEN, ids=lambda value: value if isinstance(value, str) else next(iter(value))
)
async def test_columns_that_are_nobodys_to_set(
    table: str, row: dict[str, Any], rest: httpx.AsyncClient, ana: Person
) -> None:
    plan = await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    exercise = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    await ana.put(f"/api/v1/exercises/{exercise}/preference", json={"kind": "favourite"})
    valid: dict[str, dict[str, Any]] = {
        "plans": {"name": "x"},
        "exercises": CUSTOM | {"name": "Other"},
        "exercise_preferences": {"exercise_id": exercise, "kind": "excluded"},
    }
    for response in (
        await rest.patch(f"/{table}?id=not.is.null", json=row),
        await rest.post(f"/{table}", json=valid.get(table, {}) | row),
    ):
        assert response.status_code in {401, 403}, response.text


async def test_the_library_cannot_be_written(rest: httpx.AsyncClient, stack: Stack) -> None:
    before = (await everything(stack))["exercises"]
    assert (await rest.patch("/exercises?slug=eq.bench-press", json={"name": "x"})).json() == []
    assert (await rest.delete("/exercises?slug=eq.bench-press")).status_code == 403
    upsert = {"Prefer": "resolution=merge-duplicates"}
    library = next(row for row in before if row["slug"] == "bench-press")
    response = await rest.post("/exercises?on_conflict=id", json=CUSTOM | {"id": str(library["id"])}, headers=upsert)
    assert response.status_code == 403
    assert (await everything(stack))["exercises"] == before


async def test_an_upsert_over_another_persons_row_is_refused(rest: httpx.AsyncClient, bos: dict[str, str]) -> None:
    theirs = bos["plans"].removeprefix("id=eq.")
    response = await rest.post(
        "/plans?on_conflict=id", json={"id": theirs, "name": "x"}, headers={"Prefer": "resolution=merge-duplicates"}
    )
    assert response.status_code == 403


async def test_a_preference_does_not_tell_whether_an_exercise_exists(
    rest: httpx.AsyncClient, bos: dict[str, str]
) -> None:
    theirs = bos["exercises"].removeprefix("id=eq.")
    answers = [
        (await rest.post("/exercise_preferences", json={"exercise_id": id_, "kind": "favourite"})).json()
        for id_ in (theirs, str(uuid4()))
    ]
    assert answers[0]["code"] == "42501"
    assert answers[0] == answers[1]


@pytest.mark.parametrize("way", ["insert", "update", "rpc"])
async def test_plan_validation_cannot_be_skipped(
    way: str, rest: httpx.AsyncClient, ana: Person, bos: dict[str, str]
) -> None:
    plan = await make_plan(ana)
    theirs = content_with(bos["exercises"].removeprefix("id=eq."))
    absurd = content_with(await exercise_id(ana, "Squat"), sets=[{"set_type": "working", "reps_max": 10**9}])
    unsound: list[Any] = [theirs, absurd, {"days": []}, "text", 5, [], {"days": None}]
    for content in unsound:
        if way == "insert":
            response = await rest.post("/plans", json={"name": "x", "content": content})
        elif way == "update":
            response = await rest.patch(f"/plans?id=eq.{plan['id']}", json={"content": content})
        else:
            response = await rest.post("/rpc/create_plan", json={"payload": {"name": "x", "content": content}})
        assert response.status_code == 422, (content, response.text)
    assert (await ana.get("/api/v1/plans")).json()["total"] == 1
    assert (await ana.get(f"/api/v1/plans/{plan['id']}")).json() == plan


async def test_functions_do_nothing_to_another_persons_rows(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    plan, exercise = (bos[table].removeprefix("id=eq.") for table in ("plans", "exercises"))
    for function, arguments in (
        ("activate_plan", {"plan_id": plan}),
        ("restore_plan_version", {"plan_id": plan, "version": 1}),
        ("delete_exercise", {"exercise_id": exercise}),
    ):
        assert (await rest.post(f"/rpc/{function}", json=arguments)).json() in ([], False)
    problems = await rest.post("/rpc/validate_plan_content", json={"content": content_with(exercise), "plan_id": plan})
    assert [problem["type"] for problem in problems.json()] == ["unknown_exercise"]
    overlay = (await rest.post("/rpc/exercise_overlay", json={})).json()
    assert overlay["exercises"] == []
    assert await everything(stack) == before


@pytest.mark.parametrize(
    "function", ["touch", "earlier_answer", "keep_answer", "keep_plan_version", "create_profile", "plan_fields"]
)
async def test_private_functions_cannot_be_called(function: str, rest: httpx.AsyncClient) -> None:
    assert (await rest.post(f"/rpc/{function}", json={})).status_code == 404
    for schema in ("private", "auth", "supabase_migrations"):
        profile = {"Content-Profile": schema, "Accept-Profile": schema}
        assert (await rest.post(f"/rpc/{function}", json={}, headers=profile)).status_code == 406


async def test_embedding_and_filters_lead_to_nothing_more(
    rest: httpx.AsyncClient, bos: dict[str, str], ana: Person
) -> None:
    await make_plan(ana)
    embedded = (await rest.get("/plans?select=user_id,plan_versions(user_id)")).json()
    assert {row["user_id"] for row in embedded} == {ana.id}
    assert {version["user_id"] for row in embedded for version in row["plan_versions"]} == {ana.id}
    everyone = (await rest.get(f"/plans?or=(user_id.neq.{ana.id},{bos['plans'].replace('=eq.', '.eq.')})")).json()
    assert everyone == []
    counted = await rest.get("/users?select=id", headers={"Prefer": "count=exact"})
    assert counted.headers["content-range"].endswith("/1")


@pytest.mark.parametrize(
    ("table", "row"), TOO_LARGE, ids=lambda value: value if isinstance(value, str) else next(iter(value))
)
async def test_ten_megabytes_fit_nowhere(table: str, row: dict[str, Any], rest: httpx.AsyncClient, ana: Person) -> None:
    plan = await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    exercise = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    await ana.put(f"/api/v1/exercises/{exercise}/preference", json={"kind": "favourite"})
    own = f"id=eq.{ana.id}" if table == "users" else f"user_id=eq.{ana.id}"
    response = await rest.patch(f"/{table}?{own}", json=row)
    assert response.status_code in {400, 413, 422}, response.text[:300]


async def test_the_publishable_key_alone_can_do_nothing(stack: Stack, bos: dict[str, str]) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    functions = await connection.fetch(
        "select distinct proname from pg_proc where pronamespace = 'public'::regnamespace"
    )
    await connection.close()
    async with rest_client(stack) as anyone:
        for table in CHANGES:
            for response in (
                await anyone.get(f"/{table}?{bos[table]}"),
                await anyone.post(f"/{table}", json={}),
                await anyone.patch(f"/{table}?{bos[table]}", json={"id": str(uuid4())}),
                await anyone.delete(f"/{table}?{bos[table]}"),
            ):
                assert response.status_code == 401
        for (function,) in functions:
            assert (await anyone.post(f"/rpc/{function}", json={})).status_code in {401, 404}


async def test_kept_answers_can_be_neither_read_nor_forged(rest: httpx.AsyncClient, ana: Person) -> None:
    key = {"Idempotency-Key": "abc"}
    first = await ana.post("/api/v1/plans", json={"name": "Once"}, headers=key)
    assert (await rest.get("/idempotency_keys")).status_code == 403
    forged = {"key": "def", "operation": "create_plan", "request_hash": "\\x00", "answer": {}}
    assert (await rest.post("/idempotency_keys", json=forged)).status_code == 403
    assert (await ana.post("/api/v1/plans", json={"name": "Once"}, headers=key)).json() == first.json()
