"""Run a program to its end, and never leave it behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.account import Account
from dev.paths import DEV


@dataclass(frozen=True)
class ProcessResult:
    """How a program ended and all that it printed, both streams in order."""

    code: int
    output: str


def launcher(stop_signal: signal.Signals, account: Account | None) -> list[str]:
    """What goes before a command line so that it runs under the account and ends with us (see launch.py)."""
    who = f"{account.uid}:{account.gid}" if account else "-"
    return [
        sys.executable,
        "-I",
        "-S",
        str(DEV / "launch.py"),
        str(os.getpid()),
        str(int(stop_signal)),
        who,
        "--",
    ]


async def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], account: Account | None = None
) -> ProcessResult:
    """Run the command without input. When we are cancelled it is ended first."""
    process = await asyncio.create_subprocess_exec(
        *launcher(signal.SIGTERM, account),
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return ProcessResult(process.returncode or 0, output.decode(errors="replace"))
