"""The handles on the children: killed, frozen and started again, the data and the service come back."""

import asyncio

import asyncpg
import psutil

from dev.net import http_status
from dev.stack import Stack
from tests.support.stack_process import still_running


async def service_status(stack: Stack) -> int | None:
    """What the Supabase URL answers to a look at the health of PostgREST and the database behind it."""
    port = int(stack.supabase_url.rsplit(":", 1)[1])
    key = {"apikey": stack.secret_key}
    return await http_status(port, "/rest/v1/users?select=id&limit=1", key)


async def test_a_killed_database_recovers_what_was_committed(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    await connection.execute("create table if not exists public.kept (id int primary key)")
    await connection.execute("insert into public.kept values (1)")
    before = stack.postgres.pid
    tree = [psutil.Process(before), *psutil.Process(before).children(recursive=True)]
    stack.postgres.kill()
    assert still_running(tree) == []
    connection.terminate()

    await stack.postgres.restart()
    assert stack.postgres.pid != before
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    try:
        assert await connection.fetchval("select count(*) from public.kept") == 1
        await connection.execute("drop table public.kept")
    finally:
        await connection.close()
    await until(stack, 200)


async def test_a_frozen_postgrest_answers_again_when_thawed(stack: Stack) -> None:
    await until(stack, 200)
    stack.postgrest.freeze()
    try:
        assert psutil.Process(stack.postgrest.pid).status() == psutil.STATUS_STOPPED
        assert await service_status(stack) != 200
    finally:
        stack.postgrest.thaw()
    await until(stack, 200)


async def test_a_restarted_gateway_is_another_process_at_the_same_url(stack: Stack) -> None:
    before = stack.gateway.pid
    await stack.gateway.restart()
    assert stack.gateway.pid != before
    assert not psutil.pid_exists(before)
    await until(stack, 200)


async def until(stack: Stack, status: int) -> None:
    """Ask until the answer is this status: the parts find each other again in their own time."""
    async with asyncio.timeout(60):
        while await service_status(stack) != status:  # noqa: ASYNC110  # another process gives no event
            await asyncio.sleep(0.05)
