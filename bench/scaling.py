"""More than one process: API servers and workers in front of one PostgREST, and how large a person's year is."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import httpx
import psutil

from bench.load import LoadClient, LoadResult, load
from bench.people import BenchUser, sign_up_user
from bench.servers import Server, serving, working
from bench.table import TableRow, print_table
from bench.workouts import lifts, sessions
from dev.stack import Options, Stack

PROCESSES = (1, 2, 4)
CALLERS = 32
SECONDS = 6.0
JOBS_OF_A_PERSON, PEOPLE = 4, 16

# A person who trains four days a week with 20 sets, talks ten messages a day and weighs in every day.
_A_YEAR = """
    with person as (select $1::uuid as id),
    trained as (
      insert into public.workouts (user_id, client_id, request_hash, started_at, timezone)
      select p.id, gen_random_uuid(), sha256(''), now() - n * interval '42 hours', 'UTC'
        from person as p, generate_series(1, 208) as n returning id, user_id, started_at, local_date),
    done as (
      insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
        set_type, reps, entered_value, entered_unit, started_at, local_date)
      select t.user_id, t.id, e.id, e.name, e.kind, n / 4, n % 4, 'working', 8, 60, 'kg', t.started_at, t.local_date
        from trained as t, generate_series(0, 19) as n,
             (select * from public.exercises where slug = 'bench-press') as e),
    earned as (
      insert into public.affinity_events (user_id, rule, points, source_type, source_id, workout_id, explanation)
      select t.user_id, 'workout_logged', 10, 'workout', t.id::text, t.id, 'You trained.' from trained as t),
    weighed as (
      insert into public.measurements (user_id, kind, value, measured_at, local_date)
      select p.id, 'body_weight', 80, now() - n * interval '1 day', current_date - n
        from person as p, generate_series(1, 365) as n)
    insert into public.chat_messages (user_id, role, client_id, message, created_at)
    select p.id, 'user', gen_random_uuid(), repeat('How did I do today? ', 8), now() - n * interval '144 minutes'
      from person as p, generate_series(1, 3650) as n"""
_SIZES = """
    select relname as name, pg_total_relation_size(oid) as bytes from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'"""
# Asks twenty times a second at most.
_OPEN_JOBS = "select count(*) from public.jobs, pg_sleep(0.05) where finished_at is null"


async def bench_scaling(folder: Path) -> None:
    """Prints three tables."""
    async with Stack(Options(folder, durable=False)) as stack:
        print_table("A person's year on disk, with indexes", await _sizes(stack))
        people = [await sign_up_user(stack) for _ in range(CALLERS)]
        rows = [await _requests(stack, people, count) for count in PROCESSES]
        print_table(f"API processes, {CALLERS} callers, three reads to one workout of 25 sets", rows)
        print_table(
            f"Workers, {JOBS_OF_A_PERSON * PEOPLE} plans to generate", [await _jobs(stack, n) for n in PROCESSES]
        )


async def _sizes(stack: Stack) -> list[TableRow]:
    people = [await sign_up_user(stack, plans=0) for _ in range(40)]
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        before = {row["name"]: row["bytes"] for row in await connection.fetch(_SIZES)}
        for person in people:
            await connection.execute(_A_YEAR, person.id, timeout=120)
        await connection.execute("vacuum analyze", timeout=300)
        after = {row["name"]: row["bytes"] for row in await connection.fetch(_SIZES)}
    finally:
        await connection.close()
    grown = {name: (after[name] - before[name]) / len(people) / 1024 for name in after if after[name] > before[name]}
    rows = [{"table": name, "kB": f"{size:.0f}"} for name, size in sorted(grown.items(), key=lambda item: -item[1])]
    return [*rows, {"table": "all", "kB": f"{sum(grown.values()):.0f}"}]


async def _requests(stack: Stack, people: list[BenchUser], count: int) -> TableRow:
    with _servers(stack, count) as servers:
        exercises = await lifts(servers[0].url, people[0])
        parts = [_load_one(server, people[place::count], exercises) for place, server in enumerate(servers)]
        postgres, rest = (psutil.Process(child.pid) for child in (stack.postgres, stack.postgrest))
        before = _cpu([postgres, rest, *(server.process for server in servers)])
        started = time.perf_counter()
        results = await asyncio.gather(*parts)
        elapsed = time.perf_counter() - started
        after = _cpu([postgres, rest, *(server.process for server in servers)])
    used = [(end - begin) / elapsed for begin, end in zip(before, after, strict=True)]
    return {
        "API processes": str(count),
        "req/s": f"{sum(run.per_second for pair in results for run in pair):.0f}",
        "read p50 ms": f"{max(reads.p50 for reads, _ in results):.1f}",
        "log p50 ms": f"{max(logs.p50 for _, logs in results):.1f}",
        "cores: Postgres": f"{used[0]:.2f}",
        "PostgREST": f"{used[1]:.2f}",
        "API": f"{sum(used[2:]):.2f}",
    }


async def _load_one(server: Server, people: list[BenchUser], exercises: list[str]) -> tuple[LoadResult, LoadResult]:
    readers = [LoadClient([person.headers]) for person in people[: len(people) * 3 // 4]]
    make = sessions(exercises)
    writers = [
        LoadClient([{**person.headers, "content-type": "application/json"}], make)
        for person in people[len(people) * 3 // 4 :]
    ]
    return await asyncio.gather(
        load(f"{server.url}/api/v1/plans", readers, seconds=SECONDS, process=None),
        load(f"{server.url}/api/v1/workouts/log", writers, seconds=SECONDS, process=None),
    )


async def _jobs(stack: Stack, count: int) -> TableRow:
    people = [await sign_up_user(stack, plans=0) for _ in range(PEOPLE)]
    with _servers(stack, 1) as [server]:
        for person in people:
            async with httpx.AsyncClient(base_url=server.url, headers=person.headers, timeout=30) as client:
                await client.patch("/api/v1/users/me", json={"sport": "gym", "experience_level": "intermediate"})
                for days in range(JOBS_OF_A_PERSON):
                    answer = await client.post("/api/v1/plans/generate", json={"days_per_week": days + 2})
                    answer.raise_for_status()
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        with ExitStack() as workers:
            started = time.perf_counter()
            processes = [workers.enter_context(working(stack)) for _ in range(count)]
            while await connection.fetchval(_OPEN_JOBS):
                pass
            elapsed = time.perf_counter() - started
            used = sum(_cpu(processes))
        failed = await connection.fetchval("select count(*) from public.jobs where status <> 'succeeded'")
        await connection.execute("delete from public.jobs")
    finally:
        await connection.close()
    return {
        "workers": str(count),
        "all done s": f"{elapsed:.1f}",
        "jobs/s": f"{JOBS_OF_A_PERSON * PEOPLE / elapsed:.1f}",
        "CPU s of the workers": f"{used:.1f}",
        "failed": str(failed),
    }


@contextmanager
def _servers(stack: Stack, count: int) -> Iterator[list[Server]]:
    with ExitStack() as servers:
        yield [servers.enter_context(serving("src.main:app", stack)) for _ in range(count)]


def _cpu(processes: list[psutil.Process]) -> list[float]:
    """CPU seconds of each process and what it started."""
    return [
        sum(part.cpu_times().user + part.cpu_times().system for part in (process, *process.children(recursive=True)))
        for process in processes
    ]
