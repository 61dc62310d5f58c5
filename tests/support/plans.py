"""Plans and exercises to test with."""

import json
from typing import Any
from uuid import uuid4

import asyncpg

from dev.stack import Stack
from tests.support.people import Person

PLANS = "/api/v1/plans"
EXERCISES = "/api/v1/exercises"


async def exercise_id(person: Person, name: str) -> str:
    """The id of the library exercise that is found first by this name."""
    response = await person.get(EXERCISES, params={"q": name})
    assert response.status_code == 200, response.text
    found: str = response.json()["items"][0]["id"]
    return found


def content_with(exercise: str, **changes: Any) -> dict[str, Any]:
    """Sound plan content: one day with one weight-and-reps exercise."""
    planned = {
        "exercise_id": exercise,
        "rest_seconds": 120,
        "progression": {"kind": "double_progression", "increment_kg": 2.5},
        "sets": [{"set_type": "working", "reps_min": 6, "reps_max": 10, "rir": 2}],
    }
    return {"days": [{"name": "Push", "weekday": 1, "exercises": [planned | changes]}], "deload_weeks": [4]}


async def make_plan(person: Person, **fields: Any) -> dict[str, Any]:
    """A new plan of this person, with content unless `content` says otherwise."""
    if "content" not in fields:
        fields["content"] = content_with(await exercise_id(person, "Bench Press"))
    response = await person.post(PLANS, json={"name": "Strength", **fields})
    assert response.status_code == 201, response.text
    plan: dict[str, Any] = response.json()
    return plan


async def offer(plan_id: str, stack: Stack, **changes: Any) -> str:
    """The id of an open proposal, kept as the worker does it: by default with the first day renamed."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        row = await connection.fetchrow("select user_id, version, content from public.plans where id = $1", plan_id)
        assert row is not None
        content = json.loads(row["content"])
        change = {
            "rule": "linear.increase",
            "exercise_id": content["days"][0]["exercises"][0]["exercise_id"],
            "path": "/days/0/exercises/0/sets/*/weight_kg",
            "from": [60],
            "to": [62.5],
            "evidence": [],
            "explanation": "You reached 60 kg.",
        }
        content["days"][0]["name"] = "Offered"
        job = await connection.fetchval(
            "insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)"
            " values ($1, $2, 'adapt_plan', '{}', 'offered', 'running', 1, now() + interval '1 hour') returning id",
            uuid4(),
            row["user_id"],
        )
        proposal = {
            "plan_id": plan_id,
            "base_version": row["version"],
            "content": content,
            "changes": [change],
            "source": "rules",
            **changes,
        }
        await connection.execute("select public.keep_plan_proposal($1, 1, $2)", job, json.dumps(proposal))
        await connection.execute("select public.finish_job($1, 1, '{}')", job)
    finally:
        await connection.close()
    return str(job)
