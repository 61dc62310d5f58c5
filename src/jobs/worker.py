"""Taking jobs and seeing them through: leases, heartbeats, retries. What a job does is its handler's business.

A worker may end at any moment. Its job is then taken again once the lease is over, so handlers do their work in steps
that can be repeated; and a worker that was thought dead is refused by the database (public.held_job).
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from src.ai.provider import Provider
from src.core.errors import AppError, Conflict
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.vocabulary import JobKind

log = structlog.get_logger()

LEASE_SECONDS = 60
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 1.0
AT_ONCE = 2
SAY_EVERY_SECONDS = 1.0


class JobFailed(Exception):
    """The job cannot succeed, however often it is tried: the message is for its owner."""


@dataclass
class HeldJob:
    """A job that this worker holds. Raises Conflict from any call once it does not any more."""

    gateway: ServiceGateway
    id: str
    attempt: int
    person: str
    options: dict[str, Any]
    attachment: bytes
    ai: Provider
    _said: str | None = None
    _said_at: float = 0.0

    async def call(self, function: str, **params: Any) -> Any:
        """A function of the database that works for this job, while it is held."""
        return await self.gateway.call(function, {"job_id": self.id, "attempt": self.attempt, **params})

    async def progress(self, done: float, message: str | None = None) -> None:
        """Tells the owner how far it is, 0 to 1; the same message at most once a second, another one at once."""
        if message != self._said or time.monotonic() - self._said_at >= SAY_EVERY_SECONDS:
            self._said, self._said_at = message, time.monotonic()
            await self.call("heartbeat_job", lease_seconds=LEASE_SECONDS, progress=done, message=message)


JobHandler = Callable[[HeldJob], Awaitable[dict[str, Any]]]
"""Does a job and gives its result. Raises JobFailed; after any other error the job is tried again."""


class Worker:
    """Works until it is asked to stop; `handlers` says what to do for each kind of job."""

    def __init__(
        self, gateway: ServiceGateway, handlers: Mapping[JobKind, JobHandler], shutdown: Shutdown, ai: Provider
    ) -> None:
        self._gateway = gateway
        self._ai = ai
        self._handlers = handlers
        self._shutdown = shutdown
        self._working: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claims and works. Jobs that are under way when it is asked to stop are given back."""
        while not self._shutdown.asked:
            if not await self._claimed_any():
                await self._shutdown.within(POLL_SECONDS)
        for working in self._working:
            working.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def run_waiting(self) -> int:
        """Works off what waits, and returns how many jobs that were. Raises AppError when it cannot ask for them."""
        worked = 0
        while claimed := await self._claim():
            worked += claimed
            await asyncio.gather(*self._working)
        return worked

    async def _claimed_any(self) -> bool:
        try:
            return await self._claim() > 0
        except AppError as error:
            log.warning("claim failed", error=error.code)
            return False

    async def _claim(self) -> int:
        free = AT_ONCE - len(self._working)
        if free == 0:
            await asyncio.wait(self._working, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return 1
        rows = await self._gateway.call("claim_jobs", {"most": free, "lease_seconds": LEASE_SECONDS})
        for row in rows:
            task = asyncio.create_task(self._work(row))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return len(rows)

    async def _work(self, row: dict[str, Any]) -> None:
        attachment = bytes.fromhex((row["attachment"] or "\\x").removeprefix("\\x"))
        job = HeldJob(self._gateway, row["id"], row["attempts"], row["user_id"], row["input"], attachment, self._ai)
        started = time.monotonic()
        outcome = await self._outcome(job, self._handlers[JobKind(row["kind"])])
        seconds = round(time.monotonic() - started, 2)
        log.info("job", job_id=job.id, kind=row["kind"], attempt=job.attempt, outcome=outcome, seconds=seconds)

    async def _outcome(self, job: HeldJob, handle: JobHandler) -> str:
        try:
            return await self._see_through(job, handle)
        except Conflict:
            return "lost"  # cancelled, or taken over
        except AppError as error:
            # The lease will end by itself.
            log.warning("job left", job_id=job.id, error=error.code)
            return "left"
        except asyncio.CancelledError:
            with contextlib.suppress(AppError):
                await job.call("release_job")
            return "released"

    async def _see_through(self, job: HeldJob, handle: JobHandler) -> str:
        try:
            async with _heartbeat(job):
                result = await handle(job)
        except JobFailed as failure:
            await job.call("fail_job", problem=_problem("job_failed", "Job failed", str(failure)), again=False)
            return "failed"
        except Conflict:
            raise
        except AppError as error:
            log.warning("job failed for now", job_id=job.id, error=error.code, detail=error.detail)
            await job.call("fail_job", problem=_problem(error.code, error.title, error.detail), again=True)
            return "again"
        except Exception:
            log.exception("job crashed", job_id=job.id)
            problem = _problem("internal_error", "Internal error", "Something went wrong on our side.")
            await job.call("fail_job", problem=problem, again=True)
            return "again"
        await job.call("finish_job", result=result)
        return "succeeded"


def _problem(code: str, title: str, detail: str) -> dict[str, str]:
    return {"code": code, "title": title, "detail": detail}


@contextlib.asynccontextmanager
async def _heartbeat(job: HeldJob) -> Any:
    """Renews the lease while the block works; when the job is lost, the block ends with Conflict."""
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
