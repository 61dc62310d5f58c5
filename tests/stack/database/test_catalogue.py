"""What must hold for every table, policy and function, asked of the database's own catalogue."""

import re

import asyncpg
import pytest

from dev.stack import Stack
from src import vocabulary as generated
from tests.support.people import Person
from tools.vocabulary import vocabulary

# Written once and never changed, so updated_at has nothing to follow.
APPEND_ONLY = {"plan_versions", "affinity_events"}

FINDINGS = {
    "a table without row-level security": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not c.relrowsecurity""",
    "a table without a comment": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and obj_description(c.oid) is null""",
    "a policy for more than signed-in people": """
        select policyname from pg_policies where schemaname = 'public' and roles <> '{authenticated}'""",
    "a policy that asks auth.uid() once per row": r"""
        select policyname from pg_policies where schemaname = 'public'
           and regexp_replace(coalesce(qual, '') || coalesce(with_check, ''), 'SELECT auth\.uid\(\)', '', 'g')
               ~ 'auth\.uid\(\)'""",
    "a table that anon may touch": """
        select c.relname from pg_class c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references',
               'trigger']) as p
         where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
           and has_table_privilege('anon', c.oid, p)""",
    "a column that anon may touch": """
        select c.relname from pg_class c, unnest(array['select', 'insert', 'update', 'references']) as p
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
           and has_any_column_privilege('anon', c.oid, p)""",
    "a sequence that anyone but the owner may use": """
        select c.relname from pg_class c, unnest(array['anon', 'authenticated']) as who
         where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'S'
           and has_sequence_privilege(who, c.oid, 'usage, update')""",
    "a right that no person needs": """
        select c.relname from pg_class c, unnest(array['truncate', 'references', 'trigger']) as p
         where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
           and has_table_privilege('authenticated', c.oid, p)""",
    "a schema that anon may use, but for public": """
        select nspname::text from pg_namespace where nspname in ('private', 'supabase_migrations')
           and has_schema_privilege('anon', oid, 'usage')""",
    "a schema where people may make things": """
        select n.nspname from pg_namespace n, unnest(array['anon', 'authenticated']) as who
         where n.nspname in ('public', 'private', 'auth', 'extensions')
           and has_schema_privilege(who, n.oid, 'create')""",
    "a view that sees more than who asks": """
        select c.relname from pg_class c
         where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('v', 'm')
           and not coalesce(c.reloptions::text like '%security_invoker=%', false)""",
    "a table that no policy gives to anyone": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_policy p where p.polrelid = c.oid)""",
    "a policy that does not ask whose row it is": r"""
        select policyname from pg_policies where schemaname = 'public' and permissive = 'PERMISSIVE' and (
           coalesce(qual, 'uid()') !~ 'uid\(\)' or coalesce(with_check, 'uid()') !~ 'uid\(\)')""",
    "a table that takes any query": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_policies p where p.tablename = c.relname and p.permissive = 'RESTRICTIVE'
                              and p.cmd = 'SELECT' and p.qual like '%private.check_query()%')""",
    "a policy for several verbs": """
        select policyname from pg_policies where schemaname = 'public' and cmd = 'ALL'""",
    "a function of ours that anon may execute": """
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
           and has_function_privilege('anon', p.oid, 'execute')""",
    "a function with a mutable search path": """
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
           and not exists (select from unnest(p.proconfig) as s where s like 'search_path=%')""",
    "a definer function outside private that does not ask who calls": """
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.prosrc !~ 'auth\\.uid\\(\\)'""",
    "a table whose rows outlive their account": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
                              and f.confrelid = 'auth.users'::regclass and f.confdeltype = 'c')""",
    "a table without created_at and updated_at": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attnotnull
                   and a.attname in ('created_at', 'updated_at') and a.atttypid = 'timestamptz'::regtype) <> 2""",
    "a foreign key without an index": """
        select f.conname from pg_constraint f
         where f.connamespace = 'public'::regnamespace and f.contype = 'f'
           and not exists (select from pg_index i where i.indrelid = f.conrelid and i.indkey[0] = f.conkey[1])""",
    # Workouts are listed by when they began, and sets only with theirs.
    "a list of a person's rows without an index": """
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'sets'
           and not exists (select from pg_indexes x where x.tablename = c.relname
                              and x.indexdef like '%(user_id, ' || case c.relname when 'workouts' then 'started_at'
                                                                     else 'created_at' end || ' DESC, id DESC)')""",
    "a definer function in private that people may execute, but for those of the account and of idempotency keys": """
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace = 'private'::regnamespace and p.prosecdef
           and p.proname not in ('lock_account', 'assert_caller', 'claim_idempotency_key', 'store_resource',
                               'count_write')
           and has_function_privilege('authenticated', p.oid, 'execute')""",
    "a function for the server alone that people may execute": """
        select p.oid::regprocedure::text from pg_proc p
         where p.proname in ('claim_jobs', 'next_job', 'renew_leases', 'job_attachment', 'heartbeat_job',
                             'finish_job', 'fail_job', 'release_job', 'assert_lease',
                             'purge', 'decay_affinity', 'award', 'recompute_week_award', 'recompute_workout_awards',
                             'recompute_first_of_day', 'write_workout', 'write_sets', 'count_call', 'chat_context',
                             'chat_answer', 'evidence_text', 'describe_set', 'forget_in_messages', 'forget_messages',
                             'next_people',
                             'plan_context', 'keep_generated_plan', 'adapt_plans', 'adaptation_context',
                             'keep_plan_proposal', 'lock_proposal', 'apply_proposal', 'meal_context', 'close_account',
                             'unfinished_deletions')
           and has_function_privilege('authenticated', p.oid, 'execute')
        union all
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and p.proname like 'import\\_%'
           and p.proname <> 'import_preview_context' -- reads what its caller has
           and has_function_privilege('authenticated', p.oid, 'execute')""",
    "a check that Postgres had to name": """
        select conname from pg_constraint where connamespace = 'public'::regnamespace and contype = 'c'
           and conname ~ '_check[0-9]*$'""",
}


@pytest.mark.parametrize("finding", FINDINGS)
async def test_the_catalogue_has_no(finding: str, stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        assert [row[0] for row in await connection.fetch(FINDINGS[finding])] == []
    finally:
        await connection.close()


async def test_every_table_that_changes_keeps_updated_at(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        untouched = await connection.fetch("""
            select c.relname from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
               select from pg_trigger t
                where t.tgrelid = c.oid and t.tgfoid = 'private.set_updated_at()'::regprocedure)""")
    finally:
        await connection.close()
    assert {row[0] for row in untouched} == APPEND_ONLY


async def test_tables_are_plural_snake_case(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    finally:
        await connection.close()
    uncountable = {"ai_usage", "message_evidence"}
    assert {
        name for (name,) in rows if name not in uncountable and not re.fullmatch(r"[a-z]+(_[a-z]+)*s", name)
    } == set()


async def test_an_account_takes_its_rows_in_every_table_along(bos: dict[str, str], bo: Person, stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        counts = {row[0]: f"select count(*) from public.{row[0]} where user_id = $1" for row in tables}  # noqa: S608
        counts["users"] = "select count(*) from public.users where id = $1"
        assert {table for table, sql in counts.items() if not await connection.fetchval(sql, bo.id)} == set()
        assert (await bo.delete("/api/v1/users/me")).status_code == 204
        assert {table for table, sql in counts.items() if await connection.fetchval(sql, bo.id)} == set()
    finally:
        await connection.close()


async def test_the_vocabulary_is_the_databases(stack: Stack) -> None:
    fresh: dict[str, object] = {}
    exec(await vocabulary(stack.database_url), fresh)  # noqa: S102  # our own generator's output
    enums = {name for name in fresh if name[0].isupper() and name != "StrEnum"}
    assert enums == {name for name in vars(generated) if name[0].isupper() and name != "StrEnum"}
    for name in enums:
        assert list(fresh[name]) == list(getattr(generated, name)), name  # type: ignore[call-overload]


async def test_every_function_has_a_body_that_compiles(stack: Stack) -> None:
    """The schema files turn this check off, because functions refer to tables and functions of later files."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        definitions = await connection.fetch("""
            select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition from pg_proc p
             where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)""")
        assert len(definitions) > 150
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("set local check_function_bodies = on")
        for name, definition in definitions:
            try:
                await connection.execute(definition)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{name}: {error}")
        await transaction.rollback()
    finally:
        await connection.close()
