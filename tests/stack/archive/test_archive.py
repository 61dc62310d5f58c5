"""Everything a person owns, taken along and brought back equal."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from src.archive.document import Archive
from src.core.config import Settings
from tests.support.archive import EXPORT, IMPORT, bring, neutral
from tests.support.cases import each_case
from tests.support.foods import FOOD
from tests.support.jobs import JOBS, drain
from tests.support.memories import MEMORIES, remember
from tests.support.people import Person, assert_problem
from tests.support.plans import EXERCISES, PLANS, content_with, exercise_id, make_plan
from tests.support.workouts import LOG, kg, lb, ledger_of, lifted, log, score_of, session

DAY = datetime(2025, 6, 2, 10, tzinfo=UTC)
PROFILE = {
    "name": "Ana", "date_of_birth": "1990-02-28", "sex": "female", "sport": "gym", "experience_level": "advanced",
    "days_per_week": 4, "goals": ["Squat 150"], "weight_unit": "lb", "timezone": "Europe/Oslo",
    "equipment": ["barbell"], "injuries": ["knee"], "load_steps_kg": {"barbell": 1.25}, "memory_enabled": True,
    "dietary": {"diet": "vegan", "allergens": ["soy"], "dislikes": ["olive"]},
    "check_ins": {"enabled": False, "max_per_week": 3, "quiet_from": "21:15", "quiet_to": "07:45"},
}  # fmt: skip


async def live(person: Person) -> None:
    """Years of a life, in little: a bit of everything that can be owned."""
    await person.patch("/api/v1/users/me", json=PROFILE)
    own = []
    for name in ("Own Lift", "Gone Lift"):
        custom = {"name": name, "kind": "weight_reps", "primary_muscles": ["abs"], "aliases": ["x"]}
        own.append((await person.post(EXERCISES, json=custom)).json()["id"])
    for name in ("Own Bar", "Own Shake"):
        assert (await person.post("/api/v1/foods", json=FOOD | {"name": name})).status_code == 201
    squat = await exercise_id(person, "Squat")
    await person.put(f"{EXERCISES}/{own[0]}/preference", json={"kind": "favourite", "reason": "Mine"})
    await person.put(f"{EXERCISES}/{squat}/preference", json={"kind": "excluded"})
    plan = await make_plan(person, content=content_with(own[0]), duration_weeks=8)
    path = f"{PLANS}/{plan['id']}"
    await person.put(
        path, json={"name": "Later", "content": content_with(own[1]) | {"deload_weeks": []}, "duration_weeks": 2}
    )
    await person.post(f"{path}/activate")
    await make_plan(person, name="Draft", content=None)
    await log(person, own[0], lifted(5, 60), at=DAY, plan_id=plan["id"], plan_day=0, name="One", notes="Fine")
    await log(
        person,
        own[1],
        {"reps": 5, "weight": lb(225), "rpe": 8.5, "side": "left", "average_heart_rate": 120, "max_heart_rate": 151},
        at=DAY + timedelta(days=1),
    )
    body = session(
        await exercise_id(person, "Assisted Pull-Up"), {"reps": 8, "assist": kg(20)}, at=DAY + timedelta(days=2)
    )
    body["exercises"].append(
        {"exercise_id": squat, "superset_group": "A", "notes": "Deep", "sets": [lifted(3, 80)] * 3}
    )
    assert (await person.post(LOG, json=body)).status_code == 201
    await person.delete(f"{EXERCISES}/{own[1]}")
    for day in range(3):
        at = (DAY + timedelta(days=day)).isoformat()
        await person.post("/api/v1/measurements", json={"kind": "body_weight", "value": 70.5 + day, "measured_at": at})
    for content in ("I weigh 80 kg", "I own a red kettlebell", "I weigh 82 kg now", "Nobody shall know this"):
        memory = await remember(person, content, pinned=content.startswith("I own"))
    await person.delete(f"{MEMORIES}/{memory['id']}")
    await person.patch("/api/v1/users/me", json={"memory_enabled": False})
    said = {"client_id": str(uuid4()), "message": "What should I do today?"}
    assert (await person.post("/api/v1/chat", json=said)).json()["actions"][0]["plan_id"] == plan["id"]


async def test_an_export_imports_back_equal(ana: Person, bo: Person, settings: Settings) -> None:
    await live(ana)
    exported = await ana.get(EXPORT)
    assert exported.headers["content-disposition"] == 'attachment; filename="slow-burn.json"'
    document = exported.json()
    Archive.model_validate(document)
    sections = ("exercises", "foods", "preferences", "plans", "workouts", "measurements", "memories", "messages")
    assert [len(document[key]) for key in sections] == [2, 2, 2, 2, 3, 3, 3, 2]
    result = await bring(bo, document, settings)
    assert result["rejected"] == []
    assert "Nobody" not in exported.text
    assert neutral((await bo.get(EXPORT)).json()) == neutral(document)
    assert (await bo.get("/api/v1/stats/summary")).json() == (await ana.get("/api/v1/stats/summary")).json()
    # Points are earned by training here.
    assert await ledger_of(bo) == []
    assert await score_of(ana) > 0


async def test_twice_adds_nothing(ana: Person, bo: Person, settings: Settings) -> None:
    await live(ana)
    document = (await ana.get(EXPORT)).json()
    await bring(bo, document, settings)
    once = (await bo.get(EXPORT)).json()
    result = await bring(bo, document, settings)
    assert result["sections"]["workouts"] == {"duplicate": 3}
    assert {**(await bo.get(EXPORT)).json(), "exported_at": None} == {**once, "exported_at": None}


async def test_a_workout_with_thousands_of_sets_comes_back_equal(ana: Person, bo: Person, settings: Settings) -> None:
    squat = await exercise_id(ana, "Squat")
    for exercises, reps in ((1, 100), (50, 45), (12, 100)):
        body = session(squat, *[lifted(1 + number, 60) for number in range(reps)], at=DAY)
        body["exercises"] *= exercises
        assert (await ana.post(LOG, json=body)).status_code == 201
    document = (await ana.get(EXPORT)).json()
    assert sorted(len(one["exercises"]) for one in document["workouts"]) == [1, 12, 50]
    for workout in document["workouts"]:
        for done in workout["exercises"]:
            assert [one["reps"] for one in done["sets"]] == list(
                range(1, 46 if len(workout["exercises"]) == 50 else 101)
            )
    assert (await bring(bo, document, settings))["rejected"] == []
    assert neutral((await bo.get(EXPORT)).json()) == neutral(document)


async def test_a_plan_with_a_long_history_comes_back_equal(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    plan = await make_plan(ana)
    rename = "update public.plans set content = jsonb_set(content, '{days,0,name}', to_jsonb($2::text)) where id = $1"
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.executemany(rename, [(plan["id"], f"Day {number}") for number in range(1, 120)])
    finally:
        await connection.close()
    document = (await ana.get(EXPORT)).json()
    names = [version["content"]["days"][0]["name"] for version in document["plans"][0]["versions"]]
    assert names == [f"Day {number}" for number in range(70, 120)]
    assert (await bring(bo, document, settings))["rejected"] == []
    assert neutral((await bo.get(EXPORT)).json()) == neutral(document)


@pytest.mark.parametrize(("kind", "section"), [("workout", "plans"), ("meal", "meal_plans")])
async def test_the_largest_and_the_most_contents_are_exported(
    kind: str, section: str, ana: Person, stack: Stack
) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        made = "insert into public.plans (user_id, kind, name) values ($1, $2, 'Long') returning id"
        add = (
            "insert into public.plan_versions (user_id, plan_id, version, content, changed_by)"
            " select $1, $2, n, jsonb_build_object('days', repeat('x', case when n > 70 then 261 else 262000 end)),"
            " 'person' from generate_series(1, 1100) as n"
        )
        await connection.execute(add, ana.id, await connection.fetchval(made, ana.id, kind))
    finally:
        await connection.close()
    versions = (await ana.get(EXPORT)).json()[section][0]["versions"]
    assert [len(version["content"]["days"]) for version in versions] == [262000] * 70 + [261] * 1030


async def test_an_import_brings_a_deleted_workout_back(ana: Person, settings: Settings) -> None:
    await live(ana)
    document = (await ana.get(EXPORT)).json()
    for workout in (await ana.get("/api/v1/workouts")).json()["items"]:
        assert (await ana.delete(f"/api/v1/workouts/{workout['id']}")).status_code == 204
    result = await bring(ana, document, settings)
    assert result["sections"]["workouts"] == {"imported": 3}


async def test_a_deleted_food_stays_deleted(ana: Person, bo: Person, settings: Settings) -> None:
    await live(ana)
    document = (await ana.get(EXPORT)).json()
    document["foods"][1]["hidden"] = True
    await bring(bo, document, settings)
    assert neutral((await bo.get(EXPORT)).json()) == neutral(document)
    assert [one["name"] for one in (await bo.get("/api/v1/foods?owned=true")).json()["items"]] == ["Own Bar"]


async def test_an_exercise_that_was_deleted_and_made_again_comes_back_twice(
    ana: Person, bo: Person, settings: Settings
) -> None:
    for kind, done in (("weight_reps", lifted(5, 60)), ("reps", {"set_type": "working", "reps": 9})):
        custom = {"name": "Own Lift", "kind": kind, "primary_muscles": ["abs"]}
        own = (await ana.post(EXERCISES, json=custom)).json()["id"]
        await make_plan(ana, name=kind, content=content_with(own))
        assert (await ana.post(LOG, json=session(own, done))).status_code == 201
        if kind == "weight_reps":
            assert (await ana.delete(f"{EXERCISES}/{own}")).status_code == 204
    document = (await ana.get(EXPORT)).json()
    assert [(one["name"], one["kind"], one["hidden"]) for one in document["exercises"]] == [
        ("Own Lift", "weight_reps", True), ("Own Lift", "reps", False),
    ]  # fmt: skip
    for _ in range(2):
        assert (await bring(bo, document, settings))["rejected"] == []
        assert neutral((await bo.get(EXPORT)).json()) == neutral(document)


async def test_what_the_export_has_deleted_is_not_deleted_here(ana: Person, bo: Person, settings: Settings) -> None:
    await live(ana)
    custom = {"name": "Gone Lift", "kind": "reps", "primary_muscles": ["abs"]}
    mine = (await bo.post(EXERCISES, json=custom)).json()["id"]
    assert (await bring(bo, (await ana.get(EXPORT)).json(), settings))["rejected"] == []
    exported = {one["id"]: one["hidden"] for one in (await bo.get(EXPORT)).json()["exercises"]}
    assert (exported[mine], sorted(exported.values())) == (False, [False, False, True])


async def profile_of(person: Person) -> dict[str, Any]:
    profile: dict[str, Any] = (await person.get(EXPORT)).json()["profile"]
    return profile


async def test_an_old_export_takes_nothing_from_the_profile(ana: Person, settings: Settings) -> None:
    squat = await exercise_id(ana, "Squat")
    await ana.patch("/api/v1/users/me", json=PROFILE | {"ai_consent_at": DAY.isoformat()})
    await ana.put(f"{EXERCISES}/{squat}/preference", json={"kind": "favourite"})
    document = (await ana.get(EXPORT)).json()
    now = {
        "name": "Anna", "memory_enabled": False, "ai_consent_at": None, "injuries": ["shoulder"], "goals": ["Rest"],
        "dietary": {"diet": "omnivore", "allergens": ["milk"], "dislikes": []},
    }  # fmt: skip
    assert (await ana.patch("/api/v1/users/me", json=now)).status_code == 200
    await ana.put(f"{EXERCISES}/{squat}/preference", json={"kind": "excluded"})
    before = await profile_of(ana)
    result = await bring(ana, document, settings)
    assert (result["rejected"], result["sections"]["preferences"]) == ([], {"duplicate": 1})
    # What had been emptied is filled again; injuries and allergens of both count.
    both = {"injuries": ["shoulder", "knee"], "allergens": ["milk", "soy"]}
    assert await profile_of(ana) == before | both | {"dislikes": ["olive"]}
    assert (await ana.get(f"{EXERCISES}/{squat}")).json()["preference"]["kind"] == "excluded"


async def test_an_import_fills_what_the_profile_does_not_say(ana: Person, bo: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json=PROFILE | {"memory_enabled": False, "ai_consent_at": DAY.isoformat()})
    await bo.patch("/api/v1/users/me", json={"name": "Bo", "timezone": "Asia/Tokyo", "injuries": ["hip"]})
    document = (await ana.get(EXPORT)).json()
    kept = {"name": "Bo", "timezone": "Asia/Tokyo", "injuries": ["hip", "knee"], "ai_consent_at": None}
    for _ in range(2):
        await bring(bo, document, settings)
        assert await profile_of(bo) == document["profile"] | kept


async def test_consent_that_was_taken_back_stays_so(ana: Person, bo: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json={"ai_consent_at": DAY.isoformat()})
    document = (await ana.get(EXPORT)).json()
    await bring(bo, document, settings)
    assert (await profile_of(bo))["ai_consent_at"] == document["profile"]["ai_consent_at"] is not None
    await bo.patch("/api/v1/users/me", json={"ai_consent_at": None})
    await bring(bo, document, settings)
    assert (await profile_of(bo))["ai_consent_at"] is None


async def test_an_empty_account_has_an_export(ana: Person) -> None:
    document = (await ana.get(EXPORT)).json()
    Archive.model_validate(document)
    assert document["workouts"] == []


async def test_what_cannot_be_imported_is_named(ana: Person, bo: Person, settings: Settings) -> None:
    await live(ana)
    document = (await ana.get(EXPORT)).json()
    document["workouts"][0]["exercises"][0]["sets"][0]["reps"] = 5000
    document["workouts"][1]["timezone"] = "Mars"
    document["measurements"][0]["value"] = 7
    document["exercises"].append("nonsense")
    result = await bring(bo, document, settings)
    assert {(one["section"], one["index"]) for one in result["rejected"]} == {
        ("workouts", 0), ("workouts", 1), ("measurements", 0), ("exercises", 2),
    }  # fmt: skip
    assert (await bo.get("/api/v1/workouts")).json()["total"] == 1


async def test_another_persons_exercise_is_not_reached_by_its_id(ana: Person, bo: Person, settings: Settings) -> None:
    custom = {"name": "Ana's Secret", "kind": "weight_reps", "primary_muscles": ["abs"]}
    secret = (await ana.post(EXERCISES, json=custom)).json()["id"]
    document = (await bo.get(EXPORT)).json()
    plan = {
        "id": secret, "name": "x", "description": None, "goal": None, "duration_weeks": None, "days_per_week": None,
        "status": "draft", "source": "manual",
        "versions": [{"content": content_with(secret), "changed_by": "person", "reason": None}],
    }  # fmt: skip
    document["plans"].append(plan)
    document["preferences"].append({"exercise_id": secret, "kind": "favourite", "reason": None})
    workout = session(secret) | {"plan_id": None, "plan_version": None, "plan_day": None, "name": None, "notes": None}
    document["workouts"].append(workout | {"perceived_exertion": None})
    result = await bring(bo, document, settings)
    assert {one["section"] for one in result["rejected"]} == {"plans", "preferences", "workouts"}
    assert "Secret" not in json.dumps(result)


NO_EXPORTS: list[str] = [
    '{"format": "slow-burn", "version": 2}',
    '{"format": "slow-burn", "version": 1}',
    '{"a": ',
    "{}",
    "{]",
]


async def test_what_is_no_export_fails_with_a_reason(ana: Person, settings: Settings) -> None:
    with each_case() as case:
        for content in NO_EXPORTS:
            with case(content):
                accepted = await ana.post(IMPORT, content=content, headers={"Content-Type": "application/json"})
                assert accepted.status_code == 202, accepted.text
                await drain(settings)
                job = (await ana.get(accepted.headers["location"])).json()
                assert (job["status"], job["problem"]["code"]) == ("failed", "job_failed")
                assert (await ana.get(JOBS)).json()["items"][0]["problem"] == job["problem"]


async def test_what_is_not_even_a_document_is_refused(ana: Person) -> None:
    json_type = {"Content-Type": "application/json"}
    assert_problem(await ana.post(IMPORT, content="x", headers=json_type), 400, "malformed_json")
    assert_problem(await ana.post(IMPORT, content="{}"), 415, "unsupported_media_type")
    large = {**json_type, "Content-Length": "99999999999"}
    assert_problem(await ana.post(IMPORT, content=b"{}", headers=large), 413, "payload_too_large")


async def test_deleting_the_account_deletes_every_row(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    for person in (ana, bo):
        await live(person)
        await bring(person, (await person.get(EXPORT)).json(), settings)
        await person.post(PLANS, json={"name": "x"}, headers={"Idempotency-Key": "k"})
        await person.patch("/api/v1/users/me", json={"memory_enabled": True})
        for message in ("I prefer training in the morning.", "When do I like to train?"):
            said = await person.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": message})
            assert said.status_code == 200, said.text
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        owned = await connection.fetch(
            "select table_name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'user_id'"
        )
        counts = {row[0]: f"select count(*) from public.{row[0]} where user_id = $1" for row in owned}  # noqa: S608
        counts["users"] = "select count(*) from public.users where id = $1"
        before = {table: await connection.fetchval(sql, bo.id) for table, sql in counts.items()}
        assert sum(count > 0 for count in before.values()) >= 12  # tests/stack/database has a row in every table
        assert (await ana.delete("/api/v1/users/me")).status_code == 204
        assert {table for table, sql in counts.items() if await connection.fetchval(sql, ana.id)} == set()
        assert {table: await connection.fetchval(sql, bo.id) for table, sql in counts.items()} == before
    finally:
        await connection.close()
