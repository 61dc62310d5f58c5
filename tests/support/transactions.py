"""A person's transactions, side by side, and waiting until one waits for another."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from dev.stack import Stack
from tests.support.people import Person


@asynccontextmanager
async def session_of(person: Person, stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of this person, as PostgREST would open one for their token."""
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    try:
        await connection.execute("begin")
        await connection.execute("set local role authenticated")
        claims = json.dumps({"sub": person.id, "role": "authenticated"})
        await connection.execute("select set_config('request.jwt.claims', $1, true)", claims)
        yield connection
    finally:
        await connection.close()


async def waits(session: asyncpg.Connection, stack: Stack) -> None:
    """Returns once this session waits for another one."""
    await _until(stack, "select cardinality(pg_blocking_pids($1)) > 0", session)


async def is_waited_for(session: asyncpg.Connection, stack: Stack) -> None:
    """Returns once another session waits for this one."""
    await _until(stack, "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))", session)


async def _until(stack: Stack, query: str, session: asyncpg.Connection) -> None:
    watcher = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        async with asyncio.timeout(10):
            while not await watcher.fetchval(query, session.get_server_pid()):
                pass
    finally:
        await watcher.close()
