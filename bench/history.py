"""A database with many people's training in it, and one person whose statistics are asked for."""

from uuid import UUID

import asyncpg

from dev.stack import Stack

PEOPLE, WORKOUTS, SETS_PER_WORKOUT, EXERCISES = 100, 2000, 25, 40

# Straight into the tables: logging five million sets would take hours. Postgres computes the derived columns.
_PEOPLE = """
    insert into auth.users (id, email)
    select gen_random_uuid(), 'bench-' || n || '@bench.example' from generate_series(1, $1) as n"""
_WORKOUTS = """
    insert into public.workouts (user_id, client_id, request_hash, name, started_at, ended_at, timezone)
    select u.id, gen_random_uuid(), '\\x00', 'Session', t.at, t.at + interval '1 hour', 'UTC'
      from (select now() - interval '1 day' - n * interval '40 hours' as at from generate_series(1, $1) as n) as t
        cross join (select id from auth.users where email like 'bench-%@bench.example' or id = $2) as u
     order by t.at"""
_SETS = """
    insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
      set_type, reps, entered_value, entered_unit, started_at, local_date)
    select w.user_id, w.id, e.id, e.name, e.kind, s.n / 5, s.n % 5,
           case when s.n % 5 = 0 then 'warmup' else 'working' end::public.set_type,
           3 + (w.n + s.n) % 10, 40 + (w.n * 7 + s.n * 3) % 60, 'kg', w.started_at, w.local_date
      from (select *, row_number() over (partition by user_id order by started_at) as n from public.workouts) as w
        cross join generate_series(0, $1 - 1) as s (n)
        join (select *, row_number() over (order by slug) - 1 as place from public.exercises
               where user_id is null and kind = 'weight_reps' order by slug limit $2) as e
          on e.place = (w.n * 3 + s.n / 5) % $2
     order by w.started_at, w.id, s.n"""


async def fill(stack: Stack, user_id: str, *, people: int = PEOPLE) -> int:
    """Gives this user and others years of training; how many sets there are then."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        await connection.execute("set session_replication_role = replica")  # the profiles come with a trigger
        await connection.execute(_PEOPLE, people - 1)
        await connection.execute("insert into public.users (id) select id from auth.users on conflict (id) do nothing")
        await connection.execute(_WORKOUTS, WORKOUTS, UUID(user_id), timeout=600)
        await connection.execute(_SETS, SETS_PER_WORKOUT, EXERCISES, timeout=3600)
        await connection.execute("vacuum analyze", timeout=600)
        return int(await connection.fetchval("select count(*) from public.sets", timeout=60))
    finally:
        await connection.close()
