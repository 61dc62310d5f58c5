"""Every table as an attacker sees it, and what is really in them."""

from typing import Any

import asyncpg
import httpx

from dev.stack import Stack

CUSTOM = {"name": "Suitcase Squat", "kind": "weight_reps", "primary_muscles": ["quadriceps"]}
FOOD = {"name": "Protein Bar", "energy_kcal": 402, "protein_g": 20, "carbohydrate_g": 45, "fat_g": 18, "fibre_g": 10}
JOB = {"kind": "import_workouts", "input": {}, "dedupe_key": "file"}
# Every table, and a change that its owner may make directly; None where nobody may.
CHANGES: dict[str, dict[str, Any] | None] = {
    "users": {"name": "Mallory"},
    "exercises": {"name": "Stolen"},
    "exercise_preferences": {"kind": "excluded"},
    "foods": {"name": "Stolen"},
    "plans": {"name": "Stolen"},
    "plan_versions": None,
    "plan_proposals": None,
    "idempotency_keys": None,
    "workouts": None,
    "sets": None,
    "deleted_workouts": None,
    "affinity_events": None,
    "measurements": {"value": 99},
    "jobs": None,
    "memories": None,
    # People may delete theirs, and change nothing.
    "chat_messages": None,
    "message_evidence": None,
    "ai_usage": None,
}


async def everything(stack: Stack, *tables: str) -> dict[str, list[Any]]:
    """Every row of these tables (of all, unless some are named), by table: of everyone, and of the libraries."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        asked = {table: f"select * from public.{table} order by id" for table in tables or CHANGES}  # noqa: S608
        return {table: await connection.fetch(query) for table, query in asked.items()}
    finally:
        await connection.close()


async def rows_of(stack: Stack, user_id: str, *tables: str) -> dict[str, list[Any]]:
    """Every row of this person in these tables, by table."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        found = {}
        for table in tables:
            owner = "id" if table == "users" else "user_id"
            query = f"select * from public.{table} where {owner} = $1 order by id"  # noqa: S608
            found[table] = await connection.fetch(query, user_id)
        return found
    finally:
        await connection.close()


def changes_nothing(response: httpx.Response) -> bool:
    """Whether PostgREST refused, or had no row to change."""
    return response.status_code in {400, 401, 403, 404, 405, 409, 413, 422} or response.json() in ([], False)
