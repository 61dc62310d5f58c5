"""Where a visitor lands, and whether we are well."""

from fastapi import Request, Response

from src.core.di import ProbeDep
from src.core.route import PUBLIC, api_router
from src.health.schemas import Alive, Readiness, Welcome

router = api_router(tags=["health"])


@router.get("/", operation_id="getWelcome", openapi_extra=PUBLIC)
async def get_welcome(request: Request) -> Welcome:
    """What this is, and where its documentation is."""
    return Welcome(message="Welcome to Slow Burn API", version=request.app.version, docs="/docs")


@router.get("/health", operation_id="getHealth", openapi_extra=PUBLIC)
async def get_health() -> Alive:
    """Whether the process answers. Asks nothing else."""
    return Alive(status="healthy")


@router.get(
    "/api/health",
    operation_id="getReadiness",
    openapi_extra=PUBLIC,
    responses={503: {"model": Readiness, "description": "The database does not answer."}},
)
async def get_readiness(probe: ProbeDep, response: Response) -> Readiness:
    """Whether the database answers: a real round trip, made at most once a second."""
    readiness = await probe.readiness()
    response.status_code = 200 if readiness.status == "ok" else 503
    return readiness
