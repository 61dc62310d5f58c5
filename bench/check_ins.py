"""The cron task `check-in` over many people who train: seconds in all, and the longest single batch."""

import time
from pathlib import Path

import asyncpg

from bench.table import TableRow, print_table
from dev.stack import Options, Stack
from src.chat.check_ins.task import check_in_batch
from src.core.config import Settings
from src.core.http_client import HttpClient, build_client
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.trace import Trace

PEOPLE = 10_000

_ACCOUNTS = """
    insert into auth.users (id, email)
    select gen_random_uuid(), format('checked%s@people.example', n) from generate_series(1, $1::integer) as n"""
_AWAKE = "update public.users set check_ins_quiet_from = '00:00', check_ins_quiet_to = '00:00'"
# Monday, Wednesday and Friday, since three months.
# Monday, Wednesday and Friday.
_PLANNED = """
    insert into public.plans (user_id, name, status, content)
    select u.id, 'Strength', 'active', jsonb_build_object('deload_weeks', '[4, 8, 12]'::jsonb, 'days', (
             select jsonb_agg(jsonb_build_object('name', 'Day ' || day, 'weekday', day, 'exercises', jsonb_build_array(
               jsonb_build_object('exercise_id', e.id, 'sets', '[{"set_type": "working", "reps_max": 5}]'::jsonb))))
               from unnest('{1,3,5}'::integer[]) as day))
      from public.users as u cross join (select id from public.exercises where slug = 'back-squat') as e"""
# A workout every other day for ten weeks, and for five weeks a year ago. Of ten people one notes pain, one stopped
# twelve days ago, and one becomes stronger all the time: today a record is a year old.
_TRAINED = """
    insert into public.workouts (user_id, client_id, request_hash, started_at, timezone, plan_id, plan_day, notes,
      perceived_exertion)
    select p.user_id, gen_random_uuid(), '', now() - days * interval '1 day', 'UTC',
           case when days < 100 then p.id end, case when days < 100 then days % 3 end,
           case when n % 10 = 1 and days < 7 then 'Left knee hurts' when days % 4 = 0 then 'Felt strong, no pain' end,
           case when n % 10 = 3 then 10 else 5 end
      from (select *, row_number() over (order by user_id) as n from public.plans) as p
        cross join (
          select * from generate_series(1, 70, 2) union all select * from generate_series(363, 397, 2)) as d (days)
     where n % 10 <> 2 or days > 11"""
_SETS = """
    insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
      set_type, reps, entered_value, entered_unit, started_at, local_date)
    select w.user_id, w.id, e.id, e.name, e.kind, e.n, 0, 'working', 5,
           case w.perceived_exertion when 10 then 300 - (current_date - w.local_date) / 2 else 100 end, 'kg',
           w.started_at, w.local_date
      from public.workouts as w
        cross join (select *, row_number() over (order by slug) as n from public.exercises
                     where slug in ('back-squat', 'bench-press', 'deadlift', 'front-squat')) as e"""
_REMEMBERED = """
    insert into public.memories (user_id, kind, content, content_hash, created_at, stated_at)
    select u.id, (array['injury', 'fact', 'goal'])[n % 3 + 1]::public.memory_kind, 'Something ' || n,
           sha256(n::text::bytea), now() - n * interval '20 days', now() - n * interval '20 days'
      from public.users as u cross join generate_series(1, 30) as n"""


async def bench_check_ins(folder: Path) -> None:
    """Prints the table. Takes some minutes."""
    async with Stack(Options(folder, durable=False)) as stack:
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
        try:
            await connection.execute(_ACCOUNTS, PEOPLE, timeout=900)
            for statement in (_AWAKE, _PLANNED, _TRAINED, _SETS, _REMEMBERED, "vacuum analyze"):
                await connection.execute(statement, timeout=1800)
            # As if the plans had been active all the time.
            for table, column in (("plans", "activated_at"), ("plan_versions", "created_at")):
                await connection.execute(f"update public.{table} set {column} = now() - interval '90 days'")  # noqa: S608
            causes = "select cause::text, count(*) as people from private.check_ins group by cause order by cause"
            rows = [await _run(stack, "first run"), await _run(stack, "the next run")]
            written = [
                {"cause": row["cause"], "people": f"{row['people']:,}"} for row in await connection.fetch(causes)
            ]
        finally:
            await connection.close()
        print_table(f"Check-ins over {PEOPLE:,} people", rows)
        print_table("What was written about", written)


async def _run(stack: Stack, what: str) -> TableRow:
    """All batches, as the API runs them."""
    settings = Settings.model_validate(
        {
            "supabase_url": stack.supabase_url,
            "supabase_publishable_key": stack.publishable_key,
            "supabase_secret_key": stack.secret_key,
        }
    )
    changed, seconds, done = 0, [], False
    async with build_client() as client:
        gateway = ServiceGateway(RestClient(HttpClient(client, timeout=60), {}), settings, Trace(None))
        while not done:
            started = time.perf_counter()
            kept, done = await check_in_batch(gateway)
            seconds.append(time.perf_counter() - started)
            changed += kept
    return {
        "what": what,
        "written": f"{changed:,}",
        "batches": str(len(seconds)),
        "longest s": f"{max(seconds):.2f}",
        "all s": f"{sum(seconds):.1f}",
    }
