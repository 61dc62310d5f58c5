"""The disk of Postgres' data fills up while people write, and is freed again: is every acknowledged write there, once?

The data lies on a small disk of its own in memory; logs and everything else lie elsewhere, as on a host.
"""

import asyncio
import contextlib
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import httpx

from bench.people import BenchUser, sign_up_user
from bench.system import System, running
from bench.table import TableRow, print_table
from bench.writers import Writer, acknowledged_writes, audit, busy, print_answers, sum_of_answers, text_of, writing
from dev.postgres import SUPERUSER
from dev.stack import Options, Stack

PEOPLE, ROUNDS = 4, 4
FULL_SECONDS: Final = 6.0
_FREE_MB: Final = 96
_MB: Final = 1024 * 1024
_MAX_LOG_FILES: Final = 20
_READS: Final = ("/plans", "/workouts", "/stats/summary")


async def bench_disk(folder: Path, *, rounds: int = ROUNDS) -> None:
    """Prints what people were answered before, during and after, and what was found in the end."""
    if not await asyncio.to_thread(_can_mount):
        print("\nDisk full: skipped. It mounts a small disk, for which it must run as root on Linux.")
        return
    stack = Stack(Options(folder))
    async with stack:
        data = stack.cluster.pgdata
    with _small_disk(data):
        async with running(folder) as system:
            async with writing(system, PEOPLE) as writers, _reading(system) as reader:
                rows: list[TableRow] = []
                for number in range(1, rounds + 1):
                    await asyncio.sleep(2)
                    rows.append(await _round(system, writers, reader, data, number))
                await asyncio.sleep(2)
            print_table("Disk full", rows)
            print_answers(writers)
            # What is found is what is on the disk.
            system.stack.postgres.kill()
            await system.healthy_after()
            print_table("Acknowledged and found", await audit(system, writers))


async def _round(system: System, writers: Sequence[Writer], reader: "_Reader", data: Path, number: int) -> TableRow:
    before, read_before, written = sum_of_answers(writers), Counter(reader.answers), acknowledged_writes(writers)
    needs_log = number % 2 == 0
    async with _full(data):
        if needs_log:
            await _end_log_files(system)
        await asyncio.sleep(FULL_SECONDS)
    healed = await system.healthy_after()
    return {
        "round": str(number),
        "what needs room": "tables and the log" if needs_log else "tables",
        "writes acknowledged": str(acknowledged_writes(writers) - written),
        "other answers to writes": text_of(sum_of_answers(writers) - before),
        "answers to reads": text_of(reader.answers - read_before),
        "healthy after s": f"{healed:.1f}",
    }


async def _end_log_files(system: System) -> None:
    """Has Postgres use up the files that it keeps ready for its log, as many writes would, until it needs a new one."""
    with contextlib.suppress(asyncpg.PostgresError, OSError):
        async with system.stack.cluster.connect(SUPERUSER) as connection:
            for _ in range(_MAX_LOG_FILES):
                await connection.execute("select pg_logical_emit_message(false, 'bench', 'x'), pg_switch_wal()")


def _can_mount() -> bool:
    with TemporaryDirectory() as folder:
        try:
            _mount(folder, "size=1m")
        except (OSError, subprocess.CalledProcessError):
            return False
        _run("umount", folder)
        return True


@contextmanager
def _small_disk(data: Path) -> Iterator[None]:
    """Moves a cluster to a disk in memory, mounted where the cluster was, that has little room left."""
    aside = data.with_name(f"{data.name}.aside")
    status = data.stat()
    data.rename(aside)
    data.mkdir()
    size = _size(aside) + _FREE_MB * _MB
    _mount(str(data), f"size={size},mode=0700,uid={status.st_uid},gid={status.st_gid}")
    try:
        _run("cp", "-a", f"{aside}/.", str(data))
        shutil.rmtree(aside)
        yield
    finally:
        _run("umount", "--lazy", str(data))


def _size(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _mount(folder: str, options: str) -> None:
    _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own command


@asynccontextmanager
async def _full(data: Path) -> AsyncIterator[None]:
    """Takes all room while the block runs, also what Postgres gives back meanwhile."""
    filler = data / "filler"
    filling = asyncio.create_task(_fill(filler))
    try:
        yield
    finally:
        filling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await filling
        filler.unlink()


async def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        while True:
            with contextlib.suppress(OSError):
                while file.write(b"\0" * 65536):
                    pass
            await asyncio.sleep(0.05)


@dataclass
class _Reader:
    """One person who reads, and how often each status or kind of failure was the answer."""

    person: BenchUser
    answers: Counter[str] = field(default_factory=Counter)

    async def run(self, url: str, stop: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=self.person.headers, timeout=15) as client:
            while not stop.is_set():
                for path in _READS:
                    try:
                        self.answers[str((await client.get(path)).status_code)] += 1
                    except httpx.TransportError as error:
                        self.answers[type(error).__name__] += 1
                await asyncio.sleep(0.1)


@asynccontextmanager
async def _reading(system: System) -> AsyncIterator[_Reader]:
    reader = _Reader(await sign_up_user(system.stack, plans=0))
    async with busy(system, [reader]):
        yield reader
