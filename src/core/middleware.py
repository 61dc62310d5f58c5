"""What happens around every request: an id, timing, security headers, one log line, and no crash that leaves no answer."""

from collections.abc import Sequence

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.core.errors import AppError
from src.core.problems import problem_response
from src.core.trace import Trace

log = structlog.get_logger()

_SECURITY_HEADERS: Sequence[tuple[str, str]] = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
)
_API_CSP = "default-src 'none'; frame-ancestors 'none'"
# The interactive documentation loads its script and style from where FastAPI says.
_DOCS_CSP = "frame-ancestors 'none'"
_DOCS = frozenset({"/docs", "/redoc"})


class RequestTrace:
    """Outermost: gives the request its Trace, the answer its common headers, and the log its line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = scope["trace"] = Trace(Headers(scope=scope).get("x-request-id"))
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), scope["path"], trace)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _log_request(scope, trace, status)


def _add_headers(headers: MutableHeaders, path: str, trace: Trace) -> None:
    headers["X-Request-Id"] = trace.request_id
    headers["Server-Timing"] = trace.server_timing()
    for name, value in _SECURITY_HEADERS:
        headers[name] = value
    headers["Content-Security-Policy"] = _DOCS_CSP if path in _DOCS else _API_CSP
    headers.setdefault("Cache-Control", "no-store")


def _log_request(scope: Scope, trace: Trace, status: int) -> None:
    """Never a token, a body, a query or an email: the template of the path, not the path."""
    route = scope.get("route")
    log.info(
        "request",
        request_id=trace.request_id,
        method=scope["method"],
        route=getattr(route, "path", None),
        status=status,
        duration_ms=round(trace.elapsed_ms, 1),
        upstream_ms=round(trace.spans.get("db", 0.0) * 1000, 1),
        user=trace.user,
    )


class CrashGuard:
    """Innermost: whatever no handler knew becomes a problem document, with the traceback in the log alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:  # noqa: BLE001  # the last place that can turn it into an answer
            log.exception("crash", request_id=scope["trace"].request_id)
            if started:
                raise
            await problem_response(AppError(), path=scope["path"], trace=scope["trace"])(scope, receive, send)
