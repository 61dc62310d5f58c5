"""Jobs that bring back an export: in batches that can be repeated."""

from collections.abc import Mapping
from typing import Any, Final

from src.archive.steps import import_steps
from src.core.child_process import ChildLimits
from src.imports.batch import import_by_child
from src.jobs.worker import ClaimedJob, JobHandler
from src.vocabulary import JobKind

LIMITS: Final = ChildLimits(memory_bytes=384 * 1024 * 1024, cpu_seconds=120)


async def import_account(job: ClaimedJob) -> dict[str, Any]:
    """Adds what the document has and the person has not; what came of each section, and what was rejected and why."""
    return await import_by_child(job, LIMITS, import_steps, await job.attachment(), job.user_id)


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_ACCOUNT: import_account,
}
