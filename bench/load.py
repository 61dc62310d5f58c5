"""Load on one address from one process: closed loop, a fixed number of callers, for a fixed time."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

import psutil
from pyreqwest.client import ClientBuilder


@dataclass(frozen=True)
class LoadResult:
    """The result of a run: requests per second, latencies in milliseconds, and the server's CPU in microseconds."""

    per_second: float
    p50: float
    p99: float
    cpu_us: float | None
    failed: int = 0


@dataclass(frozen=True)
class LoadClient:
    """Repeats one request, with the headers of each of its people in turn.

    With `body` it posts what that returns, which is new each time. It waits `pause` seconds between two requests: one
    person may write 20 times a second for long.
    """

    headers: Sequence[Mapping[str, str]]
    body: Callable[[], bytes] | None = None
    pause: float = 0.0


async def load(
    url: str, callers: Sequence[LoadClient], *, seconds: float, process: psutil.Process | None, strict: bool = True
) -> LoadResult:
    """Asks `url` as fast as the callers can; `process` is the server whose CPU time is counted.

    Raises RuntimeError when any answer is not a success: a fast failure is no measurement. Without `strict` it counts
    them.
    """
    latencies: list[float] = []
    failed: list[int] = []
    async with ClientBuilder().max_connections(len(callers)).timeout(timedelta(seconds=30)).build() as client:

        async def call(caller: LoadClient, headers: Mapping[str, str]) -> None:
            request = client.get(url) if caller.body is None else client.post(url).body_bytes(caller.body())
            started = time.perf_counter()
            response = await request.headers(headers).build().send()
            await response.bytes()
            latencies.append(time.perf_counter() - started)
            if response.status >= 300:
                failed.append(response.status)
            if failed and strict:
                raise RuntimeError(f"{url} answered {response.status}")

        async def keep_calling(caller: LoadClient, until: float) -> None:
            for headers in cycle(caller.headers):
                if time.perf_counter() >= until:
                    break
                await call(caller, headers)
                await asyncio.sleep(caller.pause)

        async def run(duration: float) -> float:
            started = time.perf_counter()
            await asyncio.gather(*(keep_calling(caller, started + duration) for caller in callers))
            return time.perf_counter() - started

        await run(1)  # warm up
        latencies.clear()
        failed.clear()
        cpu_before = _cpu(process)
        elapsed = await run(seconds)
        cpu = _cpu(process) - cpu_before
    latencies.sort()
    count = len(latencies)
    return LoadResult(
        per_second=count / elapsed,
        p50=latencies[count // 2] * 1000,
        p99=latencies[int(count * 0.99)] * 1000,
        cpu_us=cpu / count * 1e6 if process else None,
        failed=len(failed),
    )


def _cpu(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return times.user + times.system
