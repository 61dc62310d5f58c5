"""The clocks of Postgres, and of the API and the worker, jump while people write: is every acknowledged write there?

While the API's clock says that a token has expired, writing is refused in words. A statement that is under way when
Postgres' clock jumps ahead may be ended as if it had taken too long. The clock of PostgREST, a static binary, stays
right.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.system import System, running
from bench.table import TableRow, print_table
from bench.writers import acknowledged_writes, audit, print_answers, sum_of_answers, text_of, writing
from dev.child import Child

PEOPLE: Final = 4
SECONDS_EACH: Final = 5.0
_HOUR, _DAY = 3600, 86_400
JUMPS: Final[tuple[tuple[int, int], ...]] = (
    *((0, 0), (_HOUR, 0), (-_HOUR, 0), (7 * _DAY, 0), (-_DAY, 0), (0, 0)),
    *((0, _HOUR), (0, -_HOUR), (0, 7 * _DAY), (0, -_DAY), (0, 20), (0, -20), (0, 0)),
    *((7 * _DAY, 7 * _DAY), (-_DAY, -_DAY), (0, 0)),
)
"""How far Postgres, and the API and the worker, are off, in seconds, one after the other."""
_UNAUTHENTICATED: Final = 401


async def bench_clocks(folder: Path) -> None:
    """Prints what each jump did, and what was found in the end."""
    library = _find_library()
    if library is None:
        print("\nClocks: skipped. They are moved by libfaketime, which is not here: apt-get install libfaketime.")
        return
    async with _system(folder, library) as (system, database, api):
        rows: list[TableRow] = []
        allowed = frozenset({_UNAUTHENTICATED})
        async with writing(system, PEOPLE, allowed) as writers:
            for database_off, api_off in JUMPS:
                database.set(database_off)
                api.set(api_off)
                written, before = acknowledged_writes(writers), sum_of_answers(writers)
                await asyncio.sleep(SECONDS_EACH)
                rows.append(
                    {
                        "Postgres": _text(database_off),
                        "API and worker": _text(api_off),
                        "acknowledged": str(acknowledged_writes(writers) - written),
                        "other answers": text_of(sum_of_answers(writers) - before),
                    }
                )
        print_table("Clocks", rows)
        print_answers(writers)
        print_table("Acknowledged and found", await audit(system, writers))


def _text(seconds: int) -> str:
    for unit, size in (("d", _DAY), ("h", _HOUR)):
        if seconds and seconds % size == 0:
            return f"{seconds // size:+} {unit}"
    return f"{seconds:+} s" if seconds else "right"


def _find_library() -> Path | None:
    folders = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib"))
    found = (path for folder in folders for path in folder.glob("**/faketime/libfaketime.so.1"))
    return next(found, None)


@dataclass(frozen=True)
class _Clock:
    """How far the clock of some processes is off. They see a change within a second."""

    file: Path

    def set(self, seconds: int) -> None:
        # Whole or not at all: it may be read at any moment.
        scratch = self.file.with_suffix(".new")
        scratch.write_text(f"{seconds:+}")
        scratch.chmod(0o644)
        scratch.replace(self.file)

    def move(self, child: Child, library: Path) -> None:
        """Starts the child again, with this clock."""
        environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        # By `env`, so that what starts it, maybe as another user, is not meant.
        words = [f"{name}={value}" for name, value in environment.items()]
        child.command = dataclasses.replace(child.command, argv=["/usr/bin/env", *words, *child.command.argv])
        child.kill()


@asynccontextmanager
async def _system(folder: Path, library: Path) -> AsyncIterator[tuple[System, "_Clock", "_Clock"]]:
    async with running(folder) as system:
        # Beside the cluster, where Postgres, which may be another user, can read.
        clocks = system.stack.cluster.pgdata.parent
        database, api = _Clock(clocks / "database.clock"), _Clock(clocks / "api.clock")
        database.set(0)
        api.set(0)
        for child in system.children:
            match child.name:
                case "postgres":
                    database.move(child, library)
                case "api" | "worker":
                    api.move(child, library)
        await asyncio.sleep(1)
        await system.healthy_after()
        yield system, database, api
