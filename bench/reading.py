"""What somebody with years of training waits for: statistics, lists and the next workout."""

import httpx

from bench.load import LoadClient, load
from bench.people import BenchUser
from bench.servers import Server
from bench.table import TableRow

SECONDS = 2.0
ROUNDS = 4


async def bench_reading(server: Server, person: BenchUser, exercise: str) -> list[TableRow]:
    """One caller; best of some rounds. A route that fails shows its status instead."""
    return [await _row(server, person, path, path.replace(exercise, "…")) for path in _paths(exercise)]


def _paths(exercise: str) -> list[str]:
    """Paths below /api/v1: what apps ask for, and the largest answers that exist."""
    return [
        "stats/summary",
        "stats/records",
        "stats/records?page=2&per_page=100",
        f"stats/records?exercise_id={exercise}",
        "stats/volume",
        "stats/volume?from=1970-01-01",
        "stats/calendar",
        "stats/calendar?from=1970-01-01",
        f"stats/exercises/{exercise}",
        f"stats/exercises/{exercise}?limit=1000",
        "workouts",
        "workouts?per_page=100",
        f"workouts?exercise_id={exercise}",
        "workouts/next",
    ]


async def _row(server: Server, person: BenchUser, path: str, shown: str) -> TableRow:
    url = f"{server.url}/api/v1/{path}"
    async with httpx.AsyncClient(headers=person.headers, timeout=30) as client:
        answer = await client.get(url)
    if not answer.is_success:
        missing = dict.fromkeys(("p99 ms", "kB", "CPU us/request"), "")
        return {"GET": shown, "p50 ms": f"answers {answer.status_code}", **missing}
    clients = [LoadClient([person.headers])]
    runs = [await load(url, clients, seconds=SECONDS, process=server.process) for _ in range(ROUNDS)]
    best = min(runs, key=lambda run: run.p50)
    return {
        "GET": shown,
        "p50 ms": f"{best.p50:.1f}",
        "p99 ms": f"{best.p99:.1f}",
        "kB": f"{len(answer.content) / 1000:.1f}",
        "CPU us/request": f"{best.cpu_us:.0f}",
    }
