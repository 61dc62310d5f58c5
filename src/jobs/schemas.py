"""Background work, as its owner sees it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.core.pagination import Page, PageQuery
from src.core.schema import Output
from src.vocabulary import JobKind, JobStatus

OVER = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


class JobProblem(Output):
    """Why a job failed."""

    code: str
    title: str
    detail: str


class JobSummary(Output):
    """A job without its result, as in lists."""

    id: UUID
    kind: JobKind
    status: JobStatus
    progress: Annotated[float, Field(ge=0, le=1)]
    message: Annotated[str | None, Field(description="What it is doing.")]
    problem: JobProblem | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Job(JobSummary):
    """A job. `result` is there once it has succeeded; its shape depends on the kind."""

    result: dict[str, Any] | None


class JobPage(Page[JobSummary]):
    """A page of jobs, newest first."""


class JobQuery(PageQuery):
    status: Annotated[list[JobStatus], Field(max_length=5)] = []
    kind: Annotated[list[JobKind], Field(max_length=10)] = []
