"""How much memory a process holds at most while something goes on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil

EVERY_SECONDS = 0.01


@dataclass
class Memory:
    """Resident bytes, before and at most."""

    before: int
    peak: int


@contextlib.asynccontextmanager
async def watched(process: psutil.Process) -> AsyncIterator[Memory]:
    """Looks at it a hundred times a second until the block ends."""
    seen = Memory(process.memory_info().rss, process.memory_info().rss)

    async def look() -> None:
        while True:
            seen.peak = max(seen.peak, process.memory_info().rss)
            await asyncio.sleep(EVERY_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
