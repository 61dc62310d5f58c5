"""The leases of the jobs that a worker runs: all renewed in one request. A job that is held no more is stopped."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import structlog

from src.core.errors import AppError, Conflict
from src.core.service_gateway import ServiceGateway

log = structlog.get_logger()

LEASE_SECONDS: Final = 60
CHECK_SECONDS: Final = 0.5


class LeaseKeeper:
    """Asks twice a second whether the jobs are still held, so that a cancelled one stops within a second."""

    def __init__(self, gateway: ServiceGateway) -> None:
        self._gateway = gateway
        self._held: dict[str, tuple[int, asyncio.Task[Any]]] = {}
        self._lost: set[str] = set()

    @contextlib.asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Keeps leases while the block runs."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    @contextlib.contextmanager
    def held(self, job_id: str, attempt: int) -> Iterator[None]:
        """Holds the job while the block runs. The block ends with Conflict when the lease is lost."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # it is called in a coroutine
        self._held[job_id] = attempt, task
        try:
            yield
        except asyncio.CancelledError:
            if job_id in self._lost:
                raise Conflict from None
            raise
        finally:
            self._lost.discard(job_id)
            del self._held[job_id]

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self._held:
                await self._check()

    async def _check(self) -> None:
        attempts = {job_id: attempt for job_id, (attempt, _) in self._held.items()}
        try:
            lost = await self._gateway.call("renew_leases", {"held": attempts, "lease_seconds": LEASE_SECONDS})
        except AppError as error:
            # Not known is not lost: the database refuses what a worker does without a lease.
            log.warning("leases not renewed", error=error.code)
            return
        for job_id in lost:
            attempt, task = self._held.get(job_id, (0, None))
            if task and attempt == attempts[job_id] and job_id not in self._lost:
                self._lost.add(job_id)
                task.cancel()
