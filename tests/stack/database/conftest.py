"""Two people who meet only in the database."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.stack.database.rows import CHANGES, CUSTOM, FOOD, JOB
from tests.support.meals import make_meal_plan
from tests.support.people import Person, rest_client
from tests.support.plans import make_plan
from tests.support.proposals import propose
from tests.support.workouts import log


@pytest.fixture
async def queue(stack: Stack) -> AsyncIterator[None]:
    """The queue of jobs, which is everyone's: what is enqueued here is not left to the workers of other tests."""
    yield
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("delete from public.jobs where status in ('queued', 'running')")
    finally:
        await connection.close()


@pytest.fixture
async def bos(bo: Person, stack: Stack, queue: None) -> dict[str, str]:
    """One row of Bo's in every table, by table; each found by what follows `?`."""
    plan = await make_plan(bo)
    exercise = await bo.post("/api/v1/exercises", json=CUSTOM, headers={"Idempotency-Key": "bo"})
    await bo.put(f"{exercise.headers['location']}/preference", json={"kind": "favourite"})
    mistake = (await log(bo, exercise.json()["id"]))["workout"]
    assert (await bo.delete(f"/api/v1/workouts/{mistake['id']}")).status_code == 204
    workout = (await log(bo, exercise.json()["id"], plan_id=plan["id"], plan_day=0))["workout"]
    async with rest_client(stack, bo.token) as direct:
        measured = await direct.post("/measurements", json={"kind": "body_weight", "value": 80})
        food = await direct.post("/foods", json=FOOD)
        job = await direct.post("/rpc/enqueue_job", json=JOB)
    answers = (measured.status_code, food.status_code, job.status_code)
    assert answers == (201, 201, 200), measured.text + food.text + job.text
    # A memory that is learned, and a reply that uses it.
    for message in ("I prefer training in the morning.", "When do I like to train?"):
        reply = await bo.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": message})
        assert reply.status_code == 200, reply.text
    assert reply.json()["evidence"]
    await propose(plan["id"], stack)
    meals = await make_meal_plan(bo, stack)
    await propose(meals["id"], stack)
    owned = dict.fromkeys(CHANGES, f"user_id=eq.{bo.id}")
    return owned | {
        "users": f"id=eq.{bo.id}",
        "plans": f"id=eq.{plan['id']}",
        "exercises": f"id=eq.{exercise.json()['id']}",
        "workouts": f"id=eq.{workout['id']}",
        # Not every column of a job may be read, so that `*` is refused before it is asked whose job it is.
        "jobs": f"select=id,status&user_id=eq.{bo.id}",
    }


@pytest.fixture
async def rest(ana: Person, stack: Stack, queue: None) -> AsyncIterator[httpx.AsyncClient]:
    """PostgREST as Ana, without the API."""
    async with rest_client(stack, ana.token) as client:
        client.headers["Prefer"] = "return=representation"
        yield client
