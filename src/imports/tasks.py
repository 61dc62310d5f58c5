"""Jobs that import a CSV file: in batches that can be repeated."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from src.core.child_process import ChildLimits
from src.core.documents import parse_document
from src.imports.batch import import_by_child
from src.imports.context import ImportContext
from src.imports.options import ImportOptions
from src.imports.steps import import_steps
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.vocabulary import JobKind

LIMITS: Final = ChildLimits(memory_bytes=384 * 1024 * 1024, cpu_seconds=120)


async def import_workouts(job: ClaimedJob) -> dict[str, Any]:
    """Adds the file's workouts. Answers counts, the exercises it added, and a report of every row."""
    context = parse_document(ImportContext.model_validate, await job.call("import_context"))
    try:
        options = ImportOptions.model_validate(job.options)
    except ValidationError:
        raise JobFailed("The options are not valid.") from None
    return await import_by_child(job, LIMITS, import_steps, await job.attachment(), job.user_id, options, context)


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_WORKOUTS: import_workouts,
}
