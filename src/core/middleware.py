"""Around every request, in one layer: an id, timing, headers, one log line, and an answer to whatever was raised."""

from collections.abc import Callable

import structlog
from fastapi import APIRouter, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.core.errors import AppError
from src.core.limits import Admission, Limits
from src.core.problems import error_response, problem_response
from src.core.route_index import RouteIndex
from src.core.trace import Trace

log = structlog.get_logger()

Headers = list[tuple[bytes, bytes]]

_SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
]
_API_HEADERS = [*_SECURITY_HEADERS, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
# Both pages write styles as they go, and Redoc searches in a worker that it makes; nothing comes from elsewhere.
_DOCS_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCS_HEADERS = [*_SECURITY_HEADERS, (b"content-security-policy", _DOCS_POLICY)]
_DOCS = frozenset({"/docs", "/redoc"})


class RequestMiddleware:
    """In place of FastAPI's and Starlette's own layers, which cost more together than a route does.

    `cors` wraps what it is given in CORS; only requests with an Origin go through it.
    """

    def __init__(self, router: APIRouter, limits: Limits, cors: Callable[[ASGIApp], ASGIApp]) -> None:
        self._router = router
        self._limits = limits
        self._routes = RouteIndex(router)
        self._with_cors = cors(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        # The first of each name, as Starlette reads them.
        sent = dict(reversed(scope["headers"]))
        trace = scope["trace"] = Trace(sent.get(b"x-request-id", b"").decode("latin-1"))
        has_origin = b"origin" in sent

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                message["headers"] = headers = list(message.get("headers", ()))
                if not has_origin:
                    headers.append((b"vary", b"Origin"))
                _add_headers(headers, scope["path"], trace)
                if "admission" in scope:
                    scope["admission"].add_headers(headers)
            await send(message)

        try:
            await (self._with_cors if has_origin else self._answer)(scope, receive, send_with_headers)
        finally:
            _log_request(scope, trace)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Limits are inside of CORS, so that a browser lets the app read why it was refused.
        admission: Admission | None = None
        try:
            admission = await self._limits.enter(scope)
            app = self._routes.find(scope)
            if app is None:
                # No route will count it.
                await admission.count_late()
            await (app or self._router)(scope, receive, send)
        except Exception as error:  # the last place that can turn it into an answer
            trace: Trace = scope["trace"]
            response = error_response(error, Request(scope))
            if response is None:
                log.exception("crash", request_id=trace.request_id)
                response = problem_response(AppError(), path=scope["path"], trace=trace)
            if trace.status:
                raise
            await response(scope, receive, send)
        finally:
            if admission is not None:
                admission.leave()


def _add_headers(headers: Headers, path: str, trace: Trace) -> None:
    # Raw pairs: setting names one by one would search the list again for each.
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    headers.append((b"x-request-id", trace.request_id.encode()))
    headers.append((b"server-timing", trace.server_timing().encode()))
    headers.extend(_DOCS_HEADERS if path in _DOCS else _API_HEADERS)


def _log_request(scope: Scope, trace: Trace) -> None:
    """Never a token, a body, a query or an email: the template of the path, not the path."""
    route = scope.get("route")
    log.info(
        "request",
        request_id=trace.request_id,
        method=scope["method"],
        route=getattr(route, "path", None),
        status=trace.status,
        duration_ms=round(trace.elapsed_ms, 1),
        upstream_ms=round(trace.spans.get("db", 0.0) * 1000, 1),
        user=trace.user,
    )
