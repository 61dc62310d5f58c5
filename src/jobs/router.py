"""Background work: watched and cancelled by the person it is for."""

import time
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from src.core.di import PrincipalDep, ShutdownDep
from src.core.errors import AppError, BadUpstream, Conflict, NotFound, Unavailable, UpstreamTimeout
from src.core.events import event_stream
from src.core.limits import STREAMS, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.jobs.repository import JobRepo
from src.jobs.schemas import OVER, Job, JobPage, JobQuery
from src.jobs.watcher import JobWatcherDep

router = api_router("/api/v1/jobs", tags=["jobs"])

EVENTS = event_stream(
    "Server-sent events: `job` with the job whenever it changes, the last when it is over; `closing` when this server "
    "ends or your token has, and the stream should be opened again.",
    "job",
    "closing",
)


@router.get("", operation_id="listJobs")
async def list_jobs(query: Annotated[JobQuery, Query()], jobs: JobRepo) -> JobPage:
    """The caller's jobs, newest first; those that are over are kept for 30 days."""
    return JobPage.model_validate((await jobs.page(query)).page(query))


async def _job(job_id: UUID, jobs: JobRepo) -> Job:
    return Job.model_validate(await jobs.get(job_id))


# Read before the answer begins: a stream that has begun cannot become a problem document.
JobOfPath = Annotated[Job, Depends(_job)]


@router.get("/{job_id}", operation_id="getJob", responses=problems(NotFound))
async def get_job(job: JobOfPath) -> Job:
    """One job, with its result."""
    return job


@router.delete("/{job_id}", operation_id="cancelJob", status_code=204, responses=problems(NotFound, Conflict))
async def cancel_job(job_id: UUID, jobs: JobRepo) -> None:
    """Cancels a job that waits or runs. What it has done stays."""
    await jobs.cancel(job_id)


@router.get(
    "/{job_id}/events",
    operation_id="streamJob",
    openapi_extra=limited_as(STREAMS),
    response_class=EventSourceResponse,
    responses=EVENTS | problems(NotFound),
)
async def stream_job(
    job: JobOfPath, jobs: JobRepo, watcher: JobWatcherDep, shutdown: ShutdownDep, principal: PrincipalDep
) -> AsyncIterator[ServerSentEvent]:
    """The job each time it changes, until it is over. You may have 5 such streams open."""
    yield ServerSentEvent(event="job", data=job)
    with watcher.watch(job.id, job.updated_at) as watch:
        while job.status not in OVER:
            changed = await watch.wait(principal.expires_at - time.time())
            if shutdown.is_requested:
                yield _closing("The server restarts.")
                return
            if not changed:
                yield _closing("The access token has expired.")
                return
            before = job
            try:
                job = Job.model_validate(await jobs.get_anew(job.id))
            except (Unavailable, UpstreamTimeout, BadUpstream):
                watch.forget()
            except AppError as error:
                yield _closing(error.detail)
                return
            if job != before:
                yield ServerSentEvent(event="job", data=job)


def _closing(reason: str) -> ServerSentEvent:
    return ServerSentEvent(event="closing", data={"reason": reason})
