"""What a Postgres that was killed leaves behind, cleared before the next start."""

import contextlib
import signal
import time
from pathlib import Path
from typing import Final

import psutil

STOP_TIMEOUT: Final = 15.0  # seconds for a server of ours that is still stopping


def clear(pgdata: Path) -> None:
    """End what still runs on this cluster, then remove a `postmaster.pid` that names no server.

    The caller holds the lock of the data folder, so a server that is still there has lost its supervisor.
    Postgres itself starts over a stale file, except when its process id belongs to another program by now.
    """
    pid_file = pgdata / "postmaster.pid"
    if not pid_file.exists():
        return
    processes = _servers(pgdata)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()
            process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(processes, timeout=STOP_TIMEOUT)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=STOP_TIMEOUT)
    _wait_until_free(pgdata)
    pid_file.unlink(missing_ok=True)


def _servers(pgdata: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and Path(process.cwd()) == pgdata:
                found.append(process)
    return found


def _wait_until_free(pgdata: Path) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    while _servers(pgdata) and time.monotonic() < deadline:
        time.sleep(0.02)
