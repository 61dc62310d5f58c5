"""Planning with an exercise and deleting it at the same moment: whoever comes second knows of the first."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack

import asyncpg
import pytest

from dev.stack import Stack
from tests.support.people import Person
from tests.support.plans import EXERCISES, PLANS, content_with
from tests.support.transactions import session_of, waits

CUSTOM = {"name": "Suitcase Squat", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}


@pytest.fixture
async def sessions(ana: Person, stack: Stack) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    """Two transactions of Ana's, side by side."""
    async with AsyncExitStack() as opened:
        first = await opened.enter_async_context(session_of(ana, stack))
        yield first, await opened.enter_async_context(session_of(ana, stack))


@pytest.fixture
async def exercise(ana: Person) -> str:
    made: str = (await ana.post(EXERCISES, json=CUSTOM)).json()["id"]
    return made


def planning(session: asyncpg.Connection, exercise: str) -> Awaitable[str]:
    plan = {"name": "Squats", "content": content_with(exercise)}
    answer: Awaitable[str] = session.fetchval("select public.create_plan($1)", json.dumps(plan))
    return answer


def deleting(session: asyncpg.Connection, exercise: str) -> Awaitable[bool]:
    answer: Awaitable[bool] = session.fetchval("select public.delete_exercise($1)", exercise)
    return answer


async def test_an_exercise_that_is_being_planned_is_hidden_and_not_deleted(
    sessions: tuple[asyncpg.Connection, asyncpg.Connection], exercise: str, ana: Person, stack: Stack
) -> None:
    planner, deleter = sessions
    await planning(planner, exercise)
    deletion = asyncio.ensure_future(deleting(deleter, exercise))
    await waits(deleter, stack)
    await planner.execute("commit")
    assert await deletion is True
    await deleter.execute("commit")
    assert (await ana.get(f"{EXERCISES}/{exercise}")).json()["hidden_at"] is not None


async def test_an_exercise_that_is_being_deleted_is_not_planned(
    sessions: tuple[asyncpg.Connection, asyncpg.Connection], exercise: str, ana: Person, stack: Stack
) -> None:
    planner, deleter = sessions
    assert await deleting(deleter, exercise) is True
    plan = asyncio.ensure_future(planning(planner, exercise))
    await waits(planner, stack)
    await deleter.execute("commit")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await plan
    assert refused.value.sqlstate == "PT422"
    assert (await ana.get(f"{EXERCISES}/{exercise}")).status_code == 404


async def test_a_plan_never_has_an_exercise_that_is_gone(ana: Person) -> None:
    for number in range(9):
        made = await ana.post(EXERCISES, json=CUSTOM | {"name": f"Squat {number}"})
        exercise = made.json()["id"]
        answers = await asyncio.gather(
            ana.post(PLANS, json={"name": "x", "content": content_with(exercise)}),
            ana.delete(f"{EXERCISES}/{exercise}"),
            ana.post(PLANS, json={"name": "y", "content": content_with(exercise)}),
        )
        assert {answer.status_code for answer in answers} <= {201, 204, 422}
        planned = any(answer.status_code == 201 for answer in answers)
        assert (await ana.get(f"{EXERCISES}/{exercise}")).status_code == (200 if planned else 404)
