"""What somebody with years of training waits for: statistics, lists and the next workout."""

import httpx

from bench.load import Caller, load
from bench.people import Someone
from bench.servers import Server
from bench.table import Row

SECONDS = 2.0
ROUNDS = 4


async def bench_reading(server: Server, person: Someone, exercise: str) -> list[Row]:
    """One caller; best of some rounds. What is not there is said to be so."""
    return [await _row(server, person, path, path.replace(exercise, "…")) for path in _paths(exercise)]


def _paths(exercise: str) -> list[str]:
    """What is asked for, below /api/v1: as apps ask, and the most that they can."""
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


async def _row(server: Server, person: Someone, path: str, shown: str) -> Row:
    url = f"{server.url}/api/v1/{path}"
    async with httpx.AsyncClient(headers=person.headers, timeout=30) as client:
        answer = await client.get(url)
    if not answer.is_success:
        missing = dict.fromkeys(("p99 ms", "kB", "CPU us/request"), "")
        return {"GET": shown, "p50 ms": f"answers {answer.status_code}", **missing}
    asking = [Caller(person.headers)]
    runs = [await load(url, asking, seconds=SECONDS, process=server.process) for _ in range(ROUNDS)]
    best = min(runs, key=lambda run: run.p50)
    return {
        "GET": shown,
        "p50 ms": f"{best.p50:.1f}",
        "p99 ms": f"{best.p99:.1f}",
        "kB": f"{len(answer.content) / 1000:.1f}",
        "CPU us/request": f"{best.cpu_us:.0f}",
    }
