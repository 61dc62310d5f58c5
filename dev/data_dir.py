"""The data folder: made when missing, and used by one stack at a time."""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from dev.failure import StackError


class DataDir:
    """`<data-dir>`, locked from `open` to `close`. The lock goes with the process, so a crash leaves none."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: TextIO | None = None

    @property
    def logs(self) -> Path:
        """Where children write when nobody watches."""
        return self.path / "logs"

    def open(self) -> None:
        """Make the folder and take its lock. StackError when that cannot be, or another stack has it."""
        try:
            self._make()
            self.logs.mkdir(exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise StackError(f"The data folder {self.path} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = _owner(lock)
            lock.close()
            raise StackError(
                f"A stack is already running in {self.path}{owner}: stop it, or choose another folder with --data-dir."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _make(self) -> None:
        if self.path.exists():
            return  # a folder of the person's own keeps its mode
        self.path.mkdir(parents=True)
        # Root lends a folder inside to another account, which has to get there.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _owner(lock: TextIO) -> str:
    lock.seek(0)
    pid = lock.read().strip()
    return f" (process {pid})" if pid else ""
