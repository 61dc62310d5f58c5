"""How much of a day somebody has used up."""

import asyncpg

from dev.stack import Stack
from tests.support.people import Person


async def use_up(stack: Stack, person: Person, kind: str, calls: int) -> None:
    """So many calls of today, noted by the server."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "insert into public.ai_usage as a (user_id, day, kind, calls)"
            " values ($1, (now() at time zone 'UTC')::date, $2, $3)"
            " on conflict on constraint ai_usage_once do update set calls = excluded.calls",
            person.id,
            kind,
            calls,
        )
    finally:
        await connection.close()
