"""The peak memory of a process while something runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil

INTERVAL_SECONDS = 0.01


@dataclass
class MemoryUse:
    """Resident bytes at the start, and their peak."""

    before: int
    peak: int


@contextlib.asynccontextmanager
async def memory_watched(process: psutil.Process) -> AsyncIterator[MemoryUse]:
    """Samples the process a hundred times a second until the block ends."""
    use = MemoryUse(process.memory_info().rss, process.memory_info().rss)

    async def sample() -> None:
        while True:
            use.peak = max(use.peak, process.memory_info().rss)
            await asyncio.sleep(INTERVAL_SECONDS)

    sampling = asyncio.create_task(sample())
    try:
        yield use
    finally:
        sampling.cancel()
