"""The application as a process of its own, as it runs in production."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from dev.net import free_port

ROOT = Path(__file__).parents[2]


class ApiServer:
    """uvicorn with `src.main:app` on a free port; a context manager. `process` is there for tests that end it."""

    def __init__(self, environment: dict[str, str], *, log: Path) -> None:
        self.log = log
        self._environment = {**os.environ, **environment}
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "uvicorn", "src.main:app", "--port", str(self._port)]
        command += ["--http", "src.core.connections:GuardedProtocol"]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603
                [*command, "--timeout-graceful-shutdown", "25"],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        self._wait()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"The server does not answer:\n{self.log.read_text()}")
