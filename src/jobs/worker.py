"""Claims jobs and runs them, and tries them again. What a job does is its handler's business.

A worker may end at any moment. Another one claims its job when the lease is over, so handlers work in steps that can be
repeated; and the database refuses a worker whose lease is over (private.assert_lease).
"""

import asyncio
import contextlib
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
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
from src.jobs.leases import LEASE_SECONDS, LeaseKeeper
from src.vocabulary import JobKind

log = structlog.get_logger()

POLL_SECONDS = 1.0
MAX_CONCURRENT_JOBS = 2
PROGRESS_EVERY_SECONDS = 1.0


class JobFailed(Exception):
    """The job cannot succeed, however often it is tried: the message is for its owner."""


class ClaimedRow(Document):
    """A row that public.claim_jobs answers."""

    id: str
    kind: str
    attempts: int
    user_id: str
    input: dict[str, Any]


_CLAIMED_ROWS = TypeAdapter(list[ClaimedRow])


@dataclass
class ClaimedJob:
    """A job that this worker has a lease on. Every call raises Conflict once the lease is lost."""

    gateway: ServiceGateway
    id: str
    attempt: int
    user_id: str
    options: dict[str, Any]
    ai: Provider
    _turn: asyncio.Lock
    _last_message: str | None = None
    _last_progress_at: float = 0.0

    async def call(self, function: str, **params: Any) -> Any:
        """Calls a SQL function that works for this job and checks the lease."""
        return await self.gateway.call(function, {"job_id": self.id, "attempt": self.attempt, **params})

    async def attachment(self) -> bytes:
        """The file to work on. Ask once and pass it on: it is large. Only one of a worker's jobs asks at a time."""
        async with self._turn:
            return b64decode(await self.call("job_attachment") or "")

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
        self._leases = LeaseKeeper(gateway)
        self._running: set[asyncio.Task[None]] = set()
        self._attachment_turn = asyncio.Lock()

    async def run(self) -> None:
        """Claims and runs jobs. Those that are under way when it is asked to stop are released for another worker."""
        async with self._leases.keeping():
            while not self._shutdown.is_requested:
                if not await self._try_to_claim():
                    await self._shutdown.wait(POLL_SECONDS)
            for running in self._running:
                running.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def drain(self) -> int:
        """Runs all jobs that wait, and returns how many. Raises AppError when it cannot claim."""
        count = 0
        async with self._leases.keeping():
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
        # While a version is rolled out, there are jobs of kinds that only the other one knows.
        kinds = list(self._handlers)
        rows = await self._gateway.call(
            "claim_jobs", {"max_jobs": free, "lease_seconds": LEASE_SECONDS, "kinds": kinds}
        )
        claimed = parse_document(_CLAIMED_ROWS.validate_python, rows)
        for row in claimed:
            running = asyncio.create_task(self._run_job(row))
            self._running.add(running)
            running.add_done_callback(self._running.discard)
        return len(claimed)

    async def _run_job(self, row: ClaimedRow) -> None:
        job = ClaimedJob(self._gateway, row.id, row.attempts, row.user_id, row.input, self._ai, self._attachment_turn)
        started = time.monotonic()
        outcome = await self._outcome(job, self._handlers[JobKind(row.kind)])
        seconds = round(time.monotonic() - started, 2)
        log.info("job", job_id=job.id, kind=row.kind, attempt=job.attempt, outcome=outcome, seconds=seconds)

    async def _outcome(self, job: ClaimedJob, handle: JobHandler) -> str:
        try:
            return await self._handle(job, handle)
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

    async def _handle(self, job: ClaimedJob, handle: JobHandler) -> str:
        try:
            with self._leases.held(job.id, job.attempt):
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
