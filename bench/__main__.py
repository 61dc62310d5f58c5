"""`poe bench`: what the API costs on top of PostgREST, and what training costs, in one run on this machine.

Prints tables; asserts nothing.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from bench.attacks import bench_attacks
from bench.batches import bench_batches
from bench.chaos import bench_chaos
from bench.chat import bench_chat
from bench.check_ins import bench_check_ins
from bench.clocks import bench_clocks
from bench.companion.run import PARTS as PARTS_OF_COMPANION
from bench.companion.run import bench_companion
from bench.direct import bench_direct
from bench.disk import bench_disk
from bench.hostile import bench_hostile
from bench.jobs import bench_jobs
from bench.meals import bench_meals
from bench.memories import bench_memories
from bench.partitions import bench_partitions
from bench.plans import bench_plans
from bench.requests import bench_requests
from bench.scaling import bench_scaling
from bench.startup import bench_startup
from bench.table import print_table
from bench.tokens import bench_tokens
from bench.training import ALL_SETS, bench_moving, bench_years
from dev.stack import Options, Stack

Bench = Callable[[Path], Awaitable[None]]


async def main(given: argparse.Namespace) -> None:
    benches: dict[str, Bench] = {
        **BENCHES,
        "years": partial(bench_years, sets=given.sets),
        "memories": partial(bench_memories, locomo=given.locomo),
        "companion": partial(bench_companion, only=given.only, misses=given.misses, locomo=given.locomo),
    }
    parts = given.parts or list(PARTS)
    with tempfile.TemporaryDirectory() as name:
        for part, bench in benches.items():
            if part in parts:
                await bench(Path(name) / part)


async def _bench_api(folder: Path) -> None:
    async with Stack(Options(folder, durable=False)) as stack:
        print_table("Start and memory (one process, no stack needed)", await bench_startup(stack))
        print_table("Verifying an access token", await bench_tokens(stack))
        for title, rows in await bench_requests(stack):
            print_table(title, rows)


BENCHES: Final[Mapping[str, Bench]] = {
    "api": _bench_api,
    "moving": bench_moving,
    "years": partial(bench_years, sets=ALL_SETS),
    "chat": bench_chat,
    "memories": bench_memories,
    "companion": bench_companion,
    "plans": bench_plans,
    "meals": bench_meals,
    "batches": bench_batches,
    "check-ins": bench_check_ins,
    "partitions": bench_partitions,
    "scaling": bench_scaling,
    "chaos": bench_chaos,
    "disk": bench_disk,
    "clocks": bench_clocks,
    "hostile": bench_hostile,
    "attacks": bench_attacks,
    "direct": bench_direct,
    "jobs": bench_jobs,
}
PARTS = tuple(BENCHES)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="poew bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them by default")
    parser.add_argument(
        "--sets", type=int, default=ALL_SETS, help="sets in the database of `years` (%(default)s: minutes to fill)"
    )
    parser.add_argument("--locomo", type=Path, help="file of LoCoMo (locomo10.json), for `memories` and `companion`")
    parser.add_argument("--misses", type=Path, help="file for what `companion` got wrong: not for who writes its rules")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS_OF_COMPANION, default=PARTS_OF_COMPANION, help="parts of `companion`"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
