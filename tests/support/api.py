"""The application in the test's own process, with its lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from src.app import create_app
from src.core.config import Settings

# How long a server of ours waits for another one, in seconds. On a slow machine nothing is too late for a test that is
# not about lateness; those that are (marked `hasty`) have a model that says nothing, and see soon what comes of it.
PATIENT = {"data_budget_seconds": 60.0, "ai_budget_seconds": 60.0, "ai_first_event_seconds": 60.0}
HASTY = {"ai_budget_seconds": 4.0, "ai_first_event_seconds": 2.5}


class Api:
    """A running application: `asgi` to call, `app` to look at."""

    def __init__(self, app: FastAPI, state: dict[str, Any]) -> None:
        self.app = app
        self.state = state

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        # httpx's transport does not know lifespan state, which a server adds to each request.
        await self.app({**scope, "state": dict(self.state)}, receive, send)

    def transport(self) -> httpx.ASGITransport:
        app: ASGIApp = self.asgi
        return httpx.ASGITransport(app)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Api]:
    """The application for these settings, started and stopped."""
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        yield Api(app, dict(state or {}))
