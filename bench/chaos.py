"""Kill -9 of everything in random order while people write and import: is every acknowledged write there, once?

Every second round also kills the worker, the process that reads a file for it, or both in either order, while an import
is under way.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psutil

from bench.importers import Importer, audit_imports
from bench.system import System, running
from bench.table import print_table
from bench.writers import audit, print_answers, writing

PEOPLE, ROUNDS = 6, 20
ORPHANS_END_WITHIN_SECONDS: Final = 2.0
_HEALTH_IS_KEPT_SECONDS: Final = 1.0
"""By the API, from one look at the database to the next."""


@dataclass(frozen=True)
class _Kill:
    name: str
    do: Callable[[], None]


async def bench_chaos(folder: Path, *, rounds: int = ROUNDS, seed: int = 1) -> None:
    """Prints what each round did, and what was found in the end."""
    chance = random.Random(seed)  # noqa: S311  # a seed makes the order repeatable
    importers: list[Importer] = []
    async with running(folder) as system:
        async with writing(system, PEOPLE) as writers:
            rows = []
            for number in range(1, rounds + 1):
                importing = number % 2 == 0
                if importing:
                    importers.append(await Importer.upload(system))
                    await _reading(system)
                await asyncio.sleep(chance.uniform(0.2, 2.0))
                kills = _kills(system, chance, importing=importing)
                readers = _readers(system)
                began = time.perf_counter()
                for kill in kills:
                    kill.do()
                    await asyncio.sleep(chance.uniform(0, 0.1))
                orphans = await _orphans(readers)
                await asyncio.sleep(_HEALTH_IS_KEPT_SECONDS)
                await system.healthy_after()
                healed = time.perf_counter() - began
                names = ", ".join(kill.name for kill in kills)
                rows.append(
                    {"round": str(number), "killed": names, "orphans": str(orphans), "healthy after s": f"{healed:.1f}"}
                )
        print_table("Kill -9", rows)
        print_answers(writers)
        print_table("Acknowledged and found", await audit(system, writers))
        print_table("Imports under way when the worker was killed", await audit_imports(system, importers))


def _kills(system: System, chance: random.Random, *, importing: bool) -> Sequence[_Kill]:
    """Whom this round kills, in its order."""
    worker = _Kill("worker", partial(system.worker.signal, signal.SIGKILL))
    children = [
        worker if child is system.worker else _Kill(child.name, child.kill)
        for child in system.children
        if not (importing and child is system.worker)
    ]
    kills = chance.sample(children, chance.choice((0, 0, 1) if importing else (1, 1, 2, 3)))
    if importing:
        reader = _Kill("reader", partial(_kill_all, _readers(system)))
        kills += chance.choice(([worker, reader], [worker, reader], [worker], [reader]))
    chance.shuffle(kills)
    return kills


def _readers(system: System) -> Sequence[psutil.Process]:
    """The processes that read files for the worker."""
    try:
        return psutil.Process(system.worker.pid).children()
    except psutil.NoSuchProcess:
        return []


def _kill_all(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


async def _reading(system: System) -> None:
    """Waits until the worker has a file read, or has other things to do."""
    for _ in range(200):
        if _readers(system):
            return
        await asyncio.sleep(0.02)


async def _orphans(readers: Sequence[psutil.Process]) -> int:
    """How many of them run on without their worker."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, readers, ORPHANS_END_WITHIN_SECONDS)
    return sum(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in alive)
