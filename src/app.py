"""The application: what lives as long as the process, what surrounds a request, and which routers there are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TypedDict

from fastapi import FastAPI
from pyreqwest.client import Client
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from src.affinity.router import router as affinity_router
from src.ai.choice import running_provider
from src.ai.provider import Provider
from src.archive.router import router as archive_router
from src.auth.router import router as auth_router
from src.chat.router import router as chat_router
from src.core.auth import Authenticator
from src.core.cache import LIBRARY, SingleFlightCache
from src.core.config import Settings
from src.core.docs import install_docs
from src.core.errors import BadUpstream
from src.core.http_client import HttpClient, build_client
from src.core.jwks import JwksCache
from src.core.limits import Limits
from src.core.logging import configure_logging
from src.core.middleware import RequestMiddleware
from src.core.openapi import install_openapi, read_version
from src.core.rest import RestClient
from src.core.route import prefer_fixed_paths
from src.core.search import SearchIndex
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace
from src.cron.router import router as cron_router
from src.exercises.constraints import CONSTRAINTS as EXERCISE_CONSTRAINTS
from src.exercises.router import router as exercises_router
from src.exercises.schemas import Exercise
from src.foods.constraints import CONSTRAINTS as FOOD_CONSTRAINTS
from src.foods.router import router as foods_router
from src.foods.schemas import Food
from src.health.router import router as health_router
from src.health.service import DatabaseProbe
from src.imports.router import router as imports_router
from src.jobs.router import router as jobs_router
from src.jobs.watcher import JobWatcher, changes_with
from src.measurements.router import router as measurements_router
from src.memories.router import router as memories_router
from src.nutrition.router import router as nutrition_router
from src.plans.constraints import CONSTRAINTS as PLAN_CONSTRAINTS
from src.plans.meal_router import job_router as meal_plan_jobs_router
from src.plans.meal_router import router as meal_plans_router
from src.plans.router import router as plans_router
from src.stats.router import router as stats_router
from src.users.constraints import CONSTRAINTS as USER_CONSTRAINTS
from src.users.router import router as users_router
from src.workouts.router import router as workouts_router

ROUTERS = (
    health_router,
    auth_router,
    users_router,
    archive_router,
    exercises_router,
    foods_router,
    plans_router,
    meal_plans_router,
    meal_plan_jobs_router,
    workouts_router,
    imports_router,
    stats_router,
    measurements_router,
    nutrition_router,
    memories_router,
    affinity_router,
    chat_router,
    jobs_router,
    cron_router,
)

DESCRIPTION = """\
The backend of an AI fitness companion.

Sign in with Supabase Auth (`GET /api/v1/auth/public` says where) and send the access token as
`Authorization: Bearer <token>`. Every error is a problem document (RFC 9457). Every answer carries `X-Request-Id` and
`Server-Timing`, and says in `RateLimit` what is left; 429 has `Retry-After`. Times are RFC 3339 in UTC; quantities are
SI. Unknown fields and query parameters are rejected. JSON is UTF-8, nested 64 deep at most. A request that does not
arrive in time is 408, one with an address over 8 KiB 414, with headers over 32 KiB 431.

Versions follow SemVer: patch for documentation, minor for additions, major for anything that breaks a client.
"""

CONSTRAINTS = {**EXERCISE_CONSTRAINTS, **FOOD_CONSTRAINTS, **PLAN_CONSTRAINTS, **USER_CONSTRAINTS}

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
)
_RESPONSE_HEADERS = (
    "ETag",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "Server-Timing",
)


class State(TypedDict):
    """What the process holds and requests share; nothing in it belongs to one person."""

    settings: Settings
    rest: RestClient
    authenticator: Authenticator
    probe: DatabaseProbe
    exercise_library: SingleFlightCache[SearchIndex[Exercise]]
    food_library: SingleFlightCache[SearchIndex[Food]]
    ai: Provider
    shutdown: Shutdown
    job_watcher: JobWatcher


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. Production, tests and the contract's export all use this one."""
    configure_logging(settings)
    app = FastAPI(
        title="Slow Burn API",
        description=DESCRIPTION,
        version=read_version(),
        lifespan=_lifespan(settings),
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url=None,  # and no pages of FastAPI: src/core/docs.py has ours
    )
    app.middleware_stack = RequestMiddleware(app.router, Limits(settings), _cors(settings))
    install_openapi(app)
    install_docs(app)
    for router in ROUTERS:
        # Each router's paths are whole, so its routes join the app's own: one list to match, no nesting to walk.
        app.router.routes.extend(router.routes)
    prefer_fixed_paths(app.router.routes)
    return app


def _cors(settings: Settings) -> Callable[[ASGIApp], ASGIApp]:
    # Tokens travel in a header, never in a cookie, so no origin needs credentials.
    return partial(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=_METHODS,
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_RESPONSE_HEADERS,
        max_age=600,
    )


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        shutdown = Shutdown()
        async with _client_until(shutdown) as client, running_provider(settings) as ai:
            http = HttpClient(client, timeout=settings.data_budget_seconds)
            keys = JwksCache(lambda: _fetch_jwks(http, settings))
            warming = asyncio.create_task(keys.warm())
            rest = RestClient(http, CONSTRAINTS)
            watcher = JobWatcher(changes_with(ServiceGateway(rest, settings, Trace(None))), shutdown)
            yield State(
                settings=settings,
                rest=rest,
                authenticator=Authenticator(settings, keys),
                probe=DatabaseProbe(http, settings),
                exercise_library=SingleFlightCache("exercises", LIBRARY),
                food_library=SingleFlightCache("foods", LIBRARY),
                ai=ai,
                shutdown=shutdown,
                job_watcher=watcher,
            )
            warming.cancel()
            await watcher.aclose()
            await keys.aclose()

    return lifespan


@asynccontextmanager
async def _client_until(shutdown: Shutdown) -> AsyncIterator[Client]:
    with shutdown.on_signals(pass_on=True):
        async with build_client() as client:
            yield client


async def _fetch_jwks(http: HttpClient, settings: Settings) -> bytes:
    answer = await http.send("GET", settings.jwks_url, headers={"accept": "application/json"})
    if answer.status != 200:
        raise BadUpstream
    return answer.body
