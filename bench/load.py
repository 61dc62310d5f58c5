"""Load on one address from one process: closed loop, a fixed number of callers, for a fixed time."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import psutil
from pyreqwest.client import ClientBuilder


@dataclass(frozen=True)
class Load:
    """What a run saw: requests per second, latencies in milliseconds, and the server's CPU in microseconds."""

    per_second: float
    p50: float
    p99: float
    cpu_us: float | None


async def load(
    url: str, headers: Mapping[str, str], *, callers: int, seconds: float, process: psutil.Process | None
) -> Load:
    """Asks `url` as fast as `callers` can; `process` is the server whose CPU time is counted.

    Raises RuntimeError when any answer is not a success: a fast failure is no measurement.
    """
    latencies: list[float] = []
    async with ClientBuilder().max_connections(callers).timeout(timedelta(seconds=30)).build() as client:

        async def call() -> None:
            started = time.perf_counter()
            response = await client.get(url).headers(headers).build().send()
            await response.bytes()
            latencies.append(time.perf_counter() - started)
            if response.status >= 300:
                raise RuntimeError(f"{url} answered {response.status}")

        async def caller(until: float) -> None:
            while time.perf_counter() < until:
                await call()

        await asyncio.gather(*(caller(time.perf_counter() + 1) for _ in range(callers)))  # warm up
        latencies.clear()
        cpu_before, started = _cpu(process), time.perf_counter()
        await asyncio.gather(*(caller(started + seconds) for _ in range(callers)))
        elapsed, cpu = time.perf_counter() - started, _cpu(process) - cpu_before
    latencies.sort()
    count = len(latencies)
    return Load(
        per_second=count / elapsed,
        p50=latencies[count // 2] * 1000,
        p99=latencies[int(count * 0.99)] * 1000,
        cpu_us=cpu / count * 1e6 if process else None,
    )


def _cpu(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return times.user + times.system
