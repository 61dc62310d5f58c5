"""Workouts from other apps."""

from typing import Annotated

from fastapi import Query, Request, Response

from src.core.errors import Conflict, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from src.core.limits import RESTORES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.core.upload import Upload, file_body, receive
from src.imports.options import MAX_BYTES, MEDIA_TYPES, ImportOptions
from src.imports.reading import UnknownFormat, check_beginning
from src.jobs.accepted import ACCEPTED, accepted
from src.jobs.repository import JobRepo
from src.jobs.schemas import Job
from src.vocabulary import JobKind

router = api_router("/api/v1/workouts", tags=["workouts"])

EXPORT = {
    "type": "string",
    "format": "binary",
    "description": "An export of Strong, Hevy, FitNotes, Fitbod or JEFIT, UTF-8, up to 10 MiB and 100,000 rows; it may "
    "be gzip.",
}


@router.post(
    "/import",
    operation_id="importWorkouts",
    status_code=202,
    openapi_extra=file_body(MEDIA_TYPES, EXPORT) | limited_as(RESTORES),
    responses=ACCEPTED | problems(PayloadTooLarge, UnsupportedMediaType, ValidationFailed, Conflict),
)
async def import_workouts(
    request: Request, options: Annotated[ImportOptions, Query()], jobs: JobRepo, response: Response
) -> Job:
    """Imports an export of Strong, Hevy, FitNotes, Fitbod or JEFIT. Twice adds nothing.

    The job's result has a report of every row, and `columns_ignored`, the names of what was left out.

    Each line of the report has `from_row`, `to_row`, `outcome` (imported, duplicate, replaced or rejected), `reason`,
    `workout_id`, `imported_without` (what had to be left out) and `differences` (what is not as in the workout that was
    here already).
    """
    upload = await receive(request, media_types=MEDIA_TYPES, limit=MAX_BYTES)
    _must_be_known(upload)
    given_options = options.model_dump(mode="json")
    key = "workouts " + " ".join([upload.digest, *(str(value) for value in given_options.values())])
    job = await jobs.enqueue(JobKind.IMPORT_WORKOUTS, given_options, key, upload.gzip)
    return accepted(job, response)


def _must_be_known(upload: Upload) -> None:
    """Raises ValidationFailed when the beginning tells that the file cannot be read: better now than in a job."""
    try:
        check_beginning(upload.head.decode("utf-8-sig", errors="replace"))
    except UnknownFormat as error:
        raise ValidationFailed(errors=[{"loc": ["body"], "message": str(error), "type": "unknown_format"}]) from None
