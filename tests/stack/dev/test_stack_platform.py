"""The bootstrap is what the platform has: as permissive where it is permissive, as limited where it is limited."""

import asyncio
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
import httpx
import pytest

from dev.bootstrap import bootstrap
from dev.stack import Stack

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]


async def test_migrations_do_not_run_as_superuser(migrator: "Connection") -> None:
    role = await migrator.fetchrow("select * from pg_catalog.pg_roles where rolname = current_user")
    assert role is not None
    flags = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    assert {flag: role[flag] for flag in flags} == dict.fromkeys(flags, True) | {"rolsuper": False}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await migrator.execute("create role another_one superuser")


async def test_a_migration_may_create_the_vector_extension(migrator: "Connection") -> None:
    await migrator.execute("drop extension if exists vector cascade; create extension vector with schema extensions")
    assert await migrator.fetchval("select '[1,2]'::extensions.vector operator(extensions.<->) '[1,2]'") == 0


async def test_migrations_may_reference_and_watch_the_accounts(migrator: "Connection") -> None:
    await migrator.execute(
        "create table public.fresh (user_id uuid references auth.users on delete cascade);"
        "create function public.fresh_trigger() returns trigger language plpgsql as 'begin return new; end';"
        "create trigger fresh after insert on auth.users for each row execute function public.fresh_trigger()"
    )


async def test_roles_have_the_limits_of_the_platform(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    rows = await connection.fetch("select rolname, rolconfig from pg_catalog.pg_roles where rolconfig is not null")
    await connection.close()
    settings = {row["rolname"]: row["rolconfig"] for row in rows}
    assert "statement_timeout=3s" in settings["anon"]
    assert {"statement_timeout=8s", "lock_timeout=8s"} <= set(settings["authenticator"])
    # Ours, below the time that the API waits.
    assert {"statement_timeout=4s", "lock_timeout=3s"} <= set(settings["authenticated"])
    assert any("extensions" in setting for setting in settings["postgres"])


async def test_running_the_bootstrap_again_gives_back_nothing_that_migrations_took(stack: Stack) -> None:
    await bootstrap(stack.cluster)
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    transaction = connection.transaction()
    await transaction.start()
    limits = await connection.fetchval("select rolconfig from pg_catalog.pg_roles where rolname = 'authenticated'")
    assert "statement_timeout=4s" in limits
    await connection.execute("create table public.fresh (id int)")
    assert not await connection.fetchval("select has_table_privilege('anon', 'public.fresh', 'select')")
    await transaction.rollback()
    await connection.close()


async def test_a_change_of_the_schema_is_seen_by_postgrest(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    url = f"{stack.supabase_url}/rest/v1/fresh_table?select=id"
    async with httpx.AsyncClient(headers={"apikey": stack.secret_key}, trust_env=False) as client:
        assert (await client.get(url)).status_code == 404
        await connection.execute("create table public.fresh_table (id int)")
        try:
            async with asyncio.timeout(60):
                while (await client.get(url)).status_code == 404:
                    pass
        finally:
            await connection.execute("drop table public.fresh_table")
            await connection.close()
