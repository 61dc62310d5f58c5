"""Claims jobs and runs them: leases, heartbeats, retries. What a job does is its handler's business.

A worker may end at any moment. Another one claims its job when the lease is over, so handlers work in steps that can be
repeated; and the database refuses a worker whose lease is over (private.assert_lease).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import TypeAdapter

from src.ai.provider import Provider
from src.core.child_process import InputRefused
from src.core.documents import Document, parse_document
from src.core.errors import AppError, Conflict
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.vocabulary import JobKind

log = structlog.get_logger()

LEASE_SECONDS = 60
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 1.0
MAX_CONCURRENT_JOBS = 2
PROGRESS_EVERY_SECONDS = 1.0


class JobFailed(Exception):
    """The job cannot succeed, however often it is tried: the message is for its owner."""


class ClaimedRow(Document):
    """A row that public.claim_jobs answers. `attachment` is what Postgres writes for bytea, in hexadecimal."""

    id: str
    kind: str
    attempts: int
    user_id: str
    input: dict[str, Any]
    attachment: str | None


_CLAIMED_ROWS = TypeAdapter(list[ClaimedRow])


@dataclass
class ClaimedJob:
    """A job that this worker has a lease on. Every call raises Conflict once the lease is lost."""

    gateway: ServiceGateway
    id: str
    attempt: int
    user_id: str
    options: dict[str, Any]
    attachment: bytes
    ai: Provider
    _last_message: str | None = None
    _last_progress_at: float = 0.0

    async def call(self, function: str, **params: Any) -> Any:
        """Calls a SQL function that works for this job and checks the lease."""
        return await self.gateway.call(function, {"job_id": self.id, "attempt": self.attempt, **params})

    async def progress(self, done: float, message: str | None = None) -> None:
        """Tells the owner how far it is, 0 to 1: at most once a second, but a new message at once."""
        now = time.monotonic()
        if message != self._last_message or now - self._last_progress_at >= PROGRESS_EVERY_SECONDS:
            self._last_message, self._last_progress_at = message, now
            await self.call("heartbeat_job", lease_seconds=LEASE_SECONDS, progress=done, message=message)


JobHandler = Callable[[ClaimedJob], Awaitable[dict[str, Any]]]
"""Does a job and returns its result. Raises JobFailed or InputRefused; after any other error the job is tried again."""


class Worker:
    """Works until it is asked to stop; `handlers` says what to do for each kind of job."""

    def __init__(
        self, gateway: ServiceGateway, handlers: Mapping[JobKind, JobHandler], shutdown: Shutdown, ai: Provider
    ) -> None:
        self._gateway = gateway
        self._ai = ai
        self._handlers = handlers
        self._shutdown = shutdown
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claims and runs jobs. Those that are under way when it is asked to stop are released for another worker."""
        while not self._shutdown.is_requested:
            if not await self._try_to_claim():
                await self._shutdown.wait(POLL_SECONDS)
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def drain(self) -> int:
        """Runs all jobs that wait, and returns how many. Raises AppError when it cannot claim."""
        count = 0
        while claimed := await self._claim():
            count += claimed
            await asyncio.gather(*self._running)
        return count

    async def _try_to_claim(self) -> bool:
        try:
            return await self._claim() > 0
        except AppError as error:
            log.warning("claim failed", error=error.code)
            return False

    async def _claim(self) -> int:
        free = MAX_CONCURRENT_JOBS - len(self._running)
        if free == 0:
            await asyncio.wait(self._running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return 1
        rows = await self._gateway.call("claim_jobs", {"max_jobs": free, "lease_seconds": LEASE_SECONDS})
        claimed = parse_document(_CLAIMED_ROWS.validate_python, rows)
        for row in claimed:
            running = asyncio.create_task(self._run_job(row))
            self._running.add(running)
            running.add_done_callback(self._running.discard)
        return len(claimed)

    async def _run_job(self, row: ClaimedRow) -> None:
        attachment = bytes.fromhex((row.attachment or "").removeprefix("\\x"))
        job = ClaimedJob(self._gateway, row.id, row.attempts, row.user_id, row.input, attachment, self._ai)
        started = time.monotonic()
        outcome = await self._outcome(job, self._handlers[JobKind(row.kind)])
        seconds = round(time.monotonic() - started, 2)
        log.info("job", job_id=job.id, kind=row.kind, attempt=job.attempt, outcome=outcome, seconds=seconds)

    async def _outcome(self, job: ClaimedJob, handle: JobHandler) -> str:
        try:
            return await _handle(job, handle)
        except Conflict:
            return "lease_lost"  # cancelled, or claimed by another worker
        except AppError as error:
            # The lease ends by itself.
            log.warning("job abandoned", job_id=job.id, error=error.code)
            return "abandoned"
        except asyncio.CancelledError:
            with contextlib.suppress(AppError):
                await job.call("release_job")
            return "released"


async def _handle(job: ClaimedJob, handle: JobHandler) -> str:
    try:
        async with _heartbeat(job):
            result = await handle(job)
    except (JobFailed, InputRefused) as failure:
        return await _fail(job, _problem("job_failed", "Job failed", str(failure)), is_retryable=False)
    except Conflict:
        raise
    except AppError as error:
        log.warning("job failed for now", job_id=job.id, error=error.code, detail=error.detail)
        return await _fail(job, _problem(error.code, error.title, error.detail), is_retryable=True)
    except Exception:
        log.exception("job crashed", job_id=job.id)
        problem = _problem("internal_error", "Internal error", "Something went wrong on our side.")
        return await _fail(job, problem, is_retryable=True)
    await job.call("finish_job", result=result)
    return "succeeded"


async def _fail(job: ClaimedJob, problem: dict[str, str], *, is_retryable: bool) -> str:
    await job.call("fail_job", problem=problem, retryable=is_retryable)
    return "retry" if is_retryable else "failed"


def _problem(code: str, title: str, detail: str) -> dict[str, str]:
    return {"code": code, "title": title, "detail": detail}


@contextlib.asynccontextmanager
async def _heartbeat(job: ClaimedJob) -> AsyncIterator[None]:
    """Renews the lease while the block runs. The block ends with Conflict when the lease is lost."""
    owner = asyncio.current_task()
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await job.call("heartbeat_job", lease_seconds=LEASE_SECONDS, progress=0, message=None)
            except Conflict:
                lost = True
                if owner is not None:
                    owner.cancel()
                return
            except AppError as error:
                log.warning("heartbeat failed", job_id=job.id, error=error.code)

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise Conflict from None
        raise
    finally:
        beating.cancel()
