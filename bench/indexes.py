"""Which indexes answer what is read, and how many pages that takes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bench.people import BenchUser
from bench.table import TableRow
from dev.stack import Stack

# Scans that this transaction began, as Postgres counts them itself; what an index found for a bitmap is counted too.
_SCANS = """
    select c.relname, c.relkind = 'i' as is_index, pg_stat_get_xact_numscans(c.oid) as scans
      from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('i', 'r') and pg_stat_get_xact_numscans(c.oid) > 0 order by 1"""


async def bench_indexes(stack: Stack, person: BenchUser, exercise: str) -> list[TableRow]:
    """A row for each query: its time and pages by EXPLAIN (ANALYZE, BUFFERS), asked as the person, and its scans."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        await connection.execute(_queries_as(person))
        return [await _row(connection, name, query) for name, query in _queries(exercise).items()]
    finally:
        await connection.close()


def _queries_as(person: BenchUser) -> str:
    claims = json.dumps({"sub": person.id, "role": "authenticated"})
    return f"select set_config('request.jwt.claims', '{claims}', false)"


def _queries(exercise: str) -> Mapping[str, str]:
    last = datetime.now(UTC).date() + timedelta(days=1)
    year, always = f"'{last - timedelta(days=366)}', '{last}'", f"'1970-01-01', '{last}'"
    return {
        "stats_summary": "select public.stats_summary()",
        "stats_records": "select public.stats_records()",
        "stats_records, one exercise": f"select public.stats_records('{exercise}')",
        "stats_volume, a year": f"select public.stats_volume({year})",
        "stats_volume, always": f"select public.stats_volume({always})",
        "stats_calendar, a year": f"select public.stats_calendar({year})",
        "stats_calendar, always": f"select public.stats_calendar({always})",
        "stats_exercise": f"select public.stats_exercise('{exercise}', {always}, 200)",
        "next_workout": "select public.next_workout()",
        "workout": """
            select public.workout((select w.id from public.workouts as w
                                    where w.user_id = auth.uid() order by w.started_at desc, w.id desc limit 1))""",
        # What PostgREST makes of GET /workouts.
        "workouts, 20": """
            select w.*, s.sets from public.workouts as w
              left join lateral (select json_agg(s) as sets from public.sets as s
                where s.workout_id = w.id and s.user_id = w.user_id) as s on true
             where w.user_id = (select auth.uid()) order by w.started_at desc, w.id desc limit 20""",
        "workouts, how many": "select count(*) from public.workouts where user_id = (select auth.uid())",
    }


async def _row(connection: asyncpg.Connection, name: str, query: str) -> TableRow:
    plans: list[dict[str, Any]] = []
    for _ in range(3):  # the first one may have to read from disk
        await connection.execute("select pg_stat_force_next_flush()")  # what was counted so far is put away
        async with connection.transaction():
            await connection.execute("set local role authenticated")
            plans += json.loads(await connection.fetchval(f"explain (analyze, buffers, format json) {query}"))
            await connection.execute("reset role")
            scans = await connection.fetch(_SCANS)
    best = min(plans, key=lambda plan: float(plan["Execution Time"]))
    return {
        "query": name,
        "ms": f"{best['Execution Time']:.1f}",
        "pages": str(best["Plan"]["Shared Hit Blocks"] + best["Plan"]["Shared Read Blocks"]),
        "indexes (scans)": ", ".join(f"{scan['relname']} ({scan['scans']})" for scan in scans if scan["is_index"]),
        "tables read through": ", ".join(scan["relname"] for scan in scans if not scan["is_index"]),
    }
