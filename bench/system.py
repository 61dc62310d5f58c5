"""Everything that production runs, durable, each process started again whenever it ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from dev.api import api_command, worker_command
from dev.child import Child
from dev.net import free_port
from dev.stack import Options, Stack
from dev.wide_limits import WIDE_LIMITS

HEALED_WITHIN_SECONDS: Final = 60.0


@dataclass
class System:
    """The stack with the API and a worker, supervised."""

    stack: Stack
    api_url: str
    worker: Child
    children: Sequence[Child]

    async def healthy_after(self) -> float:
        """Seconds until the API reaches the database and everything runs."""
        started = time.perf_counter()
        async with httpx.AsyncClient(timeout=2) as client:
            while time.perf_counter() - started < HEALED_WITHIN_SECONDS:
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.get(f"{self.api_url}/api/health")
                    if answer.status_code == 200 and all(child.running for child in self.children):
                        return time.perf_counter() - started
                await asyncio.sleep(0.05)
        raise RuntimeError("It did not heal.")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[System]:
    """Runs it."""
    async with Stack(Options(folder)) as stack:
        environment = {**stack.environment(), **WIDE_LIMITS, "LOG_LEVEL": "warning"}
        port = free_port()
        api, worker = (
            Child(command, folder / f"{command.name}.log")
            for command in (api_command(port, environment), worker_command(environment))
        )
        await api.start()
        await worker.start()
        await api.ready()
        children = [*stack.children, api, worker]
        try:
            async with _supervised(children):
                yield System(stack, f"http://127.0.0.1:{port}", worker, children)
        finally:
            await worker.stop()
            await api.stop()


@asynccontextmanager
async def _supervised(children: Sequence[Child]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_keep_running(child)) for child in children]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _keep_running(child: Child) -> None:
    """Starts it again as often as it ends: a platform does not give up."""
    while True:
        await child.exited()
        if not child.running:
            await child.start()
