"""The servers that are measured, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import psutil

from dev.net import free_port
from dev.stack import Stack
from dev.wide_limits import WIDE_LIMITS
from dev.worker_memory import WORKER_MEMORY

ROOT = Path(__file__).parents[1]
GUARD = "src.core.connections:GuardedProtocol"
"""What production reads HTTP with."""


@dataclass(frozen=True)
class Server:
    """A running server and how long it took from its start to the first healthy answer, in seconds."""

    url: str
    process: psutil.Process
    healthy_after: float


@contextmanager
def serving(
    app: str, stack: Stack, extra: Mapping[str, str] = MappingProxyType({}), protocol: str = GUARD
) -> Iterator[Server]:
    """Runs an ASGI app as production does: uvicorn, one process, PostgREST asked without a proxy between.

    `extra` goes into its environment.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **WIDE_LIMITS,
        **os.environ,
        **stack.environment(),
        "SUPABASE_REST_URL": stack.postgrest_url,
        "LOG_LEVEL": "info",
        **extra,
    }
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--ws", "none"]
    if app == "src.main:app":
        command += ["--http", protocol]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield Server(url, psutil.Process(process.pid), _healthy(url, process) - started)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _healthy(url: str, process: subprocess.Popen[bytes]) -> float:
    while process.poll() is None:
        try:
            if httpx.get(f"{url}/health").is_success:
                return time.perf_counter()
        except httpx.TransportError:
            time.sleep(0.01)
    raise RuntimeError("The server ended before it was healthy.")


@contextmanager
def working(stack: Stack) -> Iterator[psutil.Process]:
    """Runs the worker as production does."""
    environment = {**os.environ, **WORKER_MEMORY, **stack.environment(), "LOG_LEVEL": "info"}
    command = [sys.executable, "-m", "src.worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
