"""Schema auth: what the platform's migrations and policies find there."""

from pathlib import Path

import asyncpg
import pytest

import dev.auth

SCHEMA = Path(dev.auth.__file__).with_name("schema.sql")
PERSON = "7c1a2a0e-6f0b-4f44-9f2e-3b1c3f1c0001"

Database = asyncpg.Connection


async def test_can_be_run_again(superuser: "Database[asyncpg.Record]") -> None:
    await superuser.execute(SCHEMA.read_text())
    assert await superuser.fetchval("select current_user::text") == "supabase_admin"


async def test_belongs_to_the_auth_service(superuser: "Database[asyncpg.Record]") -> None:
    owners = await superuser.fetch(
        "select distinct pg_get_userbyid(relowner)::text as owner from pg_class"
        " where relnamespace = 'auth'::regnamespace"
        " union select pg_get_userbyid(proowner)::text from pg_proc where pronamespace = 'auth'::regnamespace"
    )
    assert [row["owner"] for row in owners] == ["supabase_auth_admin"]


async def test_every_table_has_row_level_security(superuser: "Database[asyncpg.Record]") -> None:
    open_tables = await superuser.fetch(
        "select relname from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'"
        " and not relrowsecurity"
    )
    assert open_tables == []


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
async def test_api_roles_may_ask_who_they_are_and_read_no_table(
    superuser: "Database[asyncpg.Record]", role: str
) -> None:
    for name in ("uid", "jwt", "role", "email"):
        allowed = "select has_function_privilege($1, format('auth.%s()', $2::text), 'execute')"
        assert await superuser.fetchval(allowed, role, name)
    assert await superuser.fetchval("select has_schema_privilege($1, 'auth', 'usage')", role)
    readable = await superuser.fetch(
        "select relname from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'"
        " and has_table_privilege($1, oid, 'select,insert,update,delete,truncate,references,trigger')",
        role,
    )
    assert readable == []


@pytest.mark.parametrize("setting", ["request.jwt.claims", "request.jwt.claim.sub"])
async def test_functions_read_both_kinds_of_settings(migrator: "Database[asyncpg.Record]", setting: str) -> None:
    claims = f'{{"sub": "{PERSON}", "role": "authenticated", "email": "a@b.io"}}'
    value = claims if setting == "request.jwt.claims" else PERSON
    await migrator.execute("select set_config($1, $2, true)", setting, value)
    assert str(await migrator.fetchval("select auth.uid()")) == PERSON
    if setting == "request.jwt.claims":
        assert await migrator.fetchval("select auth.role()") == "authenticated"
        assert await migrator.fetchval("select auth.email()") == "a@b.io"
        assert await migrator.fetchval("select auth.jwt() ->> 'sub'") == PERSON


async def test_functions_answer_null_without_a_token(migrator: "Database[asyncpg.Record]") -> None:
    row = await migrator.fetchrow("select auth.uid(), auth.jwt(), auth.role(), auth.email()")
    assert row is not None
    assert list(row) == [None] * 4
    await migrator.execute("select set_config('request.jwt.claims', '', true)")
    assert await migrator.fetchval("select auth.uid()") is None


async def test_migrations_can_reference_users_and_put_triggers_on_them(
    migrator: "Database[asyncpg.Record]",
) -> None:
    assert await migrator.fetchval("select rolsuper from pg_roles where rolname = current_user") is False
    await migrator.execute(
        "create table public.probe (user_id uuid primary key references auth.users on delete cascade);"
        "create function public.probe() returns trigger language plpgsql security definer"
        " set search_path = '' as"
        " $$ begin insert into public.probe values (new.id); return new; end $$;"
        "create trigger probe after insert on auth.users for each row execute function public.probe();"
    )
    await migrator.execute("insert into auth.users (id, raw_user_meta_data) values ($1, '{}')", PERSON)
    assert await migrator.fetchval("select count(*) from public.probe") == 1
    await migrator.execute("delete from auth.users where id = $1", PERSON)
    assert await migrator.fetchval("select count(*) from public.probe") == 0


async def test_an_address_is_unique_except_for_single_sign_on(migrator: "Database[asyncpg.Record]") -> None:
    insert = "insert into auth.users (id, email, is_sso_user) values (gen_random_uuid(), 'probe@b.io', $1)"
    for single_sign_on in (False, True, True):
        await migrator.execute(insert, single_sign_on)
    with pytest.raises(asyncpg.UniqueViolationError, match="users_email_partial_key"):
        await migrator.execute(insert, False)  # a column


async def test_confirmed_at_is_the_first_confirmation(migrator: "Database[asyncpg.Record]") -> None:
    confirmed = await migrator.fetchval(
        "insert into auth.users (id, email_confirmed_at, phone_confirmed_at)"
        " values ($1, '2026-01-02', '2026-01-01') returning confirmed_at = phone_confirmed_at",
        PERSON,
    )
    assert confirmed is True
