"""Work on what strangers wrote, in a process of its own with limits of memory and CPU, off the event loop.

    _ROWS = TypeAdapter(list[Row])

    def read_rows(file: bytes, delimiter: str) -> Iterator[list[Row]]:    # on the top level of a module
        ...
        raise InputRefused("The file is not UTF-8 text.")
        ...
        yield batch

    async with run_in_child(_ROWS, read_rows, file, ";", limits=ChildLimits(cpu_seconds=30)) as child:
        async for batch in child:                                         # batch is a list[Row]
            await store(batch)

- The function is a generator. The child works out the next item when the parent asks for it, so neither holds more than
  one. An item is a batch, not a row: asking costs some 0.1 ms, and the first item some 60 ms.
- Arguments may be anything that pickles. Items are JSON, and what the type adapter makes of it; dataclasses, Decimals,
  dates, UUIDs and enums become JSON by themselves.
- `child.reply(value)` during an item is what its `yield` gives to the function, which otherwise gets None.
- InputRefused is raised here as it was there. It is also raised when the child takes more than its limits. Trying again
  would not help: the message says why, and is for whoever sent the input.
- Unavailable: the child was killed by somebody else, or could not be started; ChildCrashed: the function has a bug.
- The function's module should import little: no Pydantic, no src.jobs.worker. Settings and secrets are not there.
- Leaving the block ends the child, at once. When this process is killed, its children end within a second.
- Limits are the system's: Windows has none, macOS none of memory. Bounds of their own still hold there.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter

from src.core import child_entry
from src.core.child_entry import ANSWER_HEADER, REQUEST_HEADER, ChildLimits, InputRefused, Request
from src.core.errors import Unavailable

__all__ = ["ChildCrashed", "ChildItems", "ChildLimits", "InputRefused", "run_in_child"]

DEFAULT_LIMITS: Final = ChildLimits()
MAX_CHILDREN: Final = 2
"""At once, of one process: those beyond wait for their turn."""
MAX_ITEM_BYTES: Final = 16 * 1024 * 1024
_TURN_SECONDS: Final = 20.0
_ROOT: Final = Path(__file__).parents[2]
_CODE: Final = "from src.core.child_entry import main; main({parent})"
_PASSED_ON: Final = ("PATH", "LANG", "TZ", "SYSTEMROOT", "PYTHONTZPATH")
# A process gets these for what it did itself; SIGKILL and SIGTERM come from somebody else.
_OWN_FAULTS: Final = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV"})
_HAS_LIMITS: Final = sys.platform != "win32"
_TOO_MUCH_MEMORY: Final = "Reading the file takes more memory than a file may take."
_TOO_MUCH_TIME: Final = "Reading the file takes more time than a file may take."

ItemT = TypeVar("ItemT")
ArgumentsT = TypeVarTuple("ArgumentsT")


class ChildCrashed(RuntimeError):
    """The function raised what it should not: says the type and the place, but not the words."""


@contextlib.asynccontextmanager
async def run_in_child(
    items: TypeAdapter[ItemT],
    function: Callable[[*ArgumentsT], Iterator[Any]],
    *arguments: *ArgumentsT,
    limits: ChildLimits = DEFAULT_LIMITS,
) -> AsyncIterator["ChildItems[ItemT]"]:
    """Starts a child that calls the function. Yields its items, to be taken one by one; see the top of this file."""
    async with _turn():
        process = await _start()
        try:
            child = ChildItems(process, items, limits, Request(function, arguments))
            del arguments  # the child drops them once they are sent: a file among them is large
            yield child
        finally:
            await _end(process)


class ChildItems(Generic[ItemT]):
    """What a child answers."""

    def __init__(self, process: Process, items: TypeAdapter[ItemT], limits: ChildLimits, request: Request) -> None:
        self._process = process
        self._parse = items.validate_json
        self._limits = limits
        # So long that only a machine that does nothing else is slower; where there are limits of CPU, those come first.
        self._timeout = 10 + 4.0 * limits.cpu_seconds
        self._unsent: list[Any] = [limits, request, None]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def reply(self, value: Any) -> None:
        """Makes this the value of the `yield` that gave the latest item."""
        self._unsent = [value]

    def __aiter__(self) -> "ChildItems[ItemT]":
        return self

    async def __anext__(self) -> ItemT:
        try:
            async with asyncio.timeout(self._timeout):
                await self._ask()
                kind, content = await self._answer()
        except TimeoutError:
            raise self._too_slow() from None
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._died() from None
        match kind:
            case child_entry.ITEM:
                return self._parse(content)
            case child_entry.END:
                raise StopAsyncIteration
            case child_entry.REFUSED:
                raise InputRefused(content.decode())
            case child_entry.OUT_OF_MEMORY:
                raise InputRefused(_TOO_MUCH_MEMORY)
        raise ChildCrashed(content.decode())

    async def _ask(self) -> None:
        assert self._process.stdin is not None  # noqa: S101  # it was started with a pipe
        for value in self._unsent:
            frame = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.write(REQUEST_HEADER.pack(len(frame)) + frame)
        self._unsent = [None]
        await self._process.stdin.drain()

    async def _answer(self) -> tuple[bytes, bytes]:
        assert self._process.stdout is not None  # noqa: S101  # it was started with a pipe
        kind, size = ANSWER_HEADER.unpack(await self._process.stdout.readexactly(ANSWER_HEADER.size))
        if size > MAX_ITEM_BYTES:
            raise InputRefused(_TOO_MUCH_MEMORY)
        return kind, await self._process.stdout.readexactly(size)

    def _too_slow(self) -> Exception:
        return Unavailable("Reading the file took too long.") if _HAS_LIMITS else InputRefused(_TOO_MUCH_TIME)

    async def _died(self) -> Exception:
        """Why there is no answer."""
        code = await self._process.wait()
        name = signal.Signals(-code).name if code < 0 else str(code)
        if name == "SIGXCPU":
            return InputRefused(_TOO_MUCH_TIME)
        if name in _OWN_FAULTS:
            return InputRefused("The file cannot be read.")
        return Unavailable(f"The process that reads the file ended ({name}).")


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@contextlib.asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    """Waits until fewer than MAX_CHILDREN run. Raises Unavailable when that takes too long."""
    semaphore = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MAX_CHILDREN))
    try:
        async with asyncio.timeout(_TURN_SECONDS):
            await semaphore.acquire()
    except TimeoutError:
        raise Unavailable("Too many files are being read right now; try again shortly.") from None
    try:
        yield
    finally:
        semaphore.release()


async def _start() -> Process:
    # Not our own environment: it has the secret key, and what is read may find a way to run something.
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}
    try:
        command = (sys.executable, "-P", "-c", _CODE.format(parent=os.getpid()))
        return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=environment)
    except OSError as error:
        raise Unavailable("The process that reads files cannot be started.") from error


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    # To its end, or the pipe stays open: asyncio stops reading when nobody takes what it has read.
    if process.stdin and process.stdout:
        process.stdin.close()
        await process.stdout.read()
    await process.wait()
