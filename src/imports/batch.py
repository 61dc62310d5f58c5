"""Imports of files: a child process reads the file, and the worker imports what it says, batch by batch."""

from collections.abc import Callable, Generator
from typing import Any, TypeVarTuple

from pydantic import TypeAdapter

from src.core.child_process import ChildLimits, run_in_child
from src.core.documents import Document
from src.core.pagination import Row
from src.jobs.worker import ClaimedJob

ArgumentsT = TypeVarTuple("ArgumentsT")


class Step(Document):
    """What a child asks for: items of a section to be imported, or the end with the result of the job."""

    section: str = ""
    items: list[Any] = []
    progress: float = 0
    message: str | None = None
    result: Row | None = None


_STEP = TypeAdapter(Step)


async def import_by_child(
    job: ClaimedJob,
    limits: ChildLimits,
    steps: Callable[[*ArgumentsT], Generator[Row, Any, None]],
    *arguments: *ArgumentsT,
) -> Row:
    """Imports the batches that a child's function gives, and replies with their outcomes: public.import_batch, which
    adds nothing when it is called again. Returns the result. Raises InputRefused."""
    result: Row = {}
    async with run_in_child(_STEP, steps, *arguments, limits=limits) as child:
        del arguments  # a file among them would stay in memory
        async for step in child:
            if step.result is not None:
                result = step.result
                continue
            if step.message:
                await job.progress(step.progress, step.message)
            child.reply(await job.call("import_batch", section=step.section, batch=step.items))
    return result
