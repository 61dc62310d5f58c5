"""`poe bench`: what the API costs on top of PostgREST, and what training costs, in one run on this machine.

Prints tables; asserts nothing.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.batches import bench_batches
from bench.chaos import bench_chaos
from bench.chat import bench_chat
from bench.hostile import bench_hostile
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

PARTS = (
    "api",
    "moving",
    "years",
    "chat",
    "memories",
    "plans",
    "meals",
    "batches",
    "partitions",
    "scaling",
    "chaos",
    "hostile",
)


async def main(parts: list[str], sets: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "api" in parts:
            await _bench_api(folder / "api")
        if "moving" in parts:
            await bench_moving(folder / "moving")
        if "years" in parts:
            await bench_years(folder / "years", sets)
        if "chat" in parts:
            await bench_chat(folder / "chat")
        if "memories" in parts:
            await bench_memories(folder / "memories")
        if "plans" in parts:
            await bench_plans(folder / "plans")
        if "meals" in parts:
            await bench_meals(folder / "meals")
        if "batches" in parts:
            await bench_batches(folder / "batches")
        if "partitions" in parts:
            await bench_partitions(folder / "partitions")
        if "scaling" in parts:
            await bench_scaling(folder / "scaling")
        if "chaos" in parts:
            await bench_chaos(folder / "chaos")
        if "hostile" in parts:
            await bench_hostile(folder / "hostile")


async def _bench_api(folder: Path) -> None:
    async with Stack(Options(folder, durable=False)) as stack:
        print_table("Start and memory (one process, no stack needed)", await bench_startup(stack))
        print_table("Verifying an access token", await bench_tokens(stack))
        for title, rows in await bench_requests(stack):
            print_table(title, rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="poew bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them by default")
    parser.add_argument(
        "--sets", type=int, default=ALL_SETS, help="sets in the database of `years` (%(default)s: minutes to fill)"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    arguments = _arguments()
    asyncio.run(main(arguments.parts or list(PARTS), arguments.sets))
