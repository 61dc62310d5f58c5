"""Two people who meet only in the database."""

from collections.abc import AsyncIterator

import httpx
import pytest

from dev.stack import Stack
from tests.database.rows import CHANGES, CUSTOM
from tests.support.people import Person, rest_client
from tests.support.plans import make_plan


@pytest.fixture
async def bos(bo: Person) -> dict[str, str]:
    """One row of Bo's in every table, by table; each found by what follows `?`."""
    plan = await make_plan(bo)
    exercise = await bo.post("/api/v1/exercises", json=CUSTOM, headers={"Idempotency-Key": "bo"})
    await bo.put(f"{exercise.headers['location']}/preference", json={"kind": "favourite"})
    owned = dict.fromkeys(CHANGES, f"user_id=eq.{bo.id}")
    return owned | {
        "users": f"id=eq.{bo.id}",
        "plans": f"id=eq.{plan['id']}",
        "exercises": f"id=eq.{exercise.json()['id']}",
    }


@pytest.fixture
async def rest(ana: Person, stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """PostgREST as Ana, without the API."""
    async with rest_client(stack, ana.token) as client:
        client.headers["Prefer"] = "return=representation"
        yield client
