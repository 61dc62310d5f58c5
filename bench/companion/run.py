"""`poew bench companion`: everything that the companion promises, on the sets that prove."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

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

PARTS: Final = ("learning", "answers", "flags", "recall", "turns")


async def bench_companion(
    folder: Path, *, only: Sequence[str] = PARTS, misses: Path | None = None, locomo: Path | None = None
) -> None:
    """Prints the tables; what failed goes only into the file `misses`, which writers of rules do not read."""
    missed = Misses()
    async with Stack(Options(folder, durable=False)) as stack:
        await lift_the_limit(stack)
        with serving("src.main:app", stack) as server:
            for part, bench in (("learning", bench_learning), ("answers", bench_answers), ("flags", bench_flags)):
                if part in only:
                    await bench(stack, server.url, missed)
        if "recall" in only:
            async with bench_provider(stack) as ai:
                await bench_recall_sets(stack, ai, missed)
                if locomo:
                    await bench_locomo(stack, ai, locomo)
        if "turns" in only:
            await bench_turns(stack)
    if misses:
        missed.write(misses)
        print(f"\n{len(missed.lines)} misses are in {misses}.")
