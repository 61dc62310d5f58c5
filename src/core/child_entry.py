"""The child's side of src/core/child_process.py. Imports little, so that it starts fast.

Both ways of talk are frames. The parent sends pickles, which is safe towards the child. The child, which has read what
somebody else wrote, sends JSON.
"""

import contextlib
import dataclasses
import json
import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, Final, NamedTuple
from uuid import UUID

ITEM, END, REFUSED, OUT_OF_MEMORY, CRASHED = b"I", b"E", b"R", b"M", b"C"
REQUEST_HEADER: Final = struct.Struct(">Q")
ANSWER_HEADER: Final = struct.Struct(">cI")
LOOK_SECONDS: Final = 0.5


class InputRefused(ValueError):
    """The input cannot be used, however often it is tried: the message is for whoever sent it."""


class ChildLimits(NamedTuple):
    """What a child may take: bytes of address space, of which Python itself needs some 25 MB, and seconds of CPU."""

    memory_bytes: int = 256 * 1024 * 1024
    cpu_seconds: int = 60


class Request(NamedTuple):
    """What the child is to do: call a function, whose items are its answer."""

    function: Callable[..., Iterator[Any]]
    arguments: tuple[Any, ...]


def main(parent: int) -> None:
    """Reads limits and a request, and answers an item each time the parent, a process id, asks for one."""
    _end_with(parent)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What some library prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C reaches the whole group of processes; the parent decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions = sys.stdin.buffer
    _apply(_read(questions))
    kind, text = _outcome(questions, answers)
    _write(answers, kind, text.encode())


def _end_with(parent: int) -> None:
    """Ends this process within a second of its parent, whatever it is doing then. Windows has no such timer."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)  # not by an exception, which what runs here might catch

    if hasattr(signal, "setitimer"):
        # A thread would take of the memory, and Linux's own signal for this comes when a thread of the parent ends.
        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)


def _outcome(questions: BinaryIO, answers: BinaryIO) -> tuple[bytes, str]:
    try:
        for item in _items(_read(questions), questions):
            _write(answers, ITEM, _encode(item))
    except InputRefused as refused:
        return REFUSED, str(refused)
    except MemoryError:
        return OUT_OF_MEMORY, ""
    except Exception as error:  # noqa: BLE001  # the parent raises it again
        return CRASHED, _place_of(error)
    return END, ""


def _items(request: Request, questions: BinaryIO) -> Iterator[Any]:
    """One item for each question. What a question brings is what `yield` gives to the function."""
    items: Any = request.function(*request.arguments)
    send = getattr(items, "send", None) or (lambda _: next(items))
    del request  # it may hold a file
    with contextlib.suppress(StopIteration):
        while True:
            yield send(_read(questions))


def _encode(item: Any) -> bytes:
    try:
        return json.dumps(item, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:  # half a surrogate pair, or an infinite number
        raise InputRefused("The file holds something that is no text and no number.") from None


def _plain(value: object) -> Any:
    """What json does not know."""
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"An item of a child holds a {type(value).__name__}.")


def _place_of(error: Exception) -> str:
    """Where it happened, but not what it says: that may quote somebody's file."""
    places = []
    traceback = error.__traceback__
    while traceback is not None:
        places.append(f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places[-5:]))}"


def _apply(limits: ChildLimits) -> None:
    """As far as the system knows limits: Windows has none, macOS none of memory."""
    try:
        import resource  # noqa: PLC0415  # there is none on Windows
    except ImportError:
        return
    wanted = (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))
    # Whoever waits for the API comes before whoever waits for a file.
    os.nice(10)


def _read(file: BinaryIO) -> Any:
    header = file.read(REQUEST_HEADER.size)
    if len(header) < REQUEST_HEADER.size:
        sys.exit()  # the parent is gone
    return pickle.loads(file.read(REQUEST_HEADER.unpack(header)[0]))  # noqa: S301  # from the parent


def _write(file: BinaryIO, kind: bytes, content: bytes) -> None:
    file.write(ANSWER_HEADER.pack(kind, len(content)))
    file.write(content)
    file.flush()
