"""Proposals to test with, kept as the worker keeps them."""

import json
from typing import Any
from uuid import uuid4

import asyncpg

from dev.stack import Stack

MEAL_CHANGE: dict[str, Any] = {
    "rule": "swap_meal",
    "path": "/days/0/meals/0",
    "from": None,
    "to": None,
    "evidence": [],
    "explanation": "You asked for another lunch.",
}
JOB_KINDS = {"workout": "adapt_plan", "meal": "adapt_meal_plan"}


def workout_change(content: dict[str, Any]) -> dict[str, Any]:
    """A change of the first exercise of this content."""
    return {
        "rule": "linear.increase",
        "exercise_id": content["days"][0]["exercises"][0]["exercise_id"],
        "path": "/days/0/exercises/0/sets/*/weight_kg",
        "from": [60],
        "to": [62.5],
        "evidence": [],
        "explanation": "You reached 60 kg.",
    }


async def hold_job(connection: asyncpg.Connection, owner: str, kind: str = "adapt_meal_plan") -> str:
    """The id of a job that a worker holds, its first attempt."""
    job = uuid4()
    await connection.execute(
        "insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)"
        " values ($1, $2, $3, '{}', $4, 'running', 1, now() + interval '1 hour')",
        job,
        owner,
        kind,
        str(job),
    )
    return str(job)


async def propose(plan_id: str, stack: Stack, **changes: Any) -> str:
    """The id of an open proposal for a plan of either kind: by default with the first day renamed to `Proposed`."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        found = "select kind, user_id, version, content from public.plans where id = $1"
        plan = await connection.fetchrow(found, plan_id)
        assert plan is not None
        content = json.loads(plan["content"])
        content["days"][0]["name"] = "Proposed"
        job = await hold_job(connection, plan["user_id"], JOB_KINDS[plan["kind"]])
        proposal = {
            "kind": plan["kind"],
            "plan_id": plan_id,
            "base_version": plan["version"],
            "content": content,
            "changes": [MEAL_CHANGE if plan["kind"] == "meal" else workout_change(content)],
            "source": "rules",
            **changes,
        }
        await connection.execute("select public.keep_plan_proposal($1, 1, $2)", job, json.dumps(proposal))
        await connection.execute("select public.finish_job($1, 1, '{}')", job)
    finally:
        await connection.close()
    return job
