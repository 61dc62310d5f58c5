"""Jobs in the database."""

from base64 import b64encode
from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.gateway import Row, Rows
from src.core.sorting import ordered
from src.jobs.schemas import Job, JobQuery
from src.vocabulary import JobKind


class JobSummaryRow(TypedDict):
    """A row of public.jobs without its result."""

    id: str
    kind: str
    status: str
    progress: float
    message: str | None
    problem: dict[str, str] | None
    created_at: str
    updated_at: str


SUMMARY_COLUMNS = ",".join(JobSummaryRow.__annotations__)
JOB_COLUMNS = f"{SUMMARY_COLUMNS},result"


class JobRepository:
    """The caller's own jobs."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: JobQuery) -> Rows:
        """A page of jobs, newest first."""
        jobs = self._db.table("jobs").select(SUMMARY_COLUMNS, count=CountMethod.exact).eq("user_id", self._db.user_id)
        if query.status:
            jobs = jobs.in_("status", query.status)
        if query.kind:
            jobs = jobs.in_("kind", query.kind)
        return await self._db.page(ordered(jobs, "-created_at").range(query.first, query.last))

    async def get(self, job_id: UUID) -> Row:
        """One job. Raises NotFound."""
        return await self._db.one(self._db.table("jobs").select(JOB_COLUMNS).eq("id", job_id))

    async def get_anew(self, job_id: UUID) -> Row:
        """One job, within a deadline of its own: a stream outlives the deadline of its request."""
        self._db.renew_deadline()
        return await self.get(job_id)

    async def enqueue(
        self,
        kind: JobKind,
        options: dict[str, Any],
        dedupe_key: str,
        attachment: bytes | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """The new job, the unfinished one with this `dedupe_key`, or the one that the `idempotency_key` has made.

        Raises Conflict when too many are under way.
        """
        self._db.renew_deadline()  # a file may have taken long to arrive
        wanted = {"kind": kind, "input": options, "dedupe_key": dedupe_key, "idempotency_key": idempotency_key}
        if attachment is not None:
            wanted["attachment"] = b64encode(attachment).decode()
        return parse_document(Job.model_validate, await self._db.call("enqueue_job", wanted))

    async def cancel(self, job_id: UUID) -> None:
        """Cancels a job. Raises NotFound, and Conflict when it is over."""
        await self._db.call_or_404("cancel_job", {"job_id": str(job_id)})


JobRepo = Annotated[JobRepository, injected(JobRepository)]
