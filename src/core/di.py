"""What every feature asks for, as dependencies, and how a class becomes one. Imports no feature."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from src.core.auth import Principal
from src.core.config import Settings
from src.core.gateway import UserGateway
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace


def injected(create: Callable[..., Any]) -> Any:
    """The dependency that calls `create`, mostly a class: its parameters are dependencies themselves.

    `Depends(create)` would do the same in a thread, as for everything that is not async: slower than all it does.
    """

    async def provide(**parameters: Any) -> Any:
        return create(**parameters)

    provide.__signature__ = inspect.signature(create)  # type: ignore[attr-defined]  # what FastAPI reads
    return Depends(provide)


async def _settings(request: Request) -> Settings:
    return request.state.settings  # type: ignore[no-any-return]  # Starlette's state is untyped; app.State is not


async def _principal(request: Request) -> Principal:
    # ApiRoute has authenticated before any dependency runs.
    return request.state.principal  # type: ignore[no-any-return]


async def _shutdown(request: Request) -> Shutdown:
    return request.state.shutdown  # type: ignore[no-any-return]


async def _trace(request: Request) -> Trace:
    return request.scope["trace"]  # type: ignore[no-any-return]


async def _user_gateway(request: Request) -> UserGateway:
    state = request.state
    return UserGateway(state.rest, state.settings, state.principal, request.scope["trace"])


async def _service_gateway(request: Request) -> ServiceGateway:
    return ServiceGateway(request.state.rest, request.state.settings, request.scope["trace"])


SettingsDep = Annotated[Settings, Depends(_settings)]
PrincipalDep = Annotated[Principal, Depends(_principal)]
ShutdownDep = Annotated[Shutdown, Depends(_shutdown)]
TraceDep = Annotated[Trace, Depends(_trace)]
UserGatewayDep = Annotated[UserGateway, Depends(_user_gateway)]
ServiceGatewayDep = Annotated[ServiceGateway, Depends(_service_gateway)]
"""The secret key: for cron tasks, which prove themselves with a secret of their own, and for removing an account."""
