"""`poew bench companion`: everything that the companion promises, on the sets that prove."""

from pathlib import Path

from bench.chat import lift_the_limit
from bench.companion.answers import bench_answers
from bench.companion.flags import bench_flags
from bench.companion.learning import bench_learning
from bench.companion.recall import bench_recall_sets
from bench.companion.scores import Misses
from bench.companion.turns import bench_turns
from bench.locomo import bench_locomo
from bench.recall import bench_provider
from bench.servers import serving
from dev.stack import Options, Stack


async def bench_companion(folder: Path, *, misses: Path | None = None, locomo: Path | None = None) -> None:
    """Prints the tables; what failed goes only into the file `misses`, which writers of rules do not read."""
    missed = Misses()
    async with Stack(Options(folder, durable=False)) as stack:
        await lift_the_limit(stack)
        with serving("src.main:app", stack) as server:
            await bench_learning(stack, server.url, missed)
            await bench_answers(stack, server.url, missed)
            await bench_flags(stack, server.url, missed)
        async with bench_provider(stack) as ai:
            await bench_recall_sets(stack, ai, missed)
            if locomo:
                await bench_locomo(stack, ai, locomo)
        await bench_turns(stack)
    if misses:
        missed.write(misses)
        print(f"\n{len(missed.lines)} misses are in {misses}.")
