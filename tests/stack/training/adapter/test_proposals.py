"""Asking for a plan to be adapted, and what a decision does to what comes next. tests/stack/plans has the decisions."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.training.adapter.constants import MAX_EVIDENCE
from src.training.adapter.request import PlanAdapt
from src.training.adapter.tasks import NOTHING
from tests.support.adaptation import BENCH, adapt, bench_plan, path_of, press, proposed
from tests.support.api import Api
from tests.support.cases import each_case
from tests.support.jobs import drain, result_of
from tests.support.people import Person, assert_problem, client_with
from tests.support.plans import EXERCISES, PLANS, content_with, exercise_id, make_plan
from tests.support.workouts import lifted, log

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
async def offered(ana: Person, plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    return await proposed(ana, plan, settings)


BAD: list[Any] = [
    {"reason": "x" * 501},
    {"reason": " "},
    {"reason": "a\u0000b"},
    {"pain": ["heart"]},
    {"pain": ["knee", "knee"]},
    {"pain": "knee"},
    {"more": 1},
    [],
]


class TestAsking:
    async def test_what_was_reached_is_proposed_with_its_sets(self, ana: Person, settings: Settings) -> None:
        plan = await bench_plan(ana)
        sets = await press(ana, plan, 2, 10, 10, 10)
        accepted = await ana.post(f"{PLANS}/{plan['id']}/adapt")
        assert accepted.json()["kind"] == "adapt_plan"
        result = await result_of(ana, accepted, settings)
        job = accepted.json()["id"]
        assert result == {"proposal_id": job, "changes": 1, "source": "rules", "model": "offline"}
        proposal = (await ana.get(f"{PLANS}/{plan['id']}/proposals/{job}")).json()
        (change,) = proposal["changes"]
        assert change["rule"] == "double_progression.increase"
        assert change["evidence"] == sets
        assert change["path"] == "/days/0/exercises/0/sets/*/weight_kg"
        assert (change["from"], change["to"]) == ([60] * 3, [62.5] * 3)
        assert change["explanation"] == "You reached the target in every set of Bench Press: 60 kg becomes 62.5 kg."
        assert (proposal["status"], proposal["source"], proposal["base_version"]) == ("open", "rules", 1)
        assert (proposal["reason"], proposal["decided_at"]) == (None, None)
        assert [one["weight_kg"] for one in proposal["content"]["days"][0]["exercises"][0]["sets"]] == [62.5] * 3
        assert (await ana.get(f"{PLANS}/{plan['id']}")).json()["content"] == plan["content"]

    async def test_nothing_to_change_is_no_proposal(self, ana: Person, settings: Settings) -> None:
        plan = await bench_plan(ana)
        await press(ana, plan, 2, 8, 8, 8)
        result = await adapt(ana, plan, settings)
        assert result["proposal_id"] is None
        assert (result["changes"], result["explanation"]) == (0, NOTHING)
        assert (await ana.get(f"{PLANS}/{plan['id']}/proposals")).json()["total"] == 0

    async def test_the_same_while_under_way_is_the_same_job(self, ana: Person, plan: dict[str, Any]) -> None:
        path = f"{PLANS}/{plan['id']}/adapt"
        bodies = ({"reason": "Too light"}, {"reason": " Too light "}, {"reason": "Too heavy"})
        one, same, other = [(await ana.post(path, json=body)).json()["id"] for body in bodies]
        assert one == same
        assert other != one

    async def test_anonymous_another_and_missing(
        self, anonymous: Person, bo: Person, ana: Person, plan: dict[str, Any]
    ) -> None:
        empty = await make_plan(ana, content=None)
        path = f"{PLANS}/{plan['id']}/adapt"
        assert_problem(await anonymous.post(path), 401, "unauthenticated")
        assert_problem(await bo.post(path), 404, "not_found")
        assert_problem(await ana.post(path.replace(plan["id"], NOBODY)), 404, "not_found")
        problem = assert_problem(await ana.post(f"{PLANS}/{empty['id']}/adapt"), 409, "conflict")
        assert "empty" in problem["detail"].lower()

    async def test_bad_requests(self, ana: Person, plan: dict[str, Any]) -> None:
        with each_case() as case:
            for body in BAD:
                with case(body):
                    assert_problem(await ana.post(f"{PLANS}/{plan['id']}/adapt", json=body), 422, "validation_failed")

    async def test_guests_have_nothing_adapted(self, api: Api, stack: Stack) -> None:
        async with httpx.AsyncClient() as auth:
            headers = {"apikey": stack.publishable_key}
            session = await auth.post(f"{stack.supabase_url}/auth/v1/signup", headers=headers, json={})
        guest = client_with(api, session.json()["access_token"])
        plan = await make_plan(guest)
        assert_problem(await guest.post(f"{PLANS}/{plan['id']}/adapt"), 403, "forbidden")
        await guest.aclose()

    async def test_the_longest_reason_fits(self, ana: Person, plan: dict[str, Any], settings: Settings) -> None:
        for reason in ("\U0001f3cb" * 500, "\\" * 500, "a" + "\u0001" * 499):
            body = PlanAdapt(reason=reason).model_dump(mode="json")
            assert (await ana.post(f"{PLANS}/{plan['id']}/adapt", json=body)).status_code == 202
        await drain(settings)

    async def test_doing_a_job_again_keeps_the_proposal(
        self, ana: Person, plan: dict[str, Any], settings: Settings, stack: Stack
    ) -> None:
        offered = await proposed(ana, plan, settings)
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
        try:
            # As if the worker had died before it could say that it was done.
            await connection.execute(
                "update public.jobs set status = 'queued', finished_at = null, result = null where id = $1",
                offered["id"],
            )
        finally:
            await connection.close()
        await drain(settings)
        assert (await ana.get(path_of(offered))).json() == offered
        assert (await ana.get(f"/api/v1/jobs/{offered['id']}")).json()["result"]["changes"] == 1

    async def test_past_the_api_a_job_is_refused_or_fails_plainly(
        self, ana: Person, bo: Person, plan: dict[str, Any], stack: Stack, settings: Settings
    ) -> None:
        # (tests/stack/database/test_adaptation_attacks.py has the rest)
        for options in ({}, {"request": "{"}, {"request": f'{{"plan_id": "{plan["id"]}"}}'}):
            headers = {"apikey": stack.publishable_key, "Authorization": f"Bearer {bo.token}"}
            body = {"kind": "adapt_plan", "input": options, "dedupe_key": str(uuid4())}
            async with httpx.AsyncClient() as direct:
                url = f"{stack.supabase_url}/rest/v1/rpc/enqueue_job"
                job = (await direct.post(url, headers=headers, json=body)).json()["id"]
            await drain(settings)
            state = (await bo.get(f"/api/v1/jobs/{job}")).json()
            assert (state["status"], state["problem"]["code"]) == ("failed", "job_failed")
        assert (await ana.get(f"{PLANS}/{plan['id']}/proposals")).json()["total"] == 0


class TestDeciding:
    async def test_the_next_workout_goes_on_from_it(self, ana: Person, offered: dict[str, Any]) -> None:
        async def target() -> tuple[float, int]:
            first = (await ana.get("/api/v1/workouts/next")).json()["exercises"][0]["sets"][0]
            return first["weight_kg"], first["reps"]

        before = await target()
        await ana.post(path_of(offered, "accept"))
        assert await target() == before == (62.5, 6)
        plan = (await ana.get(f"{PLANS}/{offered['plan_id']}")).json()
        await press(ana, plan, 0, 9, 8, 8, weight=62.5)
        assert await target() == (62.5, 9)

    async def test_the_sets_of_what_was_rejected_do_not_ask_again(
        self, ana: Person, plan: dict[str, Any], offered: dict[str, Any], settings: Settings
    ) -> None:
        assert (await ana.post(path_of(offered, "reject"), json={"reason": "Too soon"})).status_code == 200
        assert (await adapt(ana, plan, settings))["proposal_id"] is None
        # New sets do.
        await press(ana, plan, 1, 10, 10, 10, weight=62.5)
        assert (await proposed(ana, plan, settings))["changes"][0]["to"] == [65] * 3

    async def test_a_newer_one_expires_the_older(
        self, ana: Person, plan: dict[str, Any], offered: dict[str, Any], settings: Settings
    ) -> None:
        await press(ana, plan, 1, 10, 10, 10, weight=62.5)
        newer = await proposed(ana, plan, settings)
        assert newer["id"] != offered["id"]
        states = [one["status"] for one in (await ana.get(f"{PLANS}/{plan['id']}/proposals")).json()["items"]]
        assert states == ["open", "expired"]

    async def test_decisions_and_changes_race_without_a_failure(
        self, ana: Person, plan: dict[str, Any], offered: dict[str, Any], settings: Settings
    ) -> None:
        other = content_with(plan["content"]["days"][0]["exercises"][0]["exercise_id"])
        path = f"{PLANS}/{plan['id']}"
        answers = await asyncio.gather(
            *(ana.post(path_of(offered, what)) for what in ("accept", "reject", "undo") for _ in range(5)),
            *(ana.put(path, json={"name": "x", "content": other, "status": "active"}) for _ in range(3)),
            *(ana.post(f"{path}/{what}") for what in ("activate", "versions/1/restore", "adapt") for _ in range(3)),
            drain(settings),
        )
        codes = Counter(one.status_code for one in answers if isinstance(one, httpx.Response))
        assert codes.keys() <= {200, 202, 409}, codes
        versions = (await ana.get(f"{path}/versions", params={"per_page": 100})).json()
        assert [one["version"] for one in versions["items"]] == list(range(versions["total"], 0, -1))
        states = Counter(one["status"] for one in (await ana.get(f"{path}/proposals")).json()["items"])
        assert states["open"] <= 1


async def test_pain_swaps_what_loads_the_joint(ana: Person, settings: Settings) -> None:
    squat = await exercise_id(ana, "Back Squat")
    equipment = ["barbell", "rack", "bench", "dumbbell", "machine", "cable"]
    profile = {"experience_level": "intermediate", "equipment": equipment}
    assert (await ana.patch("/api/v1/users/me", json=profile)).status_code == 200
    plan = await make_plan(ana, content=content_with(squat))
    assert (await adapt(ana, plan, settings))["proposal_id"] is None
    hurt = await proposed(ana, plan, settings, pain=["knee"])
    (change,) = hurt["changes"]
    assert (change["rule"], change["path"], change["exercise_id"]) == ("swap.pain", "/days/0/exercises/0", squat)
    assert "knee" in change["explanation"]
    (new,) = hurt["content"]["days"][0]["exercises"]
    found = (await ana.get(f"{EXERCISES}/{new['exercise_id']}")).json()
    assert "knee" not in found["contraindications"]
    assert set(found["equipment"]) <= {*equipment, "bodyweight"}
    assert found["name"] in change["explanation"]
    assert (await ana.post(path_of(hurt, "accept"))).status_code == 200


async def test_what_a_person_excludes_or_hurts_goes_by_itself(ana: Person, settings: Settings) -> None:
    bench = await exercise_id(ana, "Bench Press")
    await ana.patch("/api/v1/users/me", json={"equipment": ["dumbbell", "bench"]})
    plan = await make_plan(ana, content=content_with(bench))
    await ana.put(f"{EXERCISES}/{bench}/preference", json={"kind": "excluded"})
    assert (await proposed(ana, plan, settings))["changes"][0]["rule"] == "swap.excluded"
    await ana.delete(f"{EXERCISES}/{bench}/preference")
    await ana.patch("/api/v1/users/me", json={"injuries": ["shoulder"]})
    assert (await proposed(ana, plan, settings))["changes"][0]["rule"] == "swap.pain"


async def test_who_trains_as_often_as_the_plan_says_is_not_behind(ana: Person, settings: Settings) -> None:
    content = content_with(await exercise_id(ana, "Bench Press"), **BENCH)
    row = {"exercise_id": await exercise_id(ana, "Barbell Row"), **BENCH}
    content["days"][0]["exercises"].append(row)
    content["days"].append({"name": "Pull", "exercises": [row]})
    plan = await make_plan(ana, content=content, days_per_week=1)
    for days_ago in (26, 19, 12, 5):
        await press(ana, plan, days_ago, 8, 8, 8)
    assert {one["rule"] for one in (await proposed(ana, plan, settings))["changes"]} == {"volume.more"}


async def test_the_longest_session_can_be_the_evidence(ana: Person, settings: Settings) -> None:
    plan = await bench_plan(ana)
    bench = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    entry = {"exercise_id": bench, "sets": [lifted(8, 60)] * 60}
    at = datetime.now(UTC) - timedelta(days=20)
    await log(ana, bench, at=at, plan_id=plan["id"], plan_day=0, exercises=[entry] * 2)
    (change,) = (await proposed(ana, plan, settings))["changes"]
    assert (change["rule"], len(change["evidence"])) == ("restart.lighter", MAX_EVIDENCE)


async def test_once_a_week_for_who_trains(
    ana: Person,
    plan: dict[str, Any],
    newcomer: Callable[[], Awaitable[Person]],
    anonymous: Person,
    stack: Stack,
    settings: Settings,
) -> None:
    idle = await newcomer()
    await bench_plan(idle)
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)

    async def clock() -> int:
        headers = {"Authorization": f"Bearer {stack.cron_secret}"}
        answer = await anonymous.post("/api/internal/cron/adapt-plans", headers=headers)
        assert answer.status_code == 200, answer.text
        await drain(settings)
        return (await ana.get("/api/v1/jobs", params={"kind": "adapt_plan"})).json()["total"]  # type: ignore[no-any-return]

    async def a_week_later() -> None:
        for table in ("jobs", "plan_proposals", "plans", "workouts"):
            week = f"update public.{table} set created_at = created_at - interval '7 days' where user_id = $1"  # noqa: S608
            await connection.execute(week, UUID(ana.id))

    try:
        assert await clock() == 0  # it was made just now
        await connection.execute(
            "update public.plans set created_at = created_at - interval '8 days' where user_id = any ($1::uuid[])",
            [ana.id, idle.id],
        )
        assert await clock() == 1
        assert await clock() == 1
        assert (await idle.get("/api/v1/jobs")).json()["total"] == 0
        assert (await ana.get(f"{PLANS}/{plan['id']}/proposals")).json()["items"][0]["status"] == "open"
        await a_week_later()
        assert await clock() == 1  # nothing has been done since
        await press(ana, plan, 1, 10, 10, 10, weight=62.5)
        assert await clock() == 2
        counted = await connection.fetchval("select count(*) from public.ai_usage where user_id = $1", UUID(ana.id))
        assert counted == 0
        # Who has five jobs under way is not given a sixth.
        await a_week_later()
        await press(ana, plan, 0, 10, 10, 10, weight=65)
        await connection.execute(
            "insert into public.jobs (user_id, kind, input, dedupe_key, run_after)"
            " select $1, 'embed_memories', '{}', n::text, now() + interval '1 hour' from generate_series(1, 5) as n",
            UUID(ana.id),
        )
        assert await clock() == 2
    finally:
        await connection.execute("delete from public.jobs where user_id = $1", UUID(ana.id))
        await connection.close()
