"""Importing a large file of another app, by the worker as it is deployed."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx

from bench.memory import memory_watched
from bench.people import BenchUser
from bench.servers import Server, working
from bench.table import TableRow
from dev.stack import Stack

WORKOUTS, SETS_PER_WORKOUT = 5000, 20  # 100,000 rows, the limit of an import
_CSV = {"content-type": "text/csv"}
_HEADER = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"
_EXERCISES = (
    *("Bench Press (Barbell)", "Squat (Barbell)", "Deadlift (Barbell)", "Bicep Curl (Dumbbell)", "Pull Up"),
    *("Aunt Erna's Shrug", "Leg Extension (Machine)", "Overhead Press (Barbell)", "Sandbag Over Shoulder", "Dip"),
)


async def bench_import(stack: Stack, server: Server, person: BenchUser) -> list[TableRow]:
    """Seconds from upload to result, and the memory of the worker. All rows must have come in."""
    content = "\n".join(lines_of_strong()).encode()
    async with httpx.AsyncClient(base_url=server.url, headers=person.headers, timeout=30) as client:
        with working(stack) as worker:
            await asyncio.sleep(2)  # started, and with nothing to do
            async with memory_watched(worker) as memory:
                started = time.perf_counter()
                sent = await client.post("/api/v1/workouts/import", content=content, headers=_CSV)
                accepted = time.perf_counter() - started
                result = await _result(client, sent.raise_for_status().headers["location"])
                elapsed = time.perf_counter() - started
    return [
        {"what": "file", "measured": f"{len(content) / 1e6:.1f} MB, {WORKOUTS * SETS_PER_WORKOUT:,} rows"},
        {"what": "rows imported", "measured": f"{result['rows']['imported']:,}"},
        {"what": "upload", "measured": f"{accepted:.2f} s"},
        {"what": "upload to result", "measured": f"{elapsed:.1f} s"},
        {"what": "memory of the worker, idle", "measured": f"{memory.before / 1e6:.0f} MB"},
        {"what": "memory of the worker, peak", "measured": f"{memory.peak / 1e6:.0f} MB"},
    ]


async def _result(client: httpx.AsyncClient, location: str) -> dict[str, Any]:
    while True:
        job = (await client.get(location)).raise_for_status().json()
        if job["status"] not in {"queued", "running"}:
            break
        await asyncio.sleep(0.2)
    if job["status"] != "succeeded":
        raise RuntimeError(f"The import ended as {job['status']}: {job['problem']}")
    result: dict[str, Any] = job["result"]
    return result


def lines_of_strong(workouts: int = WORKOUTS) -> Iterator[str]:
    """A file of Strong, with 20 sets a day."""
    yield _HEADER
    first = datetime(2012, 1, 2, 17, 5, 26)  # noqa: DTZ001  # Strong writes clock times
    for n in range(workouts):
        start = f"{first + timedelta(days=n)},Session {n % 7},1h 2m"
        for s in range(SETS_PER_WORKOUT):
            exercise, number = _EXERCISES[(n + s // 4) % len(_EXERCISES)], s % 4
            weight, reps = 40 + (n * 7 + s * 3) % 60, 3 + (n + s) % 10
            yield f"{start},{exercise},{number or 'W'},{weight},{reps},0,0,,,{'8.5' if number else ''}"
