"""How soon a process is there, and how much memory it holds."""

import subprocess
import sys
import time

import httpx

from bench.people import sign_up_user
from bench.servers import ROOT, serving
from bench.table import TableRow
from dev.stack import Stack

ROUNDS = 3


async def bench_startup(stack: Stack) -> list[TableRow]:
    """Seconds and megabytes (resident), best of a few starts; memory after the library and some hundred requests."""
    person = await sign_up_user(stack)
    healthy: list[float] = []
    for _ in range(ROUNDS):
        with serving("src.main:app", stack) as server:
            healthy.append(server.healthy_after)
            idle = server.process.memory_info().rss
            async with httpx.AsyncClient(base_url=server.url, headers=person.headers) as client:
                for _ in range(200):
                    (await client.get("/api/v1/exercises?q=bench")).raise_for_status()
                    (await client.get("/api/v1/plans")).raise_for_status()
            used = server.process.memory_info().rss
    return [
        {"what": "import src.app", "measured": f"{min(_import_seconds() for _ in range(ROUNDS)):.2f} s"},
        {"what": "start to healthy", "measured": f"{min(healthy):.2f} s"},
        {"what": "memory, idle", "measured": f"{idle / 1e6:.0f} MB"},
        {"what": "memory, library loaded and in use", "measured": f"{used / 1e6:.0f} MB"},
    ]


def _import_seconds() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import src.app"], cwd=ROOT, check=True)
    return time.perf_counter() - started
