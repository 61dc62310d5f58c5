"""`python -m dev …` as a person runs it: a process whose output can be waited for."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from dev.paths import ROOT

GUARD_SECONDS = 60  # a test that hangs ends; nothing is measured


class Served:
    """A running `python -m dev stack`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def wait_for(self, text: str) -> str:
        """The next line of output that holds the text; AssertionError when the process ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line.rstrip()
        raise AssertionError(f"{text!r} was not said, but:\n" + "\n".join(self.lines))

    def descendants(self) -> list[psutil.Process]:
        """Every process that it started, directly or not."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, command: str) -> psutil.Process:
        """The child whose command line holds this text."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if command in " ".join(child.cmdline()))


@contextmanager
def serving(data_dir: Path, port: int) -> Iterator[Served]:
    """A stack that says where it is; killed, with all it started, at the end if it still runs."""
    command = [sys.executable, "-m", "dev", "stack", "--data-dir", str(data_dir), "--supabase-port", str(port)]
    with subprocess.Popen(  # noqa: S603  # our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        served = Served(process)
        try:
            served.wait_for("curl ")
            yield served
        finally:
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """SIGTERM, and SIGKILL for what is deaf to it."""
    if process.poll() is not None:
        return
    descendants = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(GUARD_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
    for survivor in psutil.wait_procs(descendants, timeout=0)[1]:
        survivor.kill()


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended within the guard time; one that only waits to be collected has ended."""
    deadline = time.monotonic() + GUARD_SECONDS
    alive = processes
    while alive and time.monotonic() < deadline:
        psutil.wait_procs(alive, timeout=0.05)
        alive = [process for process in alive if _runs(process)]
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m dev …` to its end."""
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "dev", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
    )
