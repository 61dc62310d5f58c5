"""Who follows a job is told when it changes: one question for all open streams of this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Depends, Request
from pydantic import TypeAdapter

from src.core.documents import Document, parse_document
from src.core.errors import AppError
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown

log = structlog.get_logger()

POLL_SECONDS: Final = 0.5
_MAX_POLL_SECONDS: Final = 2.0
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_MAX_JOBS: Final = 500  # in one question; PostgREST answers 1,000 rows

Find = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, datetime]]]


class Watch:
    """One stream that waits for its job to be another than the one that it has seen."""

    def __init__(self, job_id: UUID, seen: datetime) -> None:
        self.job_id = job_id
        self._seen: datetime | None = seen
        self._changed = asyncio.Event()

    def notice(self, updated_at: datetime | None) -> None:
        if updated_at != self._seen:
            self._seen = updated_at
            self._changed.set()

    def wake(self) -> None:
        self._changed.set()

    def forget(self) -> None:
        """For a stream that could not read what has changed: it is told again by the next question."""
        self._seen = _NEVER

    async def wait(self, seconds: float) -> bool:
        """Waits for a change, or for the server's end. Returns whether it came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class JobWatcher:
    """Asks for the changes of all watched jobs, twice a second and only while somebody watches.

    `find` says when each job changed last. It goes on when it fails, so that streams outlive an outage.
    """

    def __init__(self, find: Find, shutdown: Shutdown) -> None:
        self._find = find
        self._shutdown = shutdown
        self._watches: set[Watch] = set()
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, job_id: UUID, seen: datetime) -> Iterator[Watch]:
        watch = Watch(job_id, seen)
        self._watches.add(watch)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    async def aclose(self) -> None:
        if self._polling is not None:
            self._polling.cancel()

    async def _poll(self) -> None:
        pause = POLL_SECONDS
        while self._watches:
            if await self._shutdown.wait(pause):
                for watch in self._watches:
                    watch.wake()
                return
            try:
                await self._look()
            except AppError as error:
                log.warning("jobs not watched", code=error.code, streams=len(self._watches))
                pause = min(2 * pause, _MAX_POLL_SECONDS)
            else:
                pause = POLL_SECONDS

    async def _look(self) -> None:
        watches = list(self._watches)
        job_ids = list({watch.job_id for watch in watches})
        changes: dict[UUID, datetime] = {}
        for start in range(0, len(job_ids), _MAX_JOBS):
            changes |= await self._find(job_ids[start : start + _MAX_JOBS])
        for watch in watches:
            watch.notice(changes.get(watch.job_id))


class _JobChange(Document):
    id: UUID
    updated_at: datetime


_CHANGES = TypeAdapter(list[_JobChange])


def changes_with(gateway: ServiceGateway) -> Find:
    """With the secret key, because the jobs are many people's: it is told when, and never what."""

    async def find(job_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        rows = await gateway.call("job_changes", {"job_ids": [str(job_id) for job_id in job_ids]})
        return {row.id: row.updated_at for row in parse_document(_CHANGES.validate_python, rows)}

    return find


async def _watcher(request: Request) -> JobWatcher:
    return request.state.job_watcher  # type: ignore[no-any-return]  # Starlette's state is untyped; app.State is not


JobWatcherDep = Annotated[JobWatcher, Depends(_watcher)]
