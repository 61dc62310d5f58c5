"""Requests per second and CPU: PostgREST called directly, this API, and the same routes written in other ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.load import LoadClient, LoadResult, load
from bench.people import BenchUser, sign_up_user
from bench.servers import serving
from bench.table import TableRow
from dev.stack import Stack
from src.exercises.repository import EXERCISE_COLUMNS
from src.plans.repository import SUMMARY_COLUMNS

SECONDS = 4.0
ROUNDS = 3
CALLERS = (1, 16)


@dataclass(frozen=True)
class Target:
    """One way to get the same answer; callers take turns with the headers of several people."""

    name: str
    url: str
    headers: Sequence[Mapping[str, str]]
    process: psutil.Process | None


async def bench_requests(stack: Stack) -> list[tuple[str, list[TableRow]]]:
    """A table per route; each row the best of several rounds that take turns, so that a noisy moment hits all alike."""
    # Four, because the database lets nobody have more than five requests at once.
    people = [await sign_up_user(stack) for _ in range(4)]
    signed_in = [person.headers for person in people]
    with (
        serving("src.main:app", stack) as api,
        serving("bench.naive:app", stack) as naive,
        serving("bench.orm:app", stack) as orm,
        serving("bench.bare:app", stack) as bare,
    ):
        tables = []
        for path, direct in (
            ("plans", _direct_plans(stack, people)),
            ("exercises?q=bench", _direct_search(stack, people)),
        ):
            targets = [
                direct,
                Target("this API", f"{api.url}/api/v1/{path}", signed_in, api.process),
                Target("a client per request", f"{naive.url}/api/v1/{path}", signed_in, naive.process),
                Target("a bare FastAPI route", f"{bare.url}/health", [{}], bare.process),
            ]
            if path == "plans":
                targets.append(Target("SQLAlchemy + asyncpg", f"{orm.url}/api/v1/{path}", signed_in, orm.process))
            tables.append((f"GET /api/v1/{path}", [row for n in CALLERS for row in await _compare(targets, n)]))
        return tables


async def _compare(targets: list[Target], callers: int) -> list[TableRow]:
    runs: dict[str, list[LoadResult]] = {target.name: [] for target in targets}
    for _ in range(ROUNDS):
        for target in targets:
            clients = [LoadClient([target.headers[n % len(target.headers)]]) for n in range(callers)]
            runs[target.name].append(await load(target.url, clients, seconds=SECONDS, process=target.process))
    best = {name: max(results, key=lambda run: run.per_second) for name, results in runs.items()}
    direct = best[targets[0].name]
    return [
        {
            "callers": str(callers),
            "way": name,
            "req/s": f"{run.per_second:.0f}",
            "of direct": f"{run.per_second / direct.per_second:.2f}",
            "p50 ms": f"{run.p50:.2f}",
            "added p50 ms": f"{run.p50 - direct.p50:.2f}",
            "p99 ms": f"{run.p99:.2f}",
            "CPU us/request": "" if run.cpu_us is None else f"{run.cpu_us:.0f}",
        }
        for name, run in best.items()
    ]


def _direct_plans(stack: Stack, people: Sequence[BenchUser]) -> Target:
    # Whose plans they are is for row-level security to say: one address serves all people.
    query = f"select={SUMMARY_COLUMNS}&order=created_at.desc,id.desc&offset=0&limit=20"
    return Target("PostgREST directly", f"{stack.postgrest_url}/plans?{query}", _counting(people), None)


def _direct_search(stack: Stack, people: Sequence[BenchUser]) -> Target:
    query = f"select={EXERCISE_COLUMNS}&name=ilike.*bench*&order=name.asc,id.asc&offset=0&limit=20"
    url = f"{stack.postgrest_url}/exercises?{query}"
    return Target("PostgREST directly (substring)", url, _counting(people), None)


def _counting(people: Sequence[BenchUser]) -> list[Mapping[str, str]]:
    return [{**person.headers, "prefer": "count=exact"} for person in people]
