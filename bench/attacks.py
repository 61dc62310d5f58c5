"""What one account, or nobody, can take from another person: with the limits that we ship, and without any."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.attacker import ATTACKS
from bench.load import LoadClient, load
from bench.people import BenchUser, sign_up_user
from bench.servers import GUARD, ROOT, Server, serving
from bench.table import TableRow, print_table
from dev.stack import Options, Stack
from src.core.config import Settings

SECONDS: Final = 6.0
_SETTLE_SECONDS: Final = 12.0  # longer than a head may take
_SHIPPED: Final = {
    name.upper(): str(field.default)
    for name, field in Settings.model_fields.items()
    if name.startswith(("limit_", "max_", "trusted_"))
}
_READS_AT_ONCE: Final = Settings.model_fields["limit_reads"].default.at_once
_WAYS: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "no limits": ({}, "httptools"),
    "as shipped": ({**_SHIPPED, "LIMIT_READS": f"1000000/1/{_READS_AT_ONCE}"}, GUARD),
}
"""The victim asks more than a person may, to be measured: reads have no rate, but run together as shipped."""


async def bench_attacks(folder: Path) -> None:
    async with Stack(Options(folder, durable=False)) as stack:
        victim, attacker = await sign_up_user(stack), await sign_up_user(stack, plans=300)
        for way, (environment, protocol) in _WAYS.items():
            rows = []
            for kind in ("quiet", *ATTACKS):
                with serving("src.main:app", stack, environment, protocol) as server:
                    rows.append(await _measure(server, kind, victim, attacker))
            print_table(f"GET /api/v1/plans of one person while others attack, {way}", rows)


async def _measure(server: Server, kind: str, victim: BenchUser, attacker: BenchUser) -> TableRow:
    async with _attack(kind, server, attacker):
        await asyncio.sleep(0 if kind == "quiet" else _SETTLE_SECONDS)
        run = await load(
            f"{server.url}/api/v1/plans", [LoadClient([victim.headers])], seconds=SECONDS, process=server.process
        )
        return {
            "attack": kind,
            "p50 ms": f"{run.p50:.2f}",
            "p99 ms": f"{run.p99:.2f}",
            "req/s": f"{run.per_second:.0f}",
            "connections": str(len(server.process.net_connections("tcp"))),
            "memory MB": f"{server.process.memory_info().rss / 1e6:.0f}",
        }


@asynccontextmanager
async def _attack(kind: str, server: Server, attacker: BenchUser) -> AsyncIterator[None]:
    if kind == "quiet":
        yield
        return
    port = str(urlsplit(server.url).port)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.attacker", kind, port, attacker.token, cwd=ROOT
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()
