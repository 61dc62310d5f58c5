"""Training as an attacker sees it: everything that log_workout, the jobs and their kin must refuse at PostgREST."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.stack.database.rows import CUSTOM, JOB, everything, rows_of
from tests.support.cases import each_case
from tests.support.jobs import drain, service
from tests.support.people import Person, rest_client
from tests.support.plans import make_plan
from tests.support.workouts import kg, lifted, log, session, squat

TOO_MUCH = "x" * 3_000_000
NOBODY = "00000000-0000-4000-8000-00000000dead"
JSON = {"Content-Type": "application/json"}
# What is to be left out.
GONE: Any = object()
TRAINING = ("workouts", "sets", "affinity_events", "measurements", "jobs")

# Changes that make a session unsound; and the same for its exercise, and for a set of it.
SESSIONS: dict[str, dict[str, Any]] = {
    "no client_id": {"client_id": GONE},
    "client_id is no uuid": {"client_id": "mine"},
    "client_id is a list": {"client_id": [NOBODY]},
    "no start": {"started_at": GONE},
    "start is null": {"started_at": None},
    "start is a number": {"started_at": 1767225600},
    "start is a day": {"started_at": "2026-01-01"},
    "start without an offset": {"started_at": "2026-01-01T10:00:00", "ended_at": None},
    "start in words": {"started_at": "yesterday", "ended_at": None},
    "start is now": {"started_at": "now", "ended_at": None},
    "start in a zone by name": {"started_at": "2026-01-01T10:00:00 Europe/Oslo", "ended_at": None},
    "start in the future": {"started_at": "2999-01-01T00:00:00Z", "ended_at": None},
    "start at infinity": {"started_at": "infinity", "ended_at": None},
    "start before time": {"started_at": "-infinity", "ended_at": None},
    "start before Christ": {"started_at": "0044-03-15T10:00:00Z BC", "ended_at": None},
    "start before 1970": {"started_at": "1969-12-31T23:59:59Z", "ended_at": None},
    "start after the calendar": {"started_at": "294277-01-01T00:00:00Z", "ended_at": None},
    "end without an offset": {"started_at": "2026-01-01T10:00:00Z", "ended_at": "2026-01-01T11:00:00"},
    "end in the future": {"ended_at": "2999-01-01T00:00:00Z"},
    "end before the start": {"started_at": "2026-01-01T10:00:00Z", "ended_at": "2026-01-01T09:59:59Z"},
    "end after more than a day": {"started_at": "2026-01-01T10:00:00Z", "ended_at": "2026-01-02T10:00:01Z"},
    "no zone": {"timezone": GONE},
    "zone is null": {"timezone": None},
    "unknown zone": {"timezone": "Middle-earth/Shire"},
    "zone by rule": {"timezone": "Foo/Bar+5"},
    "zone in small letters": {"timezone": "europe/oslo"},
    "zone is a list": {"timezone": ["UTC"]},
    "zone of three megabytes": {"timezone": TOO_MUCH},
    "name of white space": {"name": "\u00a0"},
    "name of three megabytes": {"name": TOO_MUCH},
    "name with a null byte": {"name": "a\u0000b"},
    "name with half a character": {"name": "\ud800"},
    "notes of three megabytes": {"notes": TOO_MUCH},
    "exertion 11": {"perceived_exertion": 11},
    "exertion 7.5": {"perceived_exertion": 7.5},
    "exertion 1e999": {"perceived_exertion": 10**999},
    "day of the plan 14": {"plan_day": 14},
    "day of the plan -1": {"plan_day": -1},
    "day of the plan 99999": {"plan_day": 99999},
    "plan that is not there": {"plan_id": NOBODY},
    "plan is no uuid": {"plan_id": "first"},
    "no exercises": {"exercises": GONE},
    "exercises are null": {"exercises": None},
    "exercises are none": {"exercises": []},
    "exercises are an object": {"exercises": {"0": {}}},
    "exercises are a text": {"exercises": "squats"},
    "exercises are numbers": {"exercises": [1, 2]},
    "exercises are nulls": {"exercises": [None]},
    "exercises are lists": {"exercises": [[]]},
}
EXERCISES: dict[str, dict[str, Any]] = {
    "no exercise": {"exercise_id": GONE},
    "exercise is not there": {"exercise_id": NOBODY},
    "exercise is no uuid": {"exercise_id": "squat"},
    "exercise is an object": {"exercise_id": {}},
    "superset of many letters": {"superset_group": "x" * 9},
    "notes on an exercise of three megabytes": {"notes": TOO_MUCH},
    "no sets": {"sets": GONE},
    "sets are null": {"sets": None},
    "sets are none": {"sets": []},
    "sets are an object": {"sets": {"0": lifted(5, 100)}},
    "sets are a text": {"sets": "three of five"},
    "sets are numbers": {"sets": [5, 5, 5]},
    "sets are nulls": {"sets": [None]},
    "101 sets": {"sets": [lifted(5, 100)] * 101},
    "40000 sets": {"sets": [lifted(5, 100)] * 40_000},
}
SETS: dict[str, dict[str, Any]] = {
    "no kind of set": {"set_type": GONE},
    "unknown kind of set": {"set_type": "hardest"},
    "no repetitions": {"reps": GONE},
    "0 repetitions": {"reps": 0},
    "-5 repetitions": {"reps": -5},
    "1001 repetitions": {"reps": 1001},
    "99999 repetitions": {"reps": 99_999},
    "1e999 repetitions": {"reps": 10**999},
    "5.5 repetitions": {"reps": 5.5},
    "repetitions in words": {"reps": "five"},
    "repetitions that are not a number": {"reps": "NaN"},
    "no weight": {"weight": GONE},
    "weight is a number": {"weight": 100},
    "weight is empty": {"weight": {}},
    "weight without a unit": {"weight": {"value": 100}},
    "weight without a value": {"weight": {"unit": "kg"}},
    "weight in stone": {"weight": {"value": 5, "unit": "stone"}},
    "weight that is not a number": {"weight": {"value": "NaN", "unit": "kg"}},
    "weight without end": {"weight": {"value": "Infinity", "unit": "kg"}},
    "weight below nothing": {"weight": kg(-1)},
    "weight of 1001 kg": {"weight": kg(1001)},
    "weight of 2205 lb": {"weight": {"value": 2205, "unit": "lb"}},
    "weight to the milligram": {"weight": kg(100.0001)},
    "weight of 1e999 kg": {"weight": {"value": 10**999, "unit": "kg"}},
    "weight in words": {"weight": {"value": "heavy", "unit": "kg"}},
    "weight is an object": {"weight": {"value": {}, "unit": "kg"}},
    "weight and help": {"assist": kg(20)},
    "a duration of nothing": {"duration_seconds": 0},
    "a distance of nothing": {"distance_m": 0},
    "rpe 11": {"rpe": 11},
    "rpe 7.3": {"rpe": 7.3},
    "rpe that is not a number": {"rpe": "NaN"},
    "rir -1": {"rir": -1},
    "unknown side": {"side": "both"},
}
# Payloads that are not even a session.
RAW: dict[str, str] = {
    "null": "null",
    "number": "5",
    "text": '"squats"',
    "list": "[]",
    "list of lists": "[" * 900 + "]" * 900,
    "deeper than a stack": "[" * 200_000 + "]" * 200_000,
    "empty": "{}",
    "literal NaN": '{"perceived_exertion": NaN}',
    "half": '{"client_id": ',
}


def changed(whole: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (whole | change).items() if value is not GONE}


def unsound(name: str, exercise: str) -> dict[str, Any]:
    """A sound session but for what this name says."""
    whole = session(exercise)
    if name in SESSIONS:
        return changed(whole, SESSIONS[name])
    done = whole["exercises"][0]
    if name in EXERCISES:
        return whole | {"exercises": [changed(done, EXERCISES[name])]}
    return whole | {"exercises": [done | {"sets": [lifted(5, 100), changed(lifted(5, 100), SETS[name])]}]}


async def training_of(person: Person, stack: Stack) -> list[Any]:
    """Every row of training that this person has, and their score."""
    rows = await rows_of(stack, person.id, *TRAINING, "users")
    return [*(row for table in TRAINING for row in rows[table]), *(row["affinity_score"] for row in rows["users"])]


async def test_an_unsound_session_is_refused_whole(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    with each_case() as case:
        for name in (*SESSIONS, *EXERCISES, *SETS):
            with case(name):
                call = json.dumps({"payload": unsound(name, exercise)})
                response = await rest.post("/rpc/log_workout", content=call, headers=JSON)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert await training_of(ana, stack) == [0]


async def test_an_unsound_change_leaves_a_workout_as_it_was(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    workout = (await log(ana, exercise))["workout"]["id"]
    before = await training_of(ana, stack)
    with each_case() as case:
        for name in ("no exercises", "no sets", "start in the future", "101 sets", "no repetitions"):
            with case(name):
                change = {"workout_id": workout, "payload": unsound(name, exercise)}
                response = await rest.post("/rpc/update_workout", json=change)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert await training_of(ana, stack) == before


async def test_what_is_no_session_is_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    with each_case() as case:
        for name, raw in RAW.items():
            with case(name):
                response = await rest.post("/rpc/log_workout", content=f'{{"payload": {raw}}}', headers=JSON)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert await training_of(ana, stack) == [0]


async def test_calls_of_another_shape_are_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    bodies = ("", "{}", "[]", "null", '{"payload": {}, "owner": "x"}', '{"workout_id": "x"}')
    functions = ("log_workout", "update_workout", "delete_workout", "enqueue_job", "cancel_job")
    with each_case() as case:
        for body, function in product(bodies, functions):
            with case(f"{function} {body}"):
                response = await rest.post(f"/rpc/{function}", content=body, headers=JSON)
                assert 400 <= response.status_code < 500, response.text
                assert await training_of(ana, stack) == [0]


async def test_fifty_exercises_are_enough(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    payload = session(await squat(ana))
    payload["exercises"] *= 51
    response = await rest.post("/rpc/log_workout", json={"payload": payload})
    assert response.status_code == 422, response.text
    assert await training_of(ana, stack) == [0]
    payload["exercises"].pop()
    assert (await rest.post("/rpc/log_workout", json={"payload": payload})).status_code == 200


async def test_a_field_that_comes_twice_is_no_way_around(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], stack: Stack
) -> None:
    exercise = await squat(ana)
    theirs = bos["exercises"].removeprefix("id=eq.")
    wrong = {
        "started_at": "2999-01-01T00:00:00Z",
        "ended_at": "2999-01-01T00:00:00Z",
        "timezone": "Foo/Bar+5",
        "plan_id": bos["plans"].removeprefix("id=eq."),
        "exercises": [{"exercise_id": theirs, "sets": [lifted(5, 100)]}],
    }
    with each_case() as case:
        for field, bad in wrong.items():
            payload = session(exercise)
            good = payload.pop(field, None)
            rest_of = json.dumps(payload)[1:-1]
            for first, last in ((good, bad), (bad, good)):
                with case(f"{field}: {first}, then {last}"):
                    twice = f'{{"{field}": {json.dumps(first)}, {rest_of}, "{field}": {json.dumps(last)}}}'
                    await rest.post("/rpc/log_workout", content=f'{{"payload": {twice}}}', headers=JSON)
                    latest = datetime.now(UTC) + timedelta(minutes=6)
                    mine = await rows_of(stack, ana.id, "workouts", "sets")
                    assert all(row["started_at"] < latest for row in mine["workouts"])
                    assert all(row["timezone"] == "UTC" and not row["plan_id"] for row in mine["workouts"])
                    assert all(row["ended_at"] is None or row["ended_at"] < latest for row in mine["workouts"])
                    assert not [row for row in mine["sets"] if str(row["exercise_id"]) == theirs]


async def test_a_workout_follows_no_plan_and_has_no_exercise_of_another_person(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], stack: Stack
) -> None:
    plan, theirs = (bos[table].removeprefix("id=eq.") for table in ("plans", "exercises"))
    exercise = await squat(ana)
    workout = (await log(ana, exercise))["workout"]["id"]
    before = await everything(stack)
    for stolen, unknown in (
        (session(exercise, plan_id=plan, plan_day=0), session(exercise, plan_id=NOBODY, plan_day=0)),
        (session(theirs), session(NOBODY)),
    ):
        for call in ({}, {"workout_id": workout}):
            function = "update_workout" if call else "log_workout"
            refused = await rest.post(f"/rpc/{function}", json={"payload": stolen, **call})
            assert refused.status_code == 422, refused.text
            # Nor is it told that there is such a plan or exercise.
            assert (await rest.post(f"/rpc/{function}", json={"payload": unknown, **call})).json() == refused.json()
    assert await everything(stack) == before


async def test_another_persons_workout_is_neither_changed_nor_deleted(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], stack: Stack
) -> None:
    workout = bos["workouts"].removeprefix("id=eq.")
    before = await everything(stack)
    payload = session(await squat(ana))
    for id_ in (workout, NOBODY):
        for function, more in (("update_workout", {"payload": payload}), ("delete_workout", {}), ("workout", {})):
            response = await rest.post(f"/rpc/{function}", json={"workout_id": id_, **more})
            assert (response.status_code, response.json()) == (200, False if function == "delete_workout" else None)
    assert await everything(stack) == before


async def test_a_client_id_of_another_person_is_free(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    theirs = (await rows_of(stack, bo.id, "workouts"))["workouts"][0]
    payload = session(await squat(ana), client_id=str(theirs["client_id"]))
    made = (await rest.post("/rpc/log_workout", json={"payload": payload})).json()
    assert made["replayed"] is False
    assert bo.id not in json.dumps(made)
    assert theirs in (await rows_of(stack, bo.id, "workouts"))["workouts"]


async def test_what_is_not_the_persons_to_say_is_not_heard(
    rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack
) -> None:
    forged = {
        "id": NOBODY,
        "user_id": bo.id,
        "owner": bo.id,
        "source": "import",
        "award_round": 9,
        "local_date": "2020-01-01",
    }
    sets = [lifted(1, 100, user_id=bo.id, weight_kg=900, e1rm_kg=900, kind="reps", exercise_name="Moon walk")]
    payload = session(await squat(ana), *sets, at="2026-03-04T18:00:00Z", **forged, request_hash="\\x00")
    assert (await rest.post("/rpc/log_workout", json={"payload": payload})).status_code == 200
    assert await training_of(bo, stack) == [0]
    workout, done, event, score = await training_of(ana, stack)
    assert (str(workout["id"]) != NOBODY, workout["source"], workout["award_round"]) == (True, "app", 0)
    assert (str(workout["local_date"]), done["weight_kg"], done["e1rm_kg"]) == ("2026-03-04", 100, 100)
    assert (done["kind"], done["exercise_name"] != "Moon walk", event["points"], score) == ("weight_reps", True, 10, 10)


WRITES: dict[str, dict[str, Any]] = {
    "workouts": {
        "client_id": NOBODY,
        "request_hash": "\\x00",
        "started_at": "2026-01-01T00:00Z",
        "timezone": "UTC",
    },
    "sets": {"exercise_position": 0, "position": 1, "set_type": "working", "kind": "reps", "reps": 5},
    "affinity_events": {"rule": "conversation", "points": 1, "source_type": "day", "source_id": "x"},
    "jobs": JOB,
}


async def test_what_functions_write_is_not_written_by_hand(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    workout = (await log(ana, exercise))["workout"]["id"]
    await rest.post("/rpc/enqueue_job", json=JOB)
    before = await training_of(ana, stack)
    preferences = ("return=minimal", "resolution=merge-duplicates,return=minimal", "resolution=ignore-duplicates")
    with each_case() as case:
        for table, row in WRITES.items():
            with case(table):
                more = {"workout_id": workout, "exercise_id": exercise} if table == "sets" else {}
                many = (row | more, [row | more, row | more], row | more | {"user_id": ana.id})
                for prefer, rows in product(preferences, many):
                    response = await rest.post(f"/{table}", json=rows, headers={"Prefer": prefer})
                    assert response.status_code == 403, response.text
                where = f"/{table}?user_id=eq.{ana.id}&select=id"
                assert (await rest.patch(where, json=row)).status_code == 403
                assert (await rest.delete(where)).status_code == 403
                assert await training_of(ana, stack) == before


async def test_the_day_of_a_measurement_is_not_the_persons_to_say(
    rest: httpx.AsyncClient, ana: Person, stack: Stack
) -> None:
    measured = {"kind": "body_weight", "value": 80}
    assert (await rest.post("/measurements", json=measured | {"local_date": "2020-01-01"})).status_code == 403
    assert await training_of(ana, stack) == [0]
    assert (await rest.post("/measurements", json=measured)).status_code == 201
    before = await training_of(ana, stack)
    for change in ({"local_date": "2020-01-01"}, {"value": 70, "local_date": "2020-01-01"}, {"user_id": NOBODY}):
        assert (await rest.patch(f"/measurements?user_id=eq.{ana.id}", json=change)).status_code == 403
    upsert = {"Prefer": "resolution=merge-duplicates,return=representation"}
    path = "/measurements?on_conflict=user_id,kind,local_date"
    assert (await rest.post(path, json=measured | {"local_date": "2020-01-01"}, headers=upsert)).status_code == 403
    assert await training_of(ana, stack) == before
    assert [row["value"] for row in (await rest.post(path, json=measured | {"value": 79}, headers=upsert)).json()] == [
        79
    ]


async def test_one_person_measures_nothing_over_another(
    rest: httpx.AsyncClient, ana: Person, bo: Person, bos: dict[str, str], stack: Stack
) -> None:
    before = await training_of(bo, stack)
    path = "/measurements?on_conflict=user_id,kind,local_date"
    upsert = {"Prefer": "resolution=merge-duplicates,return=minimal"}
    row = {"kind": "body_weight", "value": 99}
    assert (await rest.post(path, json=row, headers=upsert)).status_code == 201
    assert (await rest.post(path, json=row | {"user_id": bo.id}, headers=upsert)).status_code == 403
    assert await training_of(bo, stack) == before


# The server's functions, with arguments that would do something.
SERVERS: dict[str, dict[str, Any]] = {
    "claim_jobs": {"max_jobs": 100, "lease_seconds": 60},
    "heartbeat_job": {"job_id": "jobs", "attempt": 1, "lease_seconds": 60, "progress": 1, "message": "x"},
    "finish_job": {"job_id": "jobs", "attempt": 1, "result": {}},
    "fail_job": {"job_id": "jobs", "attempt": 1, "problem": {}, "retryable": False},
    "release_job": {"job_id": "jobs", "attempt": 1},
    "import_batch": {"job_id": "jobs", "attempt": 1, "section": "profile", "batch": [{"name": "Mallory"}]},
    "import_context": {"job_id": "jobs", "attempt": 1},
    "decay_affinity": {},
    "purge": {},
}


async def test_people_do_not_call_what_is_the_servers(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], stack: Stack
) -> None:
    mine = (await rest.post("/rpc/enqueue_job", json=JOB)).json()["id"]
    jobs = {str(row["id"]) for row in (await everything(stack))["jobs"]}
    assert mine in jobs
    # Held, so that nothing but the caller is wrong.
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "update public.jobs set status = 'running', attempts = 1, lease_expires_at = now() + interval '1 hour'"
            " where status = 'queued' and id = any ($1::uuid[])",
            list(jobs),
        )
    finally:
        await connection.close()
    before = await everything(stack)
    async with rest_client(stack) as anyone:
        with each_case() as case:
            for function, given in SERVERS.items():
                with case(function):
                    for job in jobs if "job_id" in given else {""}:
                        arguments = given | ({"job_id": job} if job else {})
                        assert (await rest.post(f"/rpc/{function}", json=arguments)).status_code == 403
                        assert (await anyone.post(f"/rpc/{function}", json=arguments)).status_code == 401
    assert await everything(stack) == before


async def test_strangers_call_nothing(stack: Stack, bos: dict[str, str], ana: Person) -> None:
    workout = bos["workouts"].removeprefix("id=eq.")
    arguments: dict[str, dict[str, Any]] = {
        "log_workout": {"payload": session(await squat(ana))},
        "update_workout": {"workout_id": workout, "payload": session(await squat(ana))},
        "delete_workout": {"workout_id": workout},
        "workout": {"workout_id": workout},
        "next_workout": {},
        "stats_summary": {},
        "stats_records": {},
        "stats_volume": {"first_day": "2026-01-01", "last_day": "2026-12-31"},
        "stats_calendar": {"first_day": "2026-01-01", "last_day": "2026-12-31"},
        "stats_exercise": {"exercise_id": NOBODY, "first_day": "2026-01-01", "last_day": "2026-12-31", "max_points": 9},
        "enqueue_job": JOB,
        "cancel_job": {"job_id": NOBODY},
    }
    before = await everything(stack)
    async with rest_client(stack) as anyone:
        with each_case() as case:
            for function, given in arguments.items():
                with case(function):
                    assert (await anyone.post(f"/rpc/{function}", json=given)).status_code == 401
    assert await everything(stack) == before


async def test_statistics_are_of_ones_own_training(rest: httpx.AsyncClient, bos: dict[str, str]) -> None:
    days = {"first_day": "2000-01-01", "last_day": "2100-01-01"}
    theirs = {"exercise_id": bos["exercises"].removeprefix("id=eq.")}
    assert (await rest.post("/rpc/stats_summary", json={})).json()["workouts"] == 0
    assert (await rest.post("/rpc/stats_records", json=theirs)).json() == {"total": 0, "items": []}
    assert (await rest.post("/rpc/stats_volume", json=days)).json() == []
    assert (await rest.post("/rpc/stats_calendar", json=days)).json() == []
    assert (await rest.post("/rpc/stats_exercise", json=theirs | days | {"max_points": 9})).json() is None
    assert (await rest.post("/rpc/next_workout", json={})).json() is None


# What enqueue_job refuses; the worker reads what it takes, several people's at once.
JOBS: dict[str, str] = {
    "kind that is not there": json.dumps(JOB | {"kind": "train_model"}),
    "no kind": json.dumps(JOB | {"kind": None}),
    "kind is a list": json.dumps(JOB | {"kind": ["import_account"]}),
    "no input": json.dumps(JOB | {"input": None}),
    "input is a text": json.dumps(JOB | {"input": "x"}),
    "input is a list": json.dumps(JOB | {"input": []}),
    "input is deep": json.dumps(JOB | {"input": {}}).replace("{}", '{"x":' + "[" * 999 + "]" * 999 + "}"),
    "input deeper than a stack": json.dumps(JOB).replace("{}", '{"x":' + "[" * 200_000 + "]" * 200_000 + "}"),
    "input of long numbers": json.dumps(JOB).replace("{}", '{"x": [' + "1e131071," * 3000 + "1]}"),
    "input of one long number": json.dumps(JOB).replace("{}", '{"x": 1e131071}'),
    "input of three megabytes": json.dumps(JOB | {"input": {"x": TOO_MUCH}}),
    "input of many keys": json.dumps(JOB | {"input": {str(n): "x" for n in range(100_000)}}),
    "input with a null byte": json.dumps(JOB | {"input": {"x": "\u0000"}}),
    "no dedupe key": json.dumps(JOB | {"dedupe_key": None}),
    "empty dedupe key": json.dumps(JOB | {"dedupe_key": ""}),
    "dedupe key of three megabytes": json.dumps(JOB | {"dedupe_key": TOO_MUCH}),
    "attachment that is no base64": json.dumps(JOB | {"attachment": "no base64!"}),
    "attachment of eight megabytes": json.dumps(JOB | {"attachment": "AAAA" * 2_700_000}),
    "status": json.dumps(JOB | {"status": "succeeded"}),
    "owner": json.dumps(JOB | {"user_id": NOBODY}),
}


async def test_a_job_that_no_worker_should_see_is_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    with each_case() as case:
        for name, job in JOBS.items():
            with case(name):
                response = await rest.post("/rpc/enqueue_job", content=job, headers=JSON)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert await training_of(ana, stack) == [0]


async def test_a_person_has_five_jobs_under_way_at_most(rest: httpx.AsyncClient) -> None:
    answers = [await rest.post("/rpc/enqueue_job", json=JOB | {"dedupe_key": str(n)}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [409]
    again = await rest.post("/rpc/enqueue_job", json=JOB | {"dedupe_key": "0"})
    assert again.json()["id"] == answers[0].json()["id"]


@pytest.mark.parametrize("kind", ["import_workouts", "import_account"])
async def test_whatever_is_enqueued_the_next_persons_job_is_worked_off(
    kind: str, rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    odd = {"timezone": "Foo/Bar+5", "weight_unit": True, "ünknown": "x" * 3_000}
    for number, attachment in enumerate(("", "H4sIAAAA", "AAAA", None)):
        job = {"kind": kind, "input": odd, "dedupe_key": str(number), "attachment": attachment}
        assert (await rest.post("/rpc/enqueue_job", json=job)).status_code == 200
    async with rest_client(stack, bo.token) as other:
        job = {"kind": "import_account", "input": {}, "dedupe_key": "x", "attachment": "AAAA"}
        assert (await other.post("/rpc/enqueue_job", json=job)).status_code == 200
    await drain(settings)
    tried = {(str(row["user_id"]), row["attempts"]) for row in (await everything(stack))["jobs"]}
    assert {(ana.id, 1), (bo.id, 1)} <= tried
    assert {row["status"] for row in (await rest.get("/jobs?select=status")).json()} <= {"failed", "queued"}


async def test_what_a_job_works_on_is_not_shown(rest: httpx.AsyncClient) -> None:
    await rest.post("/rpc/enqueue_job", json=JOB)
    for column in ("input", "attachment", "dedupe_key", "attempts", "run_after", "lease_expires_at", "*"):
        assert (await rest.get(f"/jobs?select={column}")).status_code == 403
    for hidden in ("attempts=eq.0", "input=cs.{}", "order=attempts"):
        assert (await rest.get(f"/jobs?select=id&{hidden}")).status_code == 403


async def test_a_cancelled_job_is_not_held_any_more(
    rest: httpx.AsyncClient, ana: Person, stack: Stack, settings: Settings
) -> None:
    job = (await rest.post("/rpc/enqueue_job", json=JOB | {"attachment": "AAAA"})).json()["id"]
    async with service(settings) as gateway:
        await gateway.call("claim_jobs", {"max_jobs": 100, "lease_seconds": 600})
        assert (await rest.post("/rpc/cancel_job", json={"job_id": job})).json() is True
        with pytest.raises(Exception, match="no longer held"):
            await gateway.call("finish_job", {"job_id": job, "attempt": 1, "result": {}})
    (row, _) = await training_of(ana, stack)
    assert (row["status"], row["attachment"], row["result"]) == ("cancelled", None, None)


async def test_history_outlives_its_plan_and_its_exercise(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    made = (await rest.post("/exercises", json=CUSTOM)).json()[0]["id"]
    plan = await make_plan(ana)
    await ana.post(f"/api/v1/plans/{plan['id']}/activate")
    logged = (await log(ana, made, plan_id=plan["id"], plan_day=0))["workout"]
    score = (await training_of(ana, stack))[-1]
    assert (await rest.delete(f"/plans?id=eq.{plan['id']}")).status_code == 200
    assert (await rest.patch(f"/exercises?id=eq.{made}", json={"name": "Renamed"})).status_code == 200
    assert (await rest.patch(f"/exercises?id=eq.{made}", json={"kind": "reps"})).status_code == 409
    assert (await rest.delete(f"/exercises?id=eq.{made}")).status_code == 403
    assert (await rest.post("/rpc/delete_exercise", json={"exercise_id": made})).json() is True
    shown = (await rest.post("/rpc/workout", json={"workout_id": logged["id"]})).json()
    assert (shown["plan_id"], shown["plan_version"], shown["plan_day"]) == (None, None, None)
    assert [(e["exercise_id"], e["exercise_name"]) for e in shown["exercises"]] == [(made, CUSTOM["name"])]
    assert shown["exercises"][0]["sets"][0]["weight_kg"] == 100
    hidden = (await rest.get(f"/exercises?id=eq.{made}&select=hidden_at")).json()
    assert hidden[0]["hidden_at"] is not None
    assert (await training_of(ana, stack))[-1] == score
    records = (await rest.post("/rpc/stats_records", json={"exercise_id": made})).json()
    assert {item["exercise_name"] for item in records["items"]} == {CUSTOM["name"]}
