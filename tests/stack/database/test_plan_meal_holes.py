"""What is allowed and large, and what happens at the same time: plans and meals where they once gave way."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.jobs import JOBS, drain
from tests.support.meals import MEAL_PLANS, RICE, make_meal_plan
from tests.support.people import Person
from tests.support.plans import EXERCISES, PLANS, make_plan
from tests.support.workouts import log


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        yield connection
    finally:
        await connection.close()


async def with_history(database: asyncpg.Connection, plan_id: str, contents: list[Any]) -> None:
    """Contents that the plan has had between its first, which it has again, and now."""
    await database.executemany(
        "insert into public.plan_versions (user_id, plan_id, version, content, changed_by)"
        " select user_id, id, $2, $3, 'person' from public.plans where id = $1",
        [(UUID(plan_id), number, json.dumps(content)) for number, content in enumerate(contents, 2)],
    )
    # Keeps the newest version by its trigger.
    await database.execute(
        "update public.plans set version = $2 where id = $1",
        UUID(plan_id),
        len(contents) + 2,
    )


async def test_the_largest_plan_with_a_history_still_says_what_is_next(
    ana: Person, database: asyncpg.Connection
) -> None:
    found = (await ana.get(EXERCISES, params={"kind": "weight_reps", "per_page": 60})).json()["items"]
    planned = [
        {
            "exercise_id": exercise["id"],
            "rest_seconds": 60,
            "progression": {"kind": "double_progression", "increment_kg": 2.5},
            "sets": [{"set_type": "working", "reps_min": 6, "reps_max": 10}],
        }
        for exercise in found[:30]
    ]
    days = [{"name": f"Day {number}", "weekday": None, "exercises": planned} for number in range(14)]
    content = {"days": days, "deload_weeks": []}
    plan = await make_plan(ana, content=content)
    before = [{**content, "deload_weeks": [1 + number % 12]} for number in range(40)]
    await with_history(database, plan["id"], before)
    assert (await ana.post(f"{PLANS}/{plan['id']}/activate")).status_code == 200
    answer = await ana.get("/api/v1/workouts/next")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["exercises"]) == 30


async def test_foods_that_are_deleted_are_looked_for_in_a_long_history(
    ana: Person, database: asyncpg.Connection, stack: Stack
) -> None:
    rows = await database.fetch(
        "insert into public.foods (user_id, name, energy_kcal, protein_g, carbohydrate_g, fat_g)"
        " select $1, 'Food ' || n, $2, $3, $4, $5 from generate_series(1, 320) as n returning id::text",
        UUID(ana.id),
        *(RICE[name] for name in ("energy_kcal", "protein_g", "carbohydrate_g", "fat_g")),
    )
    foods = [row["id"] for row in rows]

    def eaten(chosen: list[str], grams: int) -> dict[str, Any]:
        items = [{"food_id": food, "grams": grams} for food in chosen]
        meals = [{"slot": "lunch", "name": "x", "items": items[at : at + 20]} for at in range(0, len(items), 20)]
        days = [meals[at : at + 8] for at in range(0, len(meals), 8)]
        return {"days": [{"name": "x", "weekday": None, "meals": meals} for meals in days]}

    plan = await make_meal_plan(ana, stack, content=eaten(foods[:1], 80))
    await with_history(database, plan["id"], [eaten(foods[:1] * 2240, 80)] * 40)
    path = f"{MEAL_PLANS}/{plan['id']}"
    assert (await ana.put(path, json={"name": "x", "content": eaten(foods, 80)})).status_code == 200
    await database.execute("update public.foods set hidden_at = now() where user_id = $1", UUID(ana.id))
    answer = await ana.put(path, json={"name": "x", "content": eaten(foods, 90)})
    assert answer.status_code == 200, answer.text


KINDS = ("generate_plan", "adapt_plan", "generate_meal_plan", "adapt_meal_plan")
NAMES = ("\\u0000", "x" * 3500)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_request_past_the_api_ends_in_words_that_can_be_stored(
    kind: str, rest: httpx.AsyncClient, ana: Person, settings: Settings
) -> None:
    for name in NAMES:
        job = {"kind": kind, "input": {"request": f'{{"kind": "{name}", "{name}": 1}}'}, "dedupe_key": name[:9]}
        made = await rest.post("/rpc/enqueue_job", json=job)
        assert made.status_code == 200, made.text
        await drain(settings)
        ended = (await ana.get(f"{JOBS}/{made.json()['id']}")).json()
        assert ended["status"] == "failed"
        assert ended["problem"]["detail"].startswith("The request is not sound: ")
        assert len(ended["problem"]["detail"]) <= 300


async def test_the_weekly_run_waits_for_nobody(
    ana: Person, bo: Person, database: asyncpg.Connection, stack: Stack, queue: None
) -> None:
    for person in (ana, bo):
        plan = await make_plan(person)
        assert (await person.post(f"{PLANS}/{plan['id']}/activate")).status_code == 200
        await log(person, plan["content"]["days"][0]["exercises"][0]["exercise_id"])
        await database.execute(
            "update public.plans set created_at = created_at - $2::interval where id = $1",
            UUID(plan["id"]),
            timedelta(days=9),
        )

    async def enqueued() -> list[str]:
        jobs = "select user_id from public.jobs where kind = 'adapt_plan' and user_id = any($1::uuid[])"
        return [str(row["user_id"]) for row in await database.fetch(jobs, [ana.id, bo.id])]

    cron = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        deletion = database.transaction()
        await deletion.start()
        await database.execute("delete from auth.users where id = $1", UUID(bo.id))
        await cron.execute("select public.adapt_plans(1000000)")
        await deletion.rollback()
        assert await enqueued() == [ana.id]
        await cron.execute("select public.adapt_plans(1000000)")
        assert sorted(await enqueued()) == sorted([ana.id, bo.id])
    finally:
        await cron.close()
