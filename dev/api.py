"""The API as a child of `./poew dev`: the app that production runs, started again when its source changes."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from watchfiles import PythonFilter, awatch

from dev.child import Command
from dev.log import LogHandler
from dev.net import HOST, http_status
from dev.paths import ROOT
from dev.restart_supervisor import RestartSupervisor
from dev.worker_memory import WORKER_MEMORY


def api_command(port: int, stack_environment: Mapping[str, str]) -> Command:
    """uvicorn on loopback. The stack's settings win over the person's own environment."""
    argv = [sys.executable, "-m", "uvicorn", "src.main:app", "--host", HOST, "--port", str(port)]

    async def is_healthy() -> bool:
        return await http_status(port, "/health", {}) == 200

    return Command(
        name="api",
        # Open streams must not hold up a reload.
        argv=[
            *argv,
            "--http",
            "src.core.connections:GuardedProtocol",
            "--no-access-log",
            "--timeout-graceful-shutdown",
            "2",
        ],
        check=is_healthy,
        env=_environment(stack_environment),
        cwd=ROOT,
    )


def worker_command(stack_environment: Mapping[str, str]) -> Command:
    """The worker that production runs. It answers nobody, so it is ready as soon as it runs."""

    async def runs() -> bool:
        return True

    argv = [sys.executable, "-m", "src.worker"]
    environment = {**WORKER_MEMORY, **_environment(stack_environment)}
    return Command(name="worker", argv=argv, check=runs, env=environment, cwd=ROOT)


def _environment(stack_environment: Mapping[str, str]) -> dict[str, str]:
    defaults = {"PYTHONUNBUFFERED": "1"} | ({"LOG_FORMAT": "console"} if sys.stdout.isatty() else {})
    return {**defaults, **os.environ, **stack_environment}


async def reload_on_change(folder: Path, restarters: Sequence[RestartSupervisor], log_handler: LogHandler) -> None:
    """Restart the children whenever a Python file below the folder changes; runs until cancelled.

    Not uvicorn's own `--reload`: that does not notice when the server it started has died.
    """
    async for changes in awatch(folder, watch_filter=PythonFilter()):
        changed = sorted({str(Path(path).relative_to(folder.parent)) for _, path in changes})
        others = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        log_handler("stack", f"{', '.join(changed[:3])}{others} changed; restarting the API and the worker")
        for restarter in restarters:
            await restarter.restart()
