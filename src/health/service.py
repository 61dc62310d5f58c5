"""Asks the database whether it is there, at most once a second however many ask us."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from src.core.config import Settings
from src.core.errors import AppError
from src.core.http_client import HttpClient

ASK_EVERY_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0
PERMISSION_DENIED = b'"42501"'


class DatabaseState(NamedTuple):
    connected: bool
    asked_at: datetime


class DatabaseProbe:
    """A real round trip, as the anonymous role, which may see nothing: Postgres itself says so (42501), and that is
    the sign of life. So no one needs a right that is there for health checks alone."""

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        self._http = http
        self._url = f"{settings.rest_url}/users?select=id&limit=1"
        self._headers = {"apikey": settings.supabase_publishable_key}
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._last: DatabaseState | None = None

    async def state(self) -> DatabaseState:
        """The state of the database, a second old at most. Callers at the same time share one question."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._asked_at >= ASK_EVERY_SECONDS:
                self._last = await self._ask()
                self._asked_at = time.monotonic()
            return self._last

    async def _ask(self) -> DatabaseState:
        deadline = time.perf_counter() + TIMEOUT_SECONDS
        try:
            answer = await self._http.send("GET", self._url, headers=self._headers, deadline=deadline)
            connected = PERMISSION_DENIED in answer.body
        except AppError:
            connected = False
        return DatabaseState(connected, datetime.now(UTC))


async def _probe(request: Request) -> DatabaseProbe:
    return request.state.probe  # type: ignore[no-any-return]  # Starlette's state is untyped; app.State is not


ProbeDep = Annotated[DatabaseProbe, Depends(_probe)]
