"""More of what a person with a token may try at PostgREST: upserts, inserts and every way in for too much text."""

from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

import asyncpg
import httpx

from dev.stack import Stack
from tests.stack.database.rows import CUSTOM, FOOD, JOB, everything
from tests.support.cases import each_case
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id

TOO_MUCH = "x" * 3_000_000
NOBODY = "00000000-0000-4000-8000-00000000dead"
# Asked to show the row, Postgres refuses it for the select policy's sake too, and an open insert policy goes unseen.
BLIND = {"Prefer": "return=minimal"}
UPSERT = {"Prefer": "resolution=merge-duplicates,return=minimal"}
OVER_IDS: dict[str, dict[str, Any]] = {
    "users": {"name": "Mallory"},
    "exercises": CUSTOM,
    "foods": FOOD,
    "exercise_preferences": {"kind": "excluded"},
    "plans": {"name": "Stolen"},
    "plan_versions": {"reason": "forged"},
    "idempotency_keys": {"key": "x"},
    "workouts": {"name": "Stolen"},
    "sets": {"reps": 1},
    "affinity_events": {"points": 100},
    "measurements": {"kind": "body_weight", "value": 99},
    "jobs": JOB | {"status": "cancelled"},
    "memories": {"kind": "fact", "content": "Forged"},
    "chat_messages": {"role": "user", "client_id": NOBODY, "message": "Forged"},
    "message_evidence": {"kind": "plan", "source_id": NOBODY, "text": "Forged"},
    "ai_usage": {"day": "2026-01-01", "kind": "chat", "calls": 0},
}
OWNED: dict[str, dict[str, Any]] = {
    "exercises": CUSTOM,
    "foods": FOOD,
    "exercise_preferences": {"kind": "favourite"},
    "plans": {"name": "x"},
    "plan_versions": {"version": 9, "content": {}, "changed_by": "companion"},
    "idempotency_keys": {"key": "x", "operation": "create_plan", "request_hash": "\\x00"},
    "workouts": {"client_id": NOBODY, "request_hash": "\\x00", "started_at": "2026-01-01", "timezone": "UTC"},
    "sets": {"exercise_position": 0, "position": 1, "set_type": "working", "reps": 5},
    "affinity_events": {"rule": "conversation", "points": 1, "source_type": "day", "source_id": "x"},
    "measurements": {"kind": "height", "value": 1.8},
    "jobs": JOB,
    "memories": {"kind": "fact", "content": "Forged"},
    "chat_messages": {"role": "user", "client_id": NOBODY, "message": "Forged"},
    "message_evidence": {"message_id": NOBODY, "kind": "plan", "source_id": NOBODY, "text": "Forged"},
    "ai_usage": {"day": "2026-01-01", "kind": "chat", "calls": 0},
}
WHOLE = CUSTOM | {
    "aliases": [],
    "secondary_muscles": [],
    "equipment": ["barbell"],
    "category": "strength",
    "level": "beginner",
    "is_unilateral": False,
    "contraindications": [],
    "instructions": "",
}
INSERTS: list[tuple[str, dict[str, Any]]] = [
    ("exercises", CUSTOM | {"name": TOO_MUCH}),
    ("exercises", CUSTOM | {"instructions": TOO_MUCH}),
    ("exercises", CUSTOM | {"aliases": [TOO_MUCH]}),
    ("exercise_preferences", {"kind": "favourite", "reason": TOO_MUCH}),
    ("plans", {"name": TOO_MUCH}),
    ("plans", {"name": "x", "description": TOO_MUCH}),
    ("plans", {"name": "x", "goal": TOO_MUCH}),
    ("plans", {"name": "x", "content": {"days": [{"name": TOO_MUCH}]}}),
    ("rpc/create_plan", {"payload": {"name": "x", "content": {"days": [{"name": TOO_MUCH}]}}}),
    ("rpc/create_plan", {"payload": {"name": "x"}, "idempotency_key": TOO_MUCH}),
    ("rpc/create_exercise", {"payload": WHOLE | {"instructions": TOO_MUCH}}),
    ("rpc/create_exercise", {"payload": WHOLE, "idempotency_key": TOO_MUCH}),
    ("rpc/enqueue_job", JOB | {"input": {"x": TOO_MUCH}}),
    ("rpc/enqueue_job", JOB | {"dedupe_key": TOO_MUCH}),
    ("rpc/enqueue_job", JOB | {"attachment": "AAAA" * 2_700_000}),
    ("rpc/begin_chat", {"client_id": NOBODY, "message": TOO_MUCH}),
]


async def test_an_upsert_over_another_persons_id_is_refused(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack, bo: Person
) -> None:
    before = await everything(stack)
    with each_case() as case:
        for table, change in OVER_IDS.items():
            with case(table):
                theirs = next(r for r in before[table] if str(r["id" if table == "users" else "user_id"]) == bo.id)
                row = change | {"id": str(theirs["id"])}
                if table == "exercise_preferences":
                    row["exercise_id"] = str(theirs["exercise_id"])
                response = await rest.post(f"/{table}?on_conflict=id", json=row, headers=UPSERT)
                assert response.status_code == 403, response.text
    assert await everything(stack) == before


async def test_a_row_for_another_person_is_refused(
    rest: httpx.AsyncClient, bos: dict[str, str], bo: Person, ana: Person, stack: Stack
) -> None:
    before = await everything(stack)
    more = {
        "exercise_preferences": {"exercise_id": await exercise_id(ana, "Squat")},
        "plan_versions": {"plan_id": bos["plans"].removeprefix("id=eq.")},
        "sets": {"workout_id": bos["workouts"].removeprefix("id=eq.")},
    }
    with each_case() as case:
        for table, row in OWNED.items():
            with case(table):
                forged = row | more.get(table, {}) | {"user_id": bo.id}
                response = await rest.post(f"/{table}", json=forged, headers=BLIND)
                assert response.status_code == 403, response.text
    assert await everything(stack) == before


async def test_a_plan_with_anothers_exercise_is_refused_by_every_function(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    content = content_with(bos["exercises"].removeprefix("id=eq."))
    response = await rest.post("/rpc/create_plan", json={"payload": {"name": "x", "content": content}})
    assert response.status_code == 422
    unknown = await rest.post(
        "/rpc/create_plan", json={"payload": {"name": "x", "content": content_with(str(uuid4()))}}
    )
    assert unknown.json() == response.json()
    assert await everything(stack) == before


async def test_three_megabytes_cannot_be_inserted(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    before = await everything(stack)
    squat = await exercise_id(ana, "Squat")
    with each_case() as case:
        for number, (path, row) in enumerate(INSERTS):
            with case(f"{number}: {path}"):
                more = {"exercise_id": squat} if path == "exercise_preferences" else {}
                response = await rest.post(f"/{path}", json=row | more)
                # A check of ours, nothing else.
                assert response.json()["code"] in {"23514", "PT422"}, response.text[:300]
    assert await everything(stack) == before


async def test_every_zone_that_the_database_takes_is_one_to_python(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        zones = await connection.fetch("select name from pg_timezone_names where private.is_timezone(name)")
    finally:
        await connection.close()
    assert len(zones) > 300
    assert {row[0] for row in zones} - available_timezones() == set()
