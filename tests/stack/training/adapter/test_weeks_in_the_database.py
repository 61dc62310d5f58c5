"""The database takes every plan and every change that twelve simulated weeks bring."""

import json

import asyncpg

from bench.simulation import simulate
from dev.stack import Stack
from tests.support.scenarios import SCENARIOS


async def test_the_database_takes_every_weeks_plan(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        for simulation in map(simulate, SCENARIOS.values()):
            for review in simulation.reviews[::3]:
                content = json.dumps(review.content.model_dump(mode="json"))
                assert await connection.fetchval("select public.validate_plan_content($1)", content) == "[]"
                changes = json.dumps([change.document for change in review.adaptation.changes])
                if review.adaptation.changes:
                    assert await connection.fetchval("select private.are_plan_changes('workout', $1)", changes) is True
    finally:
        await connection.close()
