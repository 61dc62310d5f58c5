"""One free account attacks PostgREST with its own token; what somebody else notices of it at the API."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.direct_attacks import ATTACKS, Attack, attacking
from bench.history import fill
from bench.load import LoadClient, LoadResult, load
from bench.people import BenchUser, sign_up_user
from bench.servers import Server, serving
from bench.table import TableRow, print_table
from dev.stack import Options, Stack

CALLERS = 16
SECONDS = 4.0
MIB = 1024 * 1024


@dataclass
class Peak:
    """The most memory that Postgres and PostgREST had, each above what it began with."""

    postgres: int = 0
    postgrest: int = 0


async def bench_direct(folder: Path) -> None:
    """A table with one row for each attack. The attacker has 2,000 workouts of 25 sets."""
    async with Stack(Options(folder, durable=False)) as stack:
        attacker, victim = await sign_up_user(stack), await sign_up_user(stack)
        await fill(stack, attacker.id, people=1)
        with serving("src.main:app", stack) as server:
            await _load(server, victim)
            rows = [await _row(stack, server, victim, attacker, None)]
            for attack in ATTACKS:
                rows.append(await _row(stack, server, victim, attacker, attack))
                await stack.postgrest.ready()
            rows.append(await _row(stack, server, victim, attacker, None))
            print_table(f"GET /api/v1/plans of one person while another one attacks with {CALLERS} callers", rows)


async def _row(stack: Stack, server: Server, victim: BenchUser, attacker: BenchUser, attack: Attack | None) -> TableRow:
    answered: dict[str, int] = {}
    async with _watching(stack) as peak:
        if attack is None:
            result = await _load(server, victim)
        else:
            with attacking(attack, stack.postgrest_url, attacker.token, callers=CALLERS) as answered:
                result = await _load(server, victim)
    return {
        "attack": attack.name if attack else "(none)",
        "answers": " ".join(f"{status}:{count}" for status, count in sorted(answered.items())),
        "req/s": f"{result.per_second:.0f}",
        "p50 ms": f"{result.p50:.1f}",
        "p99 ms": f"{result.p99:.0f}",
        "errors": str(result.failed),
        "Postgres MiB": f"+{peak.postgres // MIB}",
        "PostgREST MiB": f"+{peak.postgrest // MIB}",
    }


async def _load(server: Server, victim: BenchUser) -> LoadResult:
    url = f"{server.url}/api/v1/plans"
    return await load(url, [LoadClient([victim.headers])], seconds=SECONDS, process=None, strict=False)


@contextlib.asynccontextmanager
async def _watching(stack: Stack) -> AsyncIterator[Peak]:
    peak, before = Peak(), _memory(stack)

    async def sample() -> None:
        while True:
            now = _memory(stack)
            peak.postgres = max(peak.postgres, now.postgres - before.postgres)
            peak.postgrest = max(peak.postgrest, now.postgrest - before.postgrest)
            await asyncio.sleep(0.1)

    sampling = asyncio.create_task(sample())
    try:
        yield peak
    finally:
        sampling.cancel()


def _memory(stack: Stack) -> Peak:
    return Peak(_own_memory(stack.postgres.pid), _own_memory(stack.postgrest.pid))


def _own_memory(pid: int) -> int:
    # Without what is shared: every backend of Postgres maps the same buffers.
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                memory = process.memory_info()
                total += memory.rss - memory.shared
    return total
