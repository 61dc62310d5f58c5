"""A crash is one line and a new start; a child that keeps ending is given up on with its last words."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from dev import restart_supervisor
from dev.child import Child, Command
from dev.failure import StackError
from dev.restart_supervisor import RestartSupervisor


class LogQueue:
    """A log handler one can wait on."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, name: str, line: str) -> None:  # noqa: ARG002  # a LogHandler gets both
        self.lines.append(line)
        self._queue.put_nowait(line)

    async def next(self) -> str:
        return await asyncio.wait_for(self._queue.get(), 60)


async def works() -> bool:
    return True


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restart_supervisor, "MAX_PAUSE", 0.0)


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], Child]:
    """A child that runs these lines of Python."""

    def make(code: str) -> Child:
        command = Command(name="thing", argv=[sys.executable, "-I", "-S", "-c", code], check=works)
        return Child(command, tmp_path / "thing.log")

    return make


@asynccontextmanager
async def supervised(supervisor: RestartSupervisor) -> AsyncIterator["asyncio.Task[None]"]:
    await supervisor.child.start()
    task = asyncio.create_task(supervisor.run())
    try:
        yield task
    finally:
        task.cancel()
        await supervisor.child.stop()
        await asyncio.wait([task])


WAITS = "import signal; signal.pause()"


async def test_a_killed_child_is_named_and_started_again(python: Callable[[str], Child]) -> None:
    log = LogQueue()
    supervisor = RestartSupervisor(python(WAITS), log)
    async with supervised(supervisor):
        before = supervisor.child.pid
        psutil.Process(before).kill()
        assert await log.next() == "thing was killed by SIGKILL; starting it again in 0.0 s"
        async with asyncio.timeout(60):
            while supervisor.child.pid == before:  # noqa: ASYNC110  # nothing is reported once it runs
                await asyncio.sleep(0.01)
        assert supervisor.child.running


async def test_what_keeps_ending_is_given_up_on(python: Callable[[str], Child]) -> None:
    log = LogQueue()
    async with supervised(RestartSupervisor(python("print('no luck'); raise SystemExit(3)"), log)) as task:
        with pytest.raises(StackError, match=r"(?s)thing ended with code 3, 5 times in a row.*no luck"):
            await asyncio.wait_for(asyncio.shield(task), 60)
    assert len(log.lines) == 4


async def test_a_server_in_development_waits_for_the_next_change(
    python: Callable[[str], Child], tmp_path: Path
) -> None:
    mended = tmp_path / "mended"
    code = f"import pathlib, signal; pathlib.Path({str(mended)!r}).exists() and signal.pause()"
    log = LogQueue()
    supervisor = RestartSupervisor(python(code), log, waits_for_change=True)
    async with supervised(supervisor) as task:
        while "when a source file changes" not in await log.next():
            pass
        mended.touch()
        await supervisor.restart()
        assert supervisor.child.running
        assert not task.done()
    assert len([line for line in log.lines if "starting it again" in line]) == 4


async def test_a_child_that_never_gets_ready_says_why(python: Callable[[str], Child]) -> None:
    async def never() -> bool:
        return False

    argv = [sys.executable, "-I", "-S", "-c", "print('the port is taken')"]
    child = Child(Command(name="thing", argv=argv, check=never), python("")._log_file)
    await child.start()
    with pytest.raises(StackError, match=r"(?s)thing did not start.*the port is taken"):
        await child.ready()
    await child.stop()
