"""Taking everything along: one document, written while it is read."""

import time

import httpx

from bench.memory import watched
from bench.people import Someone
from bench.servers import Server
from bench.table import Row

_AS_IT_IS = {"accept-encoding": "identity"}


async def bench_export(server: Server, person: Someone) -> list[Row]:
    """Seconds, bytes and the memory of the API process, after it has answered a few requests."""
    async with httpx.AsyncClient(base_url=server.url, headers=person.headers, timeout=60) as client:
        for _ in range(20):
            workouts = (await client.get("/api/v1/workouts")).raise_for_status().json()["total"]
        received = 0
        async with watched(server.process) as memory:
            started = time.perf_counter()
            async with client.stream("GET", "/api/v1/users/me/export", headers=_AS_IT_IS) as answer:
                async for chunk in answer.aiter_raw():
                    received += len(chunk)
            elapsed = time.perf_counter() - started
        answer.raise_for_status()
    return [
        {"what": "workouts", "measured": f"{workouts:,}"},
        {"what": "seconds", "measured": f"{elapsed:.1f} s"},
        {"what": "size", "measured": f"{received / 1e6:.1f} MB"},
        {"what": "memory of the API, before", "measured": f"{memory.before / 1e6:.0f} MB"},
        {"what": "memory of the API, at most", "measured": f"{memory.peak / 1e6:.0f} MB"},
    ]
