"""How every route begins: who asks, with which query parameters, and how much, before the body is read."""

import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.core.auth import Authenticator
from src.core.endpoint import Endpoint
from src.core.errors import (
    AppError,
    FieldError,
    PayloadTooLarge,
    RefusedBody,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from src.core.json_limits import parse_body
from src.core.limits import LIMIT_MARK, READS, WRITES, Admission
from src.core.trace import Trace

PUBLIC: dict[str, Any] = {"security": []}
"""`openapi_extra` of a route that needs no token: the contract and the behaviour come from this one mark."""

MAX_BODY_BYTES = 1024 * 1024

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """Authenticates, unless the route is PUBLIC; rejects unknown query parameters and bodies over 1 MiB."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = self._plain_app() if Endpoint.can_serve(self) else _with_exit_stack(self.app)

    def get_route_handler(self) -> Handler:
        return self._guarded(super().get_route_handler())

    def _plain_app(self) -> ASGIApp:
        handle = self._guarded(Endpoint(self))

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await handle(Request(scope, receive))
            await response(scope, receive, send)

        return app

    def _guarded(self, handle: Handler) -> Handler:
        known = frozenset(_query_names(self.dependant))
        extra = self.openapi_extra or {}
        public = extra.get("security") == []
        limit = extra.get(LIMIT_MARK) or (READS if self.methods == {"GET"} else WRITES)
        has_body = self.body_field is not None

        async def guarded(request: Request) -> Response:
            if public:
                await request.scope["admission"].admit_stranger()
            else:
                await _admit(request, limit)
            if request.scope["query_string"]:
                _reject_unknown(request, known)
            return await handle(_limited(request) if has_body else request)

        return guarded


def _with_exit_stack(app: ASGIApp) -> ASGIApp:
    """FastAPI's own handlers find this stack in the scope; its middleware, which we go without, puts it there."""

    async def with_stack(scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            scope["fastapi_middleware_astack"] = stack
            await app(scope, receive, send)

    return with_stack


def api_router(prefix: str = "", *, tags: list[str]) -> APIRouter:
    """A router whose routes are ApiRoutes."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=ApiRoute)


def prefer_fixed_paths(routes: Sequence[BaseRoute]) -> None:
    """Takes paths such as /plans/generate out of /plans/{plan_id}, which would find another method's id wrong: 405."""
    api_routes = [route for route in routes if isinstance(route, APIRoute)]
    for route in api_routes:
        fixed = {
            re.sub(r"\?P<\w+>", "", other.path_regex.pattern.removeprefix("^"))
            for other in api_routes
            if other.path.count("{") < route.path.count("{") and route.path_regex.match(other.path)
        }
        if fixed:
            excluded = "|".join(sorted(fixed))
            route.path_regex = re.compile(f"^(?!{excluded}){route.path_regex.pattern.removeprefix('^')}")


async def _admit(request: Request, limit: str) -> None:
    admission: Admission = request.scope["admission"]
    try:
        await _authenticate(request)
    except Unauthenticated:
        await admission.admit_stranger()
        raise
    await admission.admit_person(str(request.state.principal.id), limit)


async def _authenticate(request: Request) -> None:
    trace: Trace = request.scope["trace"]
    authenticator: Authenticator = request.state.authenticator
    with trace.span("auth"):
        principal = await authenticator.authenticate(request.headers.get("authorization"))
    trace.set_user(str(principal.id))
    request.state.principal = principal


def _reject_unknown(request: Request, known: frozenset[str]) -> None:
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise ValidationFailed(errors=[_unknown_parameter(name) for name in unknown])


class _JsonRequest(Request):
    """A request whose document is looked at before it is parsed."""

    async def json(self) -> Any:
        try:
            _check_charset(self)
            return parse_body(await self.body())
        except AppError as error:
            raise RefusedBody(error) from error


def _check_charset(request: Request) -> None:
    charset = request.headers.get("content-type", "").lower().partition("charset=")[2].partition(";")[0]
    if charset.strip(' "') not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType("Send the body in UTF-8.")


def _limited(request: Request) -> Request:
    """The request with a body that may not pass the limit, whether it says its length or comes in chunks.

    Ours and not Starlette's, which answers in plain text, past the error handlers.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES:
        raise PayloadTooLarge
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise RefusedBody(PayloadTooLarge())
        return message

    return _JsonRequest(request.scope, receive)


def _unknown_parameter(name: str) -> FieldError:
    return {"loc": ["query", name], "message": "is not a known query parameter", "type": "extra_forbidden"}


def _query_names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias or name for name, field in model.model_fields.items())
        else:
            yield parameter.alias
    for nested in dependant.dependencies:
        yield from _query_names(nested)
