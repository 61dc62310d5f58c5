"""What a person may not even write into their own rows, however they go about it."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest

from tests.stack.database.rows import CUSTOM
from tests.support.cases import each_case
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan

TOO_MUCH = "x" * 3_000_000
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
    ("users", {"goals": ["x"] * 1_000_000}),
    ("users", {"equipment": ["barbell"] * 1_000_000}),
    ("exercises", {"primary_muscles": ["abs"] * 1_000_000}),
    ("exercises", {"contraindications": ["knee"] * 1_000_000}),
    ("plans", {"content": {"days": [{}] * 1_000_000}}),
    ("plans", {"content": {str(n): n for n in range(500_000)}}),
    ("users", {"load_steps_kg": {"barbell": TOO_MUCH}}),
    ("users", {"load_steps_kg": {str(n): 1 for n in range(500_000)}}),
]
# Types that take more than the API can show: lists of lists, and moments outside the calendar.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("users", {"goals": [["a", "b"], ["c", "d"]]}),
    ("users", {"dislikes": "{{a,b},{c,d}}"}),
    ("users", {"equipment": [["barbell", "bench"], ["rack", "other"]]}),
    ("users", {"goals": [None]}),
    ("users", {"ai_consent_at": "-infinity"}),
    ("users", {"ai_consent_at": "4713-01-01 BC"}),
    ("users", {"ai_consent_at": "2999-01-01"}),
    ("users", {"date_of_birth": "infinity"}),
    ("users", {"timezone": "Foo/Bar+5"}),
    ("users", {"timezone": "europe/oslo"}),
    ("exercises", {"aliases": [["a"], ["b"]]}),
    ("exercises", {"secondary_muscles": [["abs", "lats"]]}),
    ("users", {"name": " "}),
    ("users", {"goals": ["\u00a0"]}),
    ("users", {"dislikes": ["\t"]}),
    ("exercises", {"name": "\t"}),
    ("exercises", {"aliases": [" "]}),
    ("exercise_preferences", {"reason": "\u2003"}),
    ("plans", {"name": " "}),
    ("plans", {"description": "\n"}),
    ("plans", {"goal": "\u3000"}),
    ("users", {"load_steps_kg": []}),
    ("users", {"load_steps_kg": {"barbell": "2.5"}}),
    ("users", {"load_steps_kg": {"barbell": None}}),
    ("users", {"load_steps_kg": {"barbell": 0}}),
    ("users", {"load_steps_kg": {"barbell": 0.0001}}),
    ("users", {"load_steps_kg": {"bench": 1}}),
    ("measurements", {"value": "NaN"}),
    ("measurements", {"value": 19.9}),
    ("measurements", {"value": -80}),
    ("measurements", {"kind": "height"}),
    ("measurements", {"measured_at": "infinity"}),
    ("measurements", {"measured_at": "-infinity"}),
    ("measurements", {"measured_at": "2999-01-01"}),
]
# Odd, but allowed: whatever is in the database, the API answers.
ODD: list[tuple[str, dict[str, Any]]] = [
    ("users", {"name": "\u202e\U0001f600"}),
    ("users", {"timezone": "Etc/GMT+5", "date_of_birth": "2000-02-29"}),
    ("users", {"timezone": "America/Argentina/ComodRivadavia", "date_of_birth": "1900-01-01"}),
    ("users", {"goals": "[5:6]={a,b}"}),
    ("users", {"ai_consent_at": "2020-01-01"}),
    ("plans", {"duration_weeks": 4, "status": "completed"}),
    ("users", {"load_steps_kg": {"barbell": 2.5, "other": 0.125}}),
    ("measurements", {"measured_at": "1970-01-01", "value": "80.00009"}),
]


def named(rows: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each with a name."""
    for number, (table, row) in enumerate(rows):
        yield f"{number}: {next(iter(row))} of {table}", table, row


@pytest.fixture
async def owned(rest: httpx.AsyncClient, ana: Person) -> dict[str, str]:
    """Ana has a row in every table; where hers are."""
    plan = await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    exercise = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    await ana.put(f"/api/v1/exercises/{exercise}/preference", json={"kind": "favourite"})
    await rest.post("/measurements", json={"kind": "body_weight", "value": 80})
    tables = ("exercises", "exercise_preferences", "plans", "measurements")
    return {"users": f"/users?id=eq.{ana.id}"} | {table: f"/{table}?user_id=eq.{ana.id}" for table in tables}


async def readable(ana: Person) -> bool:
    paths = ("users/me", "exercises?q=Squat", "measurements", "stats/summary", "plans")
    answers = [await ana.get(f"/api/v1/{path}") for path in paths]
    answers += [await ana.get(f"/api/v1/plans/{plan['id']}") for plan in answers[-1].json()["items"]]
    return all(answer.status_code == 200 for answer in answers)


async def test_three_megabytes_fit_nowhere(rest: httpx.AsyncClient, owned: dict[str, str]) -> None:
    with each_case() as case:
        for name, table, row in named(TOO_LARGE):
            with case(name):
                response = await rest.patch(owned[table], json=row)
                assert response.status_code in {400, 413, 422}, response.text[:300]


async def test_values_that_nobody_could_read_are_refused(rest: httpx.AsyncClient, owned: dict[str, str]) -> None:
    with each_case() as case:
        for name, table, row in named(WRONG):
            with case(name):
                response = await rest.patch(owned[table], json=row)
                assert response.status_code == 400, response.text
                assert response.json()["code"] == "23514", response.text


async def test_odd_values_are_answered(rest: httpx.AsyncClient, owned: dict[str, str], ana: Person) -> None:
    with each_case() as case:
        for name, table, row in named(ODD):
            with case(name):
                response = await rest.patch(owned[table], json=row)
                assert response.status_code == 200, response.text
                assert await readable(ana)


async def test_three_megabytes_pass_through_no_function(rest: httpx.AsyncClient, ana: Person) -> None:
    with each_case() as case:
        for function in ("create_plan", "create_exercise"):
            with case(function):
                for payload in (
                    {"name": TOO_MUCH},
                    CUSTOM | {"name": TOO_MUCH},
                    CUSTOM | {"name": "x", "aliases": [TOO_MUCH]},
                ):
                    response = await rest.post(
                        f"/rpc/{function}", json={"payload": payload, "idempotency_key": function}
                    )
                    assert response.status_code in {200, 400}
                assert all(len(plan["name"]) < 121 for plan in (await ana.get("/api/v1/plans")).json()["items"])
                key = {"payload": {"name": "x"}, "idempotency_key": TOO_MUCH}
                assert (await rest.post(f"/rpc/{function}", json=key)).status_code == 400


async def test_a_short_number_does_not_become_a_long_text(rest: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    with each_case() as case:
        for number in ("1e131071", "1e-16383", f"1.{'0' * 16000}"):
            with case(number[:20]):
                many = ",".join([number] * (20_000 if len(number) < 20 else 60))
                for call in (f'{{"content": {{"days": [{many}]}}}}', f'{{"content": [{many}]}}'):
                    problems = await rest.post("/rpc/validate_plan_content", content=call, headers=headers)
                    assert 1 <= len(problems.json()) <= 20
                for payload in (f'{{"name": "x", "ignored": [{many}]}}', f'{{"name": [{many}]}}'):
                    call = f'{{"payload": {payload}, "idempotency_key": "{number[:20]} {len(payload)}"}}'
                    made = await rest.post("/rpc/create_plan", content=call, headers=headers)
                    assert made.status_code in {200, 400}


async def test_plan_validation_cannot_be_skipped(rest: httpx.AsyncClient, ana: Person, bos: dict[str, str]) -> None:
    plan = await make_plan(ana)
    theirs = content_with(bos["exercises"].removeprefix("id=eq."))
    absurd = content_with(await exercise_id(ana, "Squat"), sets=[{"set_type": "working", "reps_max": 10**9}])
    unsound: list[Any] = [theirs, absurd, {"days": []}, "text", 5, [], {"days": None}]
    with each_case() as case:
        for way, content in product(("insert", "update", "upsert", "rpc"), unsound):
            with case(f"{way} of {str(content)[:60]}"):
                response = await _write(way, rest, plan["id"], content)
                assert response.status_code == 422, (content, response.text)
    assert (await ana.get("/api/v1/plans")).json()["total"] == 1
    assert (await ana.get(f"/api/v1/plans/{plan['id']}")).json() == plan


async def _write(way: str, rest: httpx.AsyncClient, plan: str, content: Any) -> httpx.Response:
    row = {"name": "x", "content": content}
    match way:
        case "insert":
            return await rest.post("/plans", json=row)
        case "update":
            return await rest.patch(f"/plans?id=eq.{plan}", json={"content": content})
        case "upsert":
            # Ids are not the person's to set, so an upsert can only ever insert.
            return await rest.post("/plans", json=row, headers={"Prefer": "resolution=merge-duplicates"})
        case _:
            return await rest.post("/rpc/create_plan", json={"payload": row})
