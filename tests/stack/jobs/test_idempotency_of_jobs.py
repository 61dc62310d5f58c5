"""Idempotency-Key where a job is made: asked again, also when the job is over, it is the same job."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.jobs import JOBS, drain, forget_jobs
from tests.support.nutrition import known
from tests.support.people import Person, assert_problem
from tests.support.plan_kinds import KINDS

WORKOUT_PLAN, MEAL_PLAN = KINDS
STRONG = (
    "Date,Workout Name,Exercise Name,Set Order,Weight,Reps,Distance,Seconds\n2024-05-01 10:00:00,Legs,Squat,1,{},5,0,0"
)
Ask = Callable[[str | None, int], Awaitable[httpx.Response]]
MakeAsk = Callable[[Person, Stack], Awaitable[Ask]]


def _asks(person: Person, path: str, media_type: str, body: Callable[[int], Any]) -> Ask:
    """Sends the body that this number makes."""

    async def ask(key: str | None, number: int = 0) -> httpx.Response:
        headers = {"Content-Type": media_type} | ({} if key is None else {"Idempotency-Key": key})
        sent = body(number)
        content = {"content": sent} if isinstance(sent, str) else {"json": sent}
        return await person.post(f"/api/v1/{path}", headers=headers, **content)

    return ask


async def _generate_plan(person: Person, _stack: Stack) -> Ask:
    profile = {"sport": "gym", "experience_level": "beginner"}
    assert (await person.patch("/api/v1/users/me", json=profile)).status_code == 200
    return _asks(person, "plans/generate", "application/json", lambda n: {"days_per_week": 2 + n})


async def _adapt_plan(person: Person, stack: Stack) -> Ask:
    plan = await WORKOUT_PLAN.make(person, stack)
    return _asks(person, f"plans/{plan['id']}/adapt", "application/json", lambda n: {"reason": f"Busy {n}"})


async def _generate_meal_plan(person: Person, _stack: Stack) -> Ask:
    await known(person)
    return _asks(person, "meal-plans/generate", "application/json", lambda n: {"days": 1 + n})


async def _adapt_meal_plan(person: Person, stack: Stack) -> Ask:
    await known(person)
    plan = await MEAL_PLAN.make(person, stack)
    path = f"meal-plans/{plan['id']}/adapt"
    return _asks(person, path, "application/json", lambda n: {"kind": "rescale", "energy_kcal": 2000 + n})


async def _import_workouts(person: Person, _stack: Stack) -> Ask:
    return _asks(person, "workouts/import", "text/csv", lambda n: STRONG.format(60 + n))


async def _import_account(person: Person, _stack: Stack) -> Ask:
    return _asks(person, "users/me/import", "application/json", lambda n: f'{{"nothing": {n}}}')


EACH = pytest.mark.parametrize(
    "make",
    [_generate_plan, _adapt_plan, _generate_meal_plan, _adapt_meal_plan, _import_workouts, _import_account],
    ids=lambda make: make.__name__.strip("_"),
)


@EACH
async def test_a_job_that_is_over_is_not_made_again(
    make: MakeAsk, ana: Person, stack: Stack, settings: Settings
) -> None:
    ask, key = await make(ana, stack), uuid4().hex
    first = await ask(key, 0)
    assert first.status_code == 202, first.text
    await drain(settings)
    again = await ask(key, 0)
    assert (again.status_code, again.headers["location"]) == (202, first.headers["location"])
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["status"] in {"succeeded", "failed"}
    assert (await ana.get(JOBS)).json()["total"] == 1
    # Who wants it again says so with another key, or with none.
    assert (await ask(None, 0)).json()["id"] != first.json()["id"]


@EACH
async def test_a_key_belongs_to_one_request_of_one_person(make: MakeAsk, ana: Person, bo: Person, stack: Stack) -> None:
    ask, key = await make(ana, stack), uuid4().hex
    first = await ask(key, 0)
    assert_problem(await ask(key, 1), 409, "conflict")
    assert_problem(await ask("no spaces", 0), 422, "validation_failed")
    others = await (await make(bo, stack))(key, 0)
    assert others.status_code == 202
    assert others.json()["id"] != first.json()["id"]
    assert (await ana.get(JOBS)).json()["total"] == 1


async def test_asked_many_times_at_once_it_is_one_job(ana: Person, stack: Stack) -> None:
    ask, key = await _generate_plan(ana, stack), uuid4().hex
    answers = await asyncio.gather(*(ask(key, 0) for _ in range(12)))
    assert Counter(answer.status_code for answer in answers) == {202: 12}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_job_that_is_kept_no_more_is_gone(ana: Person, stack: Stack) -> None:
    ask, key = await _generate_plan(ana, stack), uuid4().hex
    await ask(key, 0)
    await forget_jobs(stack, [ana.id])
    problem = assert_problem(await ask(key, 0), 404, "not_found")
    assert "deleted since" in problem["detail"]
