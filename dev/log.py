"""Where the output of the children goes: a file, or a person's screen."""

import contextlib
import re
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

LogHandler = Callable[[str, str], None]
"""Takes a child's name and one line of its output without the line end."""


def to_screen(name: str, line: str) -> None:
    """Print one line with the child's name before it."""
    # One write a line: several threads print.
    # A closed terminal or pipe must end neither the children's output nor a clean stop.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{name:>9} | {line}\n")
        sys.stdout.flush()


def say(line: str) -> None:
    """What the stack itself tells the person."""
    to_screen("stack", line)


# Said at every start, by design; to a newcomer it would look like trouble.
ROUTINE: Final = {
    "postgres": re.compile(r"^LOG: |system is starting up|supabase_migrations\."),
    "postgrest": re.compile(
        r"Starting PostgREST|to connect to the database|Connection successful|istening (on|for)"
        r"|Config reloaded|Schema cache loaded"
    ),
}


def to_screen_filtered(name: str, line: str) -> None:
    """Print one line, unless it is routine."""
    if name not in ROUTINE or (line and not ROUTINE[name].search(line)):
        to_screen(name, line)


def log_line(name: str, line: str) -> None:
    """Show progress without the columns of a running stack."""
    print(f"{name}: {line}", flush=True)


def silent(name: str, line: str) -> None:
    """Print nothing."""


def pump(stream: BinaryIO, name: str, log_handler: LogHandler, tail: deque[str]) -> threading.Thread:
    """Read `stream` to its end in a thread of its own, giving each line to both `log_handler` and `tail`."""

    def read() -> None:
        with stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                tail.append(line)
                log_handler(name, line)

    thread = threading.Thread(target=read, name=f"log of {name}", daemon=True)
    thread.start()
    return thread


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log file; nothing when there is none."""
    if not path.exists():
        return []
    return path.read_text(errors="replace").splitlines()[-count:]
