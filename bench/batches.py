"""What goes over all people, or over all that one person has said: seconds in all, and the longest single batch."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from bench.people import act_as, sign_up_user
from bench.table import TableRow, print_table
from dev.stack import Options, Stack

PEOPLE, MESSAGES, MEMORIES = 50_000, 14_000, 20_000

_ACCOUNTS = """
    insert into auth.users (id, email)
    select gen_random_uuid(), format('batch%s@people.example', n) from generate_series(1, $1::integer) as n"""
_ABSENT = """
    insert into public.workouts (user_id, client_id, request_hash, started_at, timezone)
    select id, gen_random_uuid(), '', now() - interval '20 days', 'UTC' from auth.users where email like 'batch%'"""
_OLD_KEYS = """
    insert into public.idempotency_keys (user_id, key, operation, request_hash, created_at)
    select id, 'old', 'bench', '', now() - interval '2 days' from auth.users where email like 'batch%'"""
# Words from a list of some thousand, 3,900 characters a message: as long as they may be.
_CONVERSATION = """
    insert into public.chat_messages (user_id, role, client_id, message, created_at)
    select $1::uuid, 'user', gen_random_uuid(), left(t.words, 3900), now() - n * interval '1 minute'
      from generate_series(1, $2::integer) as n
        cross join lateral (select string_agg('word' || (random() * 3000)::integer, ' ') as words
                              from generate_series(1, 500) as i where n = n + i * 0) as t"""
_REMEMBERED = """
    insert into public.memories (user_id, kind, content, content_hash)
    select $1::uuid, 'fact', t.content, private.words_hash(t.content)
      from generate_series(1, $2::integer) as n
        cross join lateral (
          select format('I like word%s and word%s, number %s', n % 3000, n % 2999, n) as content) as t"""


async def bench_batches(folder: Path) -> None:
    """Prints both tables. Takes some minutes."""
    async with Stack(Options(folder, durable=False)) as stack:
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
        try:
            await _fill_people(connection)
            tasks = ("decay_affinity()", "decay_affinity()", "adapt_plans()", "embed_memories('bench')", "purge()")
            rows = [await _all_batches(connection, task) for task in tasks]
            print_table(f"Tasks of the clock over {PEOPLE:,} people", rows)
            person = await sign_up_user(stack)
            await connection.execute(_CONVERSATION, person.id, MESSAGES, timeout=900)
            rows = [await _forget(connection, person.id, 1), await _forget(connection, person.id, MEMORIES)]
            print_table(f"Forgetting in {MESSAGES:,} messages of 3,900 characters", rows)
        finally:
            await connection.close()


async def _fill_people(connection: asyncpg.Connection) -> None:
    await connection.execute(_ACCOUNTS, PEOPLE, timeout=900)
    await connection.execute("update public.users set affinity_score = 100", timeout=900)
    await connection.execute(_ABSENT, timeout=900)
    await connection.execute(_OLD_KEYS, timeout=900)
    await connection.execute("vacuum analyze", timeout=900)


async def _all_batches(connection: asyncpg.Connection, task: str) -> TableRow:
    await connection.execute("set role service_role")
    changed, seconds = 0, []
    while True:
        started = time.perf_counter()
        batch = json.loads(await connection.fetchval(f"select public.{task}", timeout=900))
        seconds.append(time.perf_counter() - started)
        changed += batch["changed"]
        if batch["done"]:
            break
    await connection.execute("reset role")
    return _row(task, changed, seconds)


async def _forget(connection: asyncpg.Connection, user_id: str, memories: int) -> TableRow:
    """Forgets as the person does, then goes on as the worker does."""
    await connection.execute(_REMEMBERED, user_id, memories, timeout=900)
    await connection.execute("vacuum analyze public.memories", timeout=900)
    started = time.perf_counter()
    async with connection.transaction():
        await act_as(connection, UUID(user_id))
        forgotten = await connection.fetchval("select public.forget_all_memories()", timeout=900)
    await connection.execute("reset role")
    request = time.perf_counter() - started
    job: Any = await connection.fetchrow(
        "update public.jobs set status = 'running', attempts = 1, lease_expires_at = now() + interval '1 hour'"
        " where user_id = $1 and status = 'queued' returning id, attempts",
        user_id,
    )
    seconds, position = [], None
    while True:
        started = time.perf_counter()
        position = await connection.fetchval(
            "select public.forget_messages($1, $2, $3)", job["id"], job["attempts"], position, timeout=900
        )
        seconds.append(time.perf_counter() - started)
        if position is None:
            break
    await connection.execute("delete from public.jobs where user_id = $1", user_id)
    return {"the person waits s": f"{request:.2f}", **_row(f"{memories:,} memories", forgotten, seconds)}


def _row(what: str, changed: int, seconds: list[float]) -> TableRow:
    return {
        "what": what,
        "changed": f"{changed:,}",
        "batches": str(len(seconds)),
        "longest s": f"{max(seconds):.2f}",
        "all s": f"{sum(seconds):.1f}",
    }
