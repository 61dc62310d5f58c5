"""Everything a person owns, to take along and to bring back."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse

from src.archive.document import Archive
from src.archive.repository import ArchiveRepo
from src.archive.sections import MAX_BYTES
from src.archive.service import ArchiveServiceDep
from src.core.errors import Conflict, MalformedJson, NotFound, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from src.core.gateway import Row
from src.core.idempotency import IdempotencyKey
from src.core.limits import HEAVY, RESTORES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.core.upload import file_body, receive
from src.jobs.accepted import ACCEPTED, accepted
from src.jobs.repository import JobRepo
from src.jobs.schemas import Job
from src.vocabulary import JobKind

router = api_router("/api/v1/users/me", tags=["users"])

EXPORT = {"type": "object", "description": "What GET /users/me/export gave, up to 64 MiB; it may be gzip."}
MEDIA_TYPES = ("application/json",)


async def _profile(archive: ArchiveRepo) -> Row:
    return await archive.profile()


# Read before the answer begins: an outage is a problem document then, and not a torn file.
ProfileOfCaller = Annotated[Row, Depends(_profile)]


@router.get("/export", operation_id="exportAccount", openapi_extra=limited_as(HEAVY), response_model=Archive)
async def export_account(profile: ProfileOfCaller, archive: ArchiveServiceDep) -> Response:
    """Everything the caller owns, as one document."""
    headers = {"Content-Disposition": 'attachment; filename="slow-burn.json"'}
    return StreamingResponse(archive.document(profile), media_type="application/json", headers=headers)


@router.post(
    "/import",
    operation_id="importAccount",
    status_code=202,
    openapi_extra=file_body(MEDIA_TYPES, EXPORT) | limited_as(RESTORES),
    responses=ACCEPTED
    | problems(NotFound, PayloadTooLarge, UnsupportedMediaType, MalformedJson, ValidationFailed, Conflict),
)
async def import_account(
    request: Request, jobs: JobRepo, response: Response, idempotency_key: IdempotencyKey = None
) -> Job:
    """Brings back an export: adds what is not there. Doing it twice adds nothing.

    A profile that has never been changed becomes the one of the export. Any other is filled where it says nothing yet
    or is still at its default; allergens and injuries are only added to, memory is never turned on, nor consent given.
    """
    upload = await receive(request, media_types=MEDIA_TYPES, limit=MAX_BYTES)
    if not upload.head.lstrip().startswith(b"{"):
        raise MalformedJson
    job = await jobs.enqueue(JobKind.IMPORT_ACCOUNT, {}, f"account {upload.digest}", upload.gzip, idempotency_key)
    return accepted(job, response)
