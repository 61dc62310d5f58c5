"""One child process of the stack: started, watched, frozen, killed and started again."""

import asyncio
import contextlib
import signal
import subprocess
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from dev.account import Account
from dev.failure import StackError
from dev.log import LogHandler, last_lines, pump
from dev.run import launcher

TAIL: Final = 12  # lines of output shown when a child does not start
FREEZE_TIMEOUT: Final = 5.0  # seconds
POLL: Final = 0.02  # seconds between two looks at a child that is starting or stopping


@dataclass(frozen=True)
class Command:
    """How to start a child and how to end it.

    `check` answers whether the child does its work; `prepare` runs before each start. `stop_signal` is also
    what the kernel sends it when we die (Linux). Times are seconds.
    """

    name: str
    argv: Sequence[str]
    check: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    start_timeout: float = 30.0
    stop_timeout: float = 10.0
    prepare: Callable[[], Awaitable[None]] | None = None


class Child:
    """A running command. Its output goes to `log_handler` line by line, or, without one, to `log_file`.

    `pid_file` names the running process for other programs.
    """

    def __init__(
        self, command: Command, log_file: Path, log_handler: LogHandler | None = None, pid_file: Path | None = None
    ) -> None:
        self.command = command
        self.name = command.name
        self._log_file = log_file
        self._pid_file = pid_file
        self._log_handler = log_handler
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the child, also after its death. StackError before its first start."""
        if self._process is None:
            raise StackError(f"{self.name} was never started.")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one does."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start it, without waiting until it is ready."""
        if self.command.prepare is not None:
            await self.command.prepare()
        # A session of its own: Ctrl-C in a terminal reaches us alone, and we end the children in order.
        options = {"cwd": self.command.cwd, "env": dict(self.command.env) or None, "start_new_session": True}
        self._spawn([*launcher(self.command.stop_signal, self.command.account), *self.command.argv], options)
        if self._pid_file is not None:
            self._pid_file.write_text(str(self.pid))

    def _spawn(self, arguments: list[str], options: Mapping[str, object]) -> None:
        if self._log_handler is None:
            # Straight into the file: nothing of ours has to run for the child to be able to write.
            with self._log_file.open("ab") as log:
                self._process = _popen(arguments, log.fileno(), options)
            return
        self._process = _popen(arguments, subprocess.PIPE, options)
        if self._process.stdout is not None:
            pump(self._process.stdout, self.name, self._log_handler, self._tail)  # type: ignore[arg-type]

    async def ready(self) -> None:
        """Wait until it does its work. StackError with its last words when it dies or takes too long."""
        deadline = time.monotonic() + self.command.start_timeout
        while not await self.command.check():
            if not self.running:
                raise StackError(f"{self.name} did not start: {self.last_words()}")
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.name} was not ready after {self.command.start_timeout:.0f} s: {self.last_words()}"
                )
            await asyncio.sleep(POLL)

    def last_words(self) -> str:
        """The end of its output, for an error message."""
        lines = list(self._tail) if self._log_handler is not None else last_lines(self._log_file, TAIL)
        return "\n".join(["its last output was:", *lines]) if lines else "it printed nothing."

    def kill(self) -> None:
        """SIGKILL to the child and all that it started."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def freeze(self) -> None:
        """SIGSTOP: the child keeps its connections and answers nothing from now until `thaw`."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
                # The signal takes effect when the process is next scheduled, which may be after our next request.
                deadline = time.monotonic() + FREEZE_TIMEOUT
                while process.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline:
                    time.sleep(0.001)

    def thaw(self) -> None:
        """SIGCONT after `freeze`."""
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    async def restart(self) -> None:
        """Stop it if it runs, start it again and wait until it is ready."""
        await self.stop()
        await self.start()
        await self.ready()

    async def stop(self) -> None:
        """Ask it to end, wait, and kill what is left after `stop_timeout`. Nothing of it runs afterwards."""
        tree = self._tree()
        if self.running:
            self.thaw()
            self.signal(self.command.stop_signal)
            await self._gone(tree, self.command.stop_timeout)
            self.kill()
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        await self._gone(tree, self.command.stop_timeout)
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child alone; nothing happens when it is gone."""
        if self._process is not None:
            self._process.send_signal(number)

    async def exited(self) -> str:
        """Wait until the child ends by itself; how it ended, in words."""
        if self._process is None:
            return "was never started"
        code = await asyncio.to_thread(self._process.wait)
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def _tree(self) -> list[psutil.Process]:
        """The child and its descendants. Not its group: backends of Postgres have sessions of their own."""
        if self._process is None:
            return []
        try:
            top = psutil.Process(self._process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def _gone(self, tree: list[psutil.Process], timeout: float) -> None:  # noqa: ASYNC109  # of a process
        deadline = time.monotonic() + timeout
        while self.running or any(_alive(process) for process in tree):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(POLL)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _popen(arguments: list[str], output: int, options: Mapping[str, object]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options
    )
