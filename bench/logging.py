"""Logging a workout of 25 sets: what one person waits, and how many several people log in a second."""

from bench.load import LoadClient, LoadResult, load
from bench.people import BenchUser, sign_up_user
from bench.servers import Server
from bench.table import TableRow
from bench.workouts import lifts, sessions
from dev.stack import Stack

SECONDS = 4.0
ROUNDS = 5
PEOPLE = 8


async def bench_logging(stack: Stack, server: Server) -> list[TableRow]:
    """People who begin: one, then several at once. Best of some rounds."""
    people = [await sign_up_user(stack, plans=0) for _ in range(PEOPLE)]
    return [
        _row("one who begins", await _logging(server, people[:1])),
        _row(f"{PEOPLE} who begin", await _logging(server, people)),
    ]


async def bench_logging_after_years(server: Server, person: BenchUser) -> list[TableRow]:
    """A person whose records have years to be compared with."""
    return [_row("one with years", await _logging(server, [person]))]


async def _logging(server: Server, people: list[BenchUser]) -> LoadResult:
    exercises = await lifts(server.url, people[0])
    callers = [
        LoadClient({**person.headers, "content-type": "application/json"}, sessions(exercises)) for person in people
    ]
    url = f"{server.url}/api/v1/workouts/log"
    runs = [await load(url, callers, seconds=SECONDS, process=server.process) for _ in range(ROUNDS)]
    return min(runs, key=lambda run: run.p50)


def _row(who: str, run: LoadResult) -> TableRow:
    return {
        "people": who,
        "workouts/s": f"{run.per_second:.0f}",
        "p50 ms": f"{run.p50:.1f}",
        "p99 ms": f"{run.p99:.1f}",
        "CPU us/request": "" if run.cpu_us is None else f"{run.cpu_us:.0f}",
    }
