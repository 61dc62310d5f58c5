"""Logging a workout of 25 sets: what one person waits, and how many several people log in a second."""

from bench.load import LoadClient, LoadResult, load
from bench.people import BenchUser, sign_up_user
from bench.servers import Server
from bench.table import TableRow
from bench.workouts import lifts, sessions
from dev.stack import Stack

SECONDS = 4.0
ROUNDS = 5
CALLERS, PEOPLE = 8, 120  # so many that nobody writes more than 20 times a second


async def bench_logging(stack: Stack, server: Server) -> list[TableRow]:
    """People who begin: one, then several at once. Best of some rounds."""
    people = [await sign_up_user(stack, plans=0) for _ in range(PEOPLE)]
    return [
        _row("one at a time, who begins", await _logging(server, people)),
        _row(f"{CALLERS} at once, who begin", await _logging(server, people, callers=CALLERS)),
    ]


async def bench_logging_after_years(server: Server, person: BenchUser) -> list[TableRow]:
    """A person whose records have years to be compared with."""
    return [_row("one with years", await _logging(server, [person], pause=0.05))]


async def _logging(server: Server, people: list[BenchUser], *, callers: int = 1, pause: float = 0.0) -> LoadResult:
    exercises = await lifts(server.url, people[0])
    headers = [{**person.headers, "content-type": "application/json"} for person in people]
    clients = [LoadClient(headers[n::callers], sessions(exercises), pause) for n in range(callers)]
    url = f"{server.url}/api/v1/workouts/log"
    runs = [await load(url, clients, seconds=SECONDS, process=server.process) for _ in range(ROUNDS)]
    return min(runs, key=lambda run: run.p50)


def _row(who: str, run: LoadResult) -> TableRow:
    return {
        "people": who,
        "workouts/s": f"{run.per_second:.0f}",
        "p50 ms": f"{run.p50:.1f}",
        "p99 ms": f"{run.p99:.1f}",
        "CPU us/request": "" if run.cpu_us is None else f"{run.cpu_us:.0f}",
    }
