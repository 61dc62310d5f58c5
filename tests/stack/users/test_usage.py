"""How much a person has and may have, and what happens at the end of it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from dev.stack import Stack
from src.core.config import Settings
from src.vocabulary import Quota
from tests.support.archive import bring, exported
from tests.support.people import Person, assert_problem, fields_of, rest_client
from tests.support.plans import PLANS, content_with, make_plan
from tests.support.proposals import propose
from tests.support.workouts import LOG, WORKOUTS, log, session, squat

USAGE = "/api/v1/users/me/usage"
MANY = 27


async def usage(person: Person) -> dict[str, Any]:
    """Each quota by its name."""
    answer = await person.get(USAGE)
    assert answer.status_code == 200, answer.text
    return {quota["name"]: quota for quota in answer.json()["quotas"]}


async def admin(stack: Stack, query: str, *arguments: object) -> Any:
    """One value, asked as the owner of the database."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


async def fill(stack: Stack, person: Person, quota: Quota, left: int) -> None:
    """As if the person had so much that only this is left."""
    await admin(stack, "insert into private.usage_counts (user_id) values ($1) on conflict do nothing", person.id)
    await admin(
        stack,
        f"update private.usage_counts set {quota} = private.quota_limit($2) - $3 where user_id = $1",  # noqa: S608
        person.id, quota, left,
    )  # fmt: skip


def assert_used_up(response: httpx.Response, quota: Quota) -> None:
    """Checks that this quota refused it, and that the problem says which and what to do."""
    problem = assert_problem(response, 409, "conflict")
    assert fields_of(problem) == {("quota", quota)}
    assert problem["errors"][0]["type"] == "quota_exceeded"
    assert "delete" in problem["detail"] or "check" in problem["detail"]


async def test_everything_has_a_quota(ana: Person, anonymous: Person) -> None:
    assert_problem(await anonymous.get(USAGE), 401, "unauthenticated")
    assert_problem(await ana.get(USAGE, params={"name": "workouts"}), 422, "validation_failed")
    quotas = await usage(ana)
    assert list(quotas) == list(Quota)
    assert {quota["used"] for quota in quotas.values()} == {0}
    assert quotas["workouts"] == {
        "name": "workouts", "used": 0, "limit": 30000, "per": "account", "when_full": "refused"
    }  # fmt: skip
    assert {name for name, quota in quotas.items() if quota["when_full"] == "oldest_removed"} == {
        "plan_versions",
        "plan_proposals",
        "deleted_workouts",
        "kept_jobs",
    }
    assert quotas["affinity_events"]["when_full"] == "not_added"
    resets_at = datetime.fromisoformat((await ana.get(USAGE)).json()["resets_at"])
    assert timedelta() < resets_at - datetime.now(UTC) <= timedelta(days=1)


async def test_what_is_used_is_ones_own(ana: Person, bo: Person) -> None:
    exercise = await squat(ana)
    logged = await log(ana, exercise)
    await make_plan(ana, content=content_with(exercise))
    await ana.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": "Hello"})
    quotas = await usage(ana)
    used = {name: quota["used"] for name, quota in quotas.items() if quota["used"]}
    assert used.pop("json_bytes") > 200
    assert {name: used[name] for name in ("workouts", "sets", "plans", "plan_versions", "messages", "chat_calls")} == {
        "workouts": 1, "sets": 1, "plans": 1, "plan_versions": 1, "messages": 2, "chat_calls": 1
    }  # fmt: skip
    assert not any(quota["used"] for quota in (await usage(bo)).values())
    await ana.delete(f"{WORKOUTS}/{logged['workout']['id']}")
    assert (await usage(ana))["sets"]["used"] == 0


async def test_of_many_at_once_only_what_fits_is_kept(ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    await fill(stack, ana, Quota.WORKOUTS, 2)
    bodies = [session(exercise, at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n)) for n in range(MANY)]
    answers = await asyncio.gather(*(ana.post(LOG, json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: MANY - 2}
    assert_used_up(next(answer for answer in answers if answer.status_code == 409), Quota.WORKOUTS)
    assert await admin(stack, "select count(*) from public.workouts where user_id = $1", ana.id) == 2
    # What was logged before is answered again, and something deleted makes room.
    known = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 201)
    again = await ana.post(LOG, json=known)
    assert again.status_code == 200
    assert (await ana.delete(f"{WORKOUTS}/{again.json()['workout']['id']}")).status_code == 204
    refused = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 409)
    assert (await ana.post(LOG, json=refused)).status_code == 201


async def test_what_is_counted_row_by_row_holds_at_once_and_directly(ana: Person, stack: Stack) -> None:
    await admin(
        stack, "insert into public.plans (user_id, name) select $1, n::text from generate_series(1, 999) as n", ana.id
    )
    async with rest_client(stack, ana.token) as direct:
        answers = await asyncio.gather(
            *(ana.post(PLANS, json={"name": "One more"}) for _ in range(9)),
            *(direct.post("/plans", json={"name": "One more"}) for _ in range(9)),
        )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 17}
    assert await admin(stack, "select count(*) from public.plans where user_id = $1", ana.id) == 1000
    assert_used_up(await ana.post(PLANS, json={"name": "One more"}), Quota.PLANS)


async def test_a_day_of_training_has_an_end(ana: Person) -> None:
    exercise = await squat(ana)
    day = datetime(2025, 1, 1, 6, tzinfo=UTC)
    body = session(exercise, at=day)
    body["exercises"] = [{**body["exercises"][0], "sets": body["exercises"][0]["sets"] * 100}] * 50
    assert (await ana.post(LOG, json=body)).status_code == 201
    assert_used_up(await ana.post(LOG, json=session(exercise, at=day)), Quota.SETS_PER_DAY)
    assert (await ana.post(LOG, json=session(exercise, at=day + timedelta(days=1)))).status_code == 201


async def test_an_import_says_what_had_no_room(ana: Person, bo: Person, stack: Stack, settings: Settings) -> None:
    exercise = await squat(ana)
    for number in range(3):
        await log(ana, exercise, at=datetime(2025, 1, 1 + number, tzinfo=UTC))
        weight = {"kind": "body_weight", "value": 80, "measured_at": f"2025-01-0{number + 1}T10:00:00Z"}
        assert (await ana.post("/api/v1/measurements", json=weight)).status_code == 201
    document = await exported(ana)
    await fill(stack, bo, Quota.WORKOUTS, 1)
    await fill(stack, bo, Quota.MEASUREMENTS, 2)
    result = await bring(bo, document, settings)
    assert result["sections"]["workouts"] == {"imported": 1, "rejected": 2}
    assert result["sections"]["measurements"] == {"imported": 2, "rejected": 1}
    assert {rejected["reason"] for rejected in result["rejected"]} == {
        "You have 30,000 workouts; delete some first.",
        "You have 100,000 measurements; delete some first.",
    }


async def test_profile_and_measurements_imported_twice_are_duplicates(
    ana: Person, bo: Person, settings: Settings
) -> None:
    await ana.patch("/api/v1/users/me", json={"name": "Ana", "days_per_week": 3})
    weight = {"kind": "body_weight", "value": 80, "measured_at": "2025-01-01T10:00:00Z"}
    assert (await ana.post("/api/v1/measurements", json=weight)).status_code == 201
    document = await exported(ana)
    sections = ("profile", "measurements")
    first = await bring(bo, document, settings)
    assert {name: first["sections"][name] for name in sections} == {name: {"imported": 1} for name in sections}
    again = await bring(bo, document, settings)
    assert {name: again["sections"][name] for name in sections} == {name: {"duplicate": 1} for name in sections}
    # Another value of that day stays, and the import says so.
    document["measurements"][0]["value"] = 90
    other = await bring(bo, document, settings)
    assert other["sections"]["measurements"] == {"rejected": 1}
    assert other["rejected"][0]["reason"] == "Another value was measured here that day: 80. It stays."
    assert [one["value"] for one in (await exported(bo))["measurements"]] == [80]


async def test_accepted_versions_stay_and_survive_an_export(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    plan = await make_plan(ana)
    path = f"{PLANS}/{plan['id']}"
    proposal = await propose(plan["id"], stack)
    assert (await ana.post(f"{path}/proposals/{proposal}/accept")).status_code == 200
    await admin(
        stack,
        "do $do$ begin for n in 1..60 loop update public.plans set content = jsonb_set(content, '{days,0,name}',"  # noqa: S608
        f" to_jsonb(n::text)) where id = '{plan['id']}'; end loop; end $do$",
    )
    page = (await ana.get(f"{path}/versions", params={"per_page": 100})).json()
    assert [version["version"] for version in page["items"]] == [*range(62, 12, -1), 2]
    assert [version["version"] for version in page["items"] if version["accepted"]] == [2]
    assert_problem(await ana.post(f"{path}/versions/1/restore"), 404, "not_found")
    assert (await ana.post(f"{path}/versions/2/restore")).status_code == 200
    # What it was before it was accepted is no longer there to go back to.
    assert_problem(await ana.post(f"{path}/proposals/{proposal}/undo"), 409, "conflict")
    document = await exported(ana)
    assert (await bring(bo, document, settings))["rejected"] == []
    assert [version["accepted"] for version in (await exported(bo))["plans"][0]["versions"]] == [
        version["accepted"] for version in document["plans"][0]["versions"]
    ]


async def test_of_many_decisions_the_last_stay(ana: Person, stack: Stack) -> None:
    plan = await make_plan(ana)
    proposals = f"{PLANS}/{plan['id']}/proposals"
    first = await propose(plan["id"], stack)
    assert (await ana.post(f"{proposals}/{first}/reject", json={"reason": "No"})).status_code == 200
    await admin(
        stack,
        "insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, source, status,"
        " decided_at) select gen_random_uuid(), user_id, plan_id, kind, base_version, content, changes, source, status,"
        " decided_at + n * interval '1 second' from public.plan_proposals, generate_series(1, 49) as n where id = $1",
        first,
    )
    assert (await usage(ana))["plan_proposals"]["used"] == 50
    last = await propose(plan["id"], stack)
    assert (await ana.get(proposals)).json()["total"] == 51
    assert (await ana.get(f"{proposals}/{first}")).status_code == 200
    accepted = await ana.post(f"{proposals}/{last}/accept")
    assert accepted.status_code == 200, accepted.text
    assert_problem(await ana.get(f"{proposals}/{first}"), 404, "not_found")
    page = (await ana.get(proposals, params={"per_page": 100})).json()
    assert page["total"] == 50
    assert last in [proposal["id"] for proposal in page["items"]]
    assert (await usage(ana))["plan_proposals"]["used"] == 50


async def test_a_full_ledger_refuses_no_workout(ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    await fill(stack, ana, Quota.AFFINITY_EVENTS, 1)
    logged = await log(ana, exercise, at=datetime(2025, 1, 1, tzinfo=UTC))
    score = (await ana.get("/api/v1/affinity")).json()
    events = (await ana.get("/api/v1/affinity/events")).json()["items"]
    assert len(events) == 1
    await log(ana, exercise, at=datetime(2025, 1, 2, tzinfo=UTC))
    assert (await ana.delete(f"{WORKOUTS}/{logged['workout']['id']}")).status_code == 204
    assert (await ana.get("/api/v1/affinity/events")).json()["items"] == events
    assert (await ana.get("/api/v1/affinity")).json() == score
    assert (await usage(ana))["affinity_events"]["used"] == 100_000


async def test_of_many_deleted_workouts_the_last_are_known(ana: Person, stack: Stack) -> None:
    exercise = await squat(ana)
    bodies = [session(exercise, at=datetime(2025, 1, 1 + n, tzinfo=UTC)) for n in range(3)]
    for body in bodies[:2]:
        answer = await ana.post(LOG, json=body)
        assert (await ana.delete(f"{WORKOUTS}/{answer.json()['workout']['id']}")).status_code == 204
    await admin(
        stack,
        "insert into public.deleted_workouts (user_id, client_id) select $1, gen_random_uuid()"
        " from generate_series(1, 9998)",
        ana.id,
    )
    for body in bodies[:2]:
        assert_problem(await ana.post(LOG, json=body), 409, "conflict")
    answer = await ana.post(LOG, json=bodies[2])
    assert (await ana.delete(f"{WORKOUTS}/{answer.json()['workout']['id']}")).status_code == 204
    assert (await ana.post(LOG, json=bodies[0])).status_code == 201
    for body in bodies[1:]:
        assert_problem(await ana.post(LOG, json=body), 409, "conflict")


async def test_keys_of_a_day_have_an_end_that_doubles_nothing(ana: Person, stack: Stack) -> None:
    key = {"Idempotency-Key": "mine"}
    made = await ana.post(PLANS, json={"name": "One"}, headers=key)
    await admin(
        stack,
        "insert into public.idempotency_keys (user_id, key, operation, request_hash)"
        " select $1, n::text, 'x', '' from generate_series(1, 4999) as n",
        ana.id,
    )
    refused = await ana.post(PLANS, json={"name": "Two"}, headers={"Idempotency-Key": "another"})
    problem = assert_problem(refused, 409, "conflict")
    assert fields_of(problem) == {("quota", Quota.IDEMPOTENCY_KEYS)}
    again = await ana.post(PLANS, json={"name": "One"}, headers=key)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    assert (await ana.get(PLANS)).json()["total"] == 1
