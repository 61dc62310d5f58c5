"""Exporting everything: one document, streamed."""

import time

import httpx

from bench.memory import memory_watched
from bench.people import BenchUser
from bench.servers import Server
from bench.table import TableRow

_UNCOMPRESSED = {"accept-encoding": "identity"}


async def bench_export(server: Server, person: BenchUser) -> list[TableRow]:
    """Seconds, bytes and the memory of the API process, after it has answered a few requests."""
    async with httpx.AsyncClient(base_url=server.url, headers=person.headers, timeout=60) as client:
        for _ in range(20):
            workouts = (await client.get("/api/v1/workouts")).raise_for_status().json()["total"]
        received = 0
        async with memory_watched(server.process) as memory:
            started = time.perf_counter()
            async with client.stream("GET", "/api/v1/users/me/export", headers=_UNCOMPRESSED) as answer:
                async for chunk in answer.aiter_raw():
                    received += len(chunk)
            elapsed = time.perf_counter() - started
        answer.raise_for_status()
    return [
        {"what": "workouts", "measured": f"{workouts:,}"},
        {"what": "seconds", "measured": f"{elapsed:.1f} s"},
        {"what": "size", "measured": f"{received / 1e6:.1f} MB"},
        {"what": "memory of the API, before", "measured": f"{memory.before / 1e6:.0f} MB"},
        {"what": "memory of the API, peak", "measured": f"{memory.peak / 1e6:.0f} MB"},
    ]
