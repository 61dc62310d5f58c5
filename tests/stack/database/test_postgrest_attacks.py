"""What a person with a token, or anyone with the publishable key, may try at PostgREST itself, and must fail at."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from dev.stack import Stack
from tests.stack.database.rows import CHANGES, CUSTOM, FOOD, JOB, changes_nothing, everything
from tests.support.cases import each_case
from tests.support.people import Person, rest_client
from tests.support.plans import content_with, make_plan
from tests.support.workouts import log

# Columns that are nobody's to set.
FORBIDDEN: list[tuple[str, dict[str, Any]]] = [
    ("users", {"affinity_score": 1000}),
    ("users", {"id": str(uuid4())}),
    ("users", {"created_at": "2020-01-01T00:00:00Z"}),
    ("plans", {"activated_at": "2020-01-01T00:00:00Z"}),
    ("plans", {"user_id": str(uuid4())}),
    ("plans", {"version": 9}),
    ("plans", {"source": "ai"}),
    ("plans", {"id": str(uuid4())}),
    ("plans", {"updated_at": "2020-01-01T00:00:00Z"}),
    ("exercises", {"slug": "mine"}),
    ("exercises", {"user_id": None}),
    ("exercises", {"hidden_at": "2020-01-01T00:00:00Z"}),
    ("foods", {"slug": "mine"}),
    ("foods", {"user_id": None}),
    ("foods", {"hidden_at": None}),
    ("foods", {"created_at": "2020-01-01T00:00:00Z"}),
    ("exercise_preferences", {"user_id": str(uuid4())}),
    ("plan_versions", {"reason": "forged"}),
    ("idempotency_keys", {"resource_id": None}),
    ("workouts", {"name": "x"}),
    ("workouts", {"user_id": str(uuid4())}),
    ("workouts", {"award_round": 9}),
    ("workouts", {"source": "app"}),
    ("workouts", {"started_at": "2020-01-01T00:00:00Z"}),
    ("sets", {"reps": 5}),
    ("sets", {"entered_value": 500}),
    ("sets", {"workout_id": str(uuid4())}),
    ("sets", {"user_id": str(uuid4())}),
    ("affinity_events", {"points": 100}),
    ("affinity_events", {"user_id": str(uuid4())}),
    ("affinity_events", {"round": 9}),
    ("measurements", {"user_id": str(uuid4())}),
    ("measurements", {"local_date": "2020-01-01"}),
    ("measurements", {"id": str(uuid4())}),
    ("measurements", {"updated_at": "2020-01-01T00:00:00Z"}),
    ("jobs", {"status": "succeeded"}),
    ("jobs", {"result": {}}),
    ("jobs", {"progress": 1}),
    ("jobs", {"attempts": 0}),
    ("jobs", {"run_after": "2020-01-01T00:00:00Z"}),
    ("jobs", {"user_id": str(uuid4())}),
    ("memories", {"content": "x"}),
    ("memories", {"status": "active"}),
    ("memories", {"pinned": True}),
    ("memories", {"embedding": None}),
    ("memories", {"superseded_by": str(uuid4())}),
    ("memories", {"user_id": str(uuid4())}),
    ("chat_messages", {"message": "x"}),
    ("chat_messages", {"role": "assistant"}),
    ("chat_messages", {"kind": "check_in"}),
    ("chat_messages", {"language": "de"}),
    ("chat_messages", {"client_id": str(uuid4())}),
    ("chat_messages", {"reply_to": str(uuid4())}),
    ("chat_messages", {"answering_until": None}),
    ("chat_messages", {"user_id": str(uuid4())}),
    ("message_evidence", {"text": "x"}),
    ("message_evidence", {"message_id": str(uuid4())}),
    ("message_evidence", {"user_id": str(uuid4())}),
    ("ai_usage", {"calls": 0}),
    ("ai_usage", {"day": "2020-01-01"}),
    ("ai_usage", {"user_id": str(uuid4())}),
]


async def test_every_table_has_a_case(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    await connection.close()
    assert {row[0] for row in tables} == CHANGES.keys()


async def test_another_persons_rows_are_out_of_reach(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    with each_case() as case:
        for table, change in CHANGES.items():
            with case(table):
                assert before[table]
                where = f"/{table}?{bos[table]}"
                assert changes_nothing(await rest.get(where))
                assert changes_nothing(await rest.patch(where, json=change or {"reason": "x"}))
                assert changes_nothing(await rest.delete(where))
    assert await everything(stack) == before


async def test_columns_that_are_nobodys_to_set(rest: httpx.AsyncClient, ana: Person) -> None:
    plan = await make_plan(ana)
    await rest.post("/exercises", json=CUSTOM)
    await rest.post("/foods", json=FOOD)
    exercise = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    await ana.put(f"/api/v1/exercises/{exercise}/preference", json={"kind": "favourite"})
    await log(ana, exercise)
    await rest.post("/measurements", json={"kind": "body_weight", "value": 80})
    await rest.post("/rpc/enqueue_job", json=JOB)
    valid: dict[str, dict[str, Any]] = {
        "plans": {"name": "x"},
        "exercises": CUSTOM | {"name": "Other"},
        "foods": FOOD | {"name": "Other"},
        "exercise_preferences": {"exercise_id": exercise, "kind": "excluded"},
        "measurements": {"kind": "height", "value": 1.8},
    }
    with each_case() as case:
        for table, row in FORBIDDEN:
            with case(f"{table}: {next(iter(row))}"):
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


async def test_functions_do_nothing_to_another_persons_rows(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    plan, exercise, workout = (bos[table].removeprefix("id=eq.") for table in ("plans", "exercises", "workouts"))
    job = str(before["jobs"][0]["id"])
    for function, arguments in (
        ("activate_plan", {"plan_id": plan}),
        ("restore_plan_version", {"plan_id": plan, "version": 1}),
        ("delete_exercise", {"exercise_id": exercise}),
        ("workout", {"workout_id": workout}),
        ("update_workout", {"workout_id": workout, "payload": {}}),
        ("delete_workout", {"workout_id": workout}),
        ("cancel_job", {"job_id": job}),
    ):
        assert (await rest.post(f"/rpc/{function}", json=arguments)).json() in ([], False, None)
    problems = await rest.post("/rpc/validate_plan_content", json={"content": content_with(exercise), "plan_id": plan})
    assert [problem["type"] for problem in problems.json()] == ["unknown_exercise"]
    overlay = (await rest.post("/rpc/exercise_overlay", json={})).json()
    assert overlay["exercises"] == []
    assert await everything(stack) == before


PRIVATE = (
    *("set_updated_at", "claim_idempotency_key", "store_resource", "keep_plan_version", "create_profile"),
    *("workout_plan_fields", "check_plan_content", "describe_change", "lock_proposal", "apply_proposal"),
    *("award", "recompute_week_award", "recompute_workout_awards", "write_workout", "write_sets"),
    *("check_workout", "workout_document"),
    *("assert_lease", "job_document", "import_workout", "import_profile", "import_plan"),
    *("chat_context", "chat_answer", "evidence_text", "describe_set", "count_call", "forget_in_messages"),
)


async def test_private_functions_cannot_be_called(rest: httpx.AsyncClient) -> None:
    with each_case() as case:
        for function in PRIVATE:
            with case(function):
                assert (await rest.post(f"/rpc/{function}", json={})).status_code == 404
                for schema in ("private", "auth", "supabase_migrations"):
                    profile = {"Content-Profile": schema, "Accept-Profile": schema}
                    assert (await rest.post(f"/rpc/{function}", json={}, headers=profile)).status_code == 406


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


async def test_idempotency_keys_can_be_neither_read_nor_forged(rest: httpx.AsyncClient, ana: Person) -> None:
    key = {"Idempotency-Key": "abc"}
    first = await ana.post("/api/v1/plans", json={"name": "Once"}, headers=key)
    assert (await rest.get("/idempotency_keys")).status_code == 403
    forged = {"key": "def", "operation": "create_plan", "request_hash": "\\x00", "resource_id": None}
    assert (await rest.post("/idempotency_keys", json=forged)).status_code == 403
    assert (await ana.post("/api/v1/plans", json={"name": "Once"}, headers=key)).json() == first.json()
