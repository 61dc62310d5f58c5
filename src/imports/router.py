"""Workouts from other apps."""

from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from src.core.child_process import ChildLimits, InputRefused, run_in_child
from src.core.errors import Conflict, NotFound, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from src.core.idempotency import IdempotencyKey
from src.core.limits import RESTORES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.core.upload import Upload, file_body, receive
from src.imports.activities.reading import detect_activities
from src.imports.options import MAX_BYTES, MEDIA_TYPES, ImportOptions, ImportQuery
from src.imports.preview import PreviewStep, preview_steps
from src.imports.reading import UnknownFormat, check_beginning
from src.imports.repository import ImportRepo
from src.imports.schemas import ImportPreview
from src.imports.text import NOT_UTF_8, decode_head
from src.jobs.accepted import ACCEPTED, accepted
from src.jobs.repository import JobRepo
from src.jobs.schemas import Job
from src.vocabulary import JobKind

router = api_router("/api/v1/workouts", tags=["workouts"])

EXPORT = {
    "type": "string",
    "format": "binary",
    "description": "An export of Strong, Hevy, FitNotes, Fitbod or JEFIT, or an activity list of Garmin Connect or "
    "Strava, or a table of your own with Date and Exercise (UTF-8, up to 100,000 rows); "
    "or activities as FIT, GPX or TCX. Up to 10 MiB; it may be gzip.",
}
PREVIEWED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ImportPreview, "description": "With `dry_run`: what the file would become."}
}
_STEP: Final = TypeAdapter(PreviewStep)
# Somebody waits for the answer.
_LIMITS: Final = ChildLimits(memory_bytes=384 * 1024 * 1024, cpu_seconds=30)


@router.post(
    "/import",
    operation_id="importWorkouts",
    status_code=202,
    openapi_extra=file_body(MEDIA_TYPES, EXPORT) | limited_as(RESTORES),
    response_model=Job,
    responses=ACCEPTED
    | PREVIEWED
    | problems(NotFound, PayloadTooLarge, UnsupportedMediaType, ValidationFailed, Conflict),
)
async def import_workouts(
    request: Request,
    query: Annotated[ImportQuery, Query()],
    jobs: JobRepo,
    imports: ImportRepo,
    response: Response,
    *,
    idempotency_key: IdempotencyKey = None,
) -> Job | Response:
    """Imports an export of Strong, Hevy, FitNotes, Fitbod or JEFIT, or activities of watches. Twice adds nothing.

    The job's result has a report of every row, and `columns_ignored`, the names of what was left out.

    Each line of the report has `from_row`, `to_row`, `outcome` (imported, duplicate, replaced or rejected), `reason`,
    `workout_id`, `imported_without` (what had to be left out) and `differences` (what is not as in the workout that was
    here already).

    Of a FIT, GPX or TCX file, the rows are laps, counted from 1. An activity that another file had is a duplicate: the
    same sport, begun within a minute, about as far.

    With `dry_run` the file is read and nothing is imported: the answer is 200, with what it would become.
    """
    upload = await receive(request, media_types=MEDIA_TYPES, limit=MAX_BYTES)
    _must_be_known(upload)
    options = ImportOptions.model_validate(query.model_dump(exclude={"dry_run"}))
    if query.dry_run:
        return Response(await _preview(upload, options, imports), media_type="application/json")
    given_options = options.model_dump(mode="json")
    key = "workouts " + " ".join([upload.digest, *(str(value) for value in given_options.values())])
    job = await jobs.enqueue(JobKind.IMPORT_WORKOUTS, given_options, key, upload.gzip, idempotency_key)
    return accepted(job, response)


async def _preview(upload: Upload, options: ImportOptions, imports: ImportRepo) -> str:
    """The ImportPreview as JSON, made in a child process. Raises ValidationFailed when the file cannot be read."""
    arguments = (upload.gzip, imports.user_id, options, await imports.context())
    try:
        async with run_in_child(_STEP, preview_steps, *arguments, limits=_LIMITS) as child:
            while (step := await anext(child)).preview is None:
                child.reply(await imports.compare(step.items))
            return step.preview.model_dump_json()
    except InputRefused as refused:
        raise _unreadable(str(refused)) from None


def _must_be_known(upload: Upload) -> None:
    """Raises ValidationFailed when the beginning tells that the file cannot be read: better now than in a job."""
    if detect_activities(upload.head):
        return
    try:
        check_beginning(decode_head(upload.head))
    except UnicodeDecodeError:
        raise _unreadable(NOT_UTF_8) from None
    except UnknownFormat as error:
        raise _unreadable(str(error)) from None


def _unreadable(reason: str) -> ValidationFailed:
    return ValidationFailed(errors=[{"loc": ["body"], "message": reason, "type": "unknown_format"}])
