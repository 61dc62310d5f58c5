"""Where a visitor lands, and whether we are well."""

from fastapi import Request, Response

from src.ai.choice import provider_state
from src.ai.provider import AiDep
from src.core.route import PUBLIC, api_router
from src.health.schemas import Alive, Readiness, Welcome
from src.health.service import ProbeDep

router = api_router(tags=["health"])


@router.get("/", operation_id="getWelcome", openapi_extra=PUBLIC)
async def get_welcome(request: Request) -> Welcome:
    """What this is, and where its documentation is."""
    return Welcome(message="Welcome to Slow Burn API", version=request.app.version, docs="/docs")


# HEAD, too: many monitors ask with it.
@router.head("/health", include_in_schema=False, openapi_extra=PUBLIC)
@router.get("/health", operation_id="getHealth", openapi_extra=PUBLIC)
async def get_health() -> Alive:
    """Whether the process answers. Asks nothing else."""
    return Alive(status="healthy")


@router.head("/api/health", include_in_schema=False, openapi_extra=PUBLIC)
@router.get(
    "/api/health",
    operation_id="getReadiness",
    openapi_extra=PUBLIC,
    responses={503: {"model": Readiness, "description": "The database does not answer."}},
)
async def get_readiness(probe: ProbeDep, ai: AiDep, response: Response) -> Readiness:
    """Whether the database answers: a real round trip, made at most once a second. And which model answers people."""
    database = await probe.state()
    response.status_code = 200 if database.connected else 503
    return Readiness(
        status="ok" if database.connected else "error",
        database="connected" if database.connected else "unreachable",
        ai=provider_state(ai),
        timestamp=database.asked_at,
    )
