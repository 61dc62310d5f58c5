"""Around every request: an id, timing, security headers, one log line, and an answer even to a crash."""

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.core.errors import AppError
from src.core.limits import Admission, Limits
from src.core.problems import problem_response
from src.core.trace import Trace

log = structlog.get_logger()

_SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
]
_API_HEADERS = [*_SECURITY_HEADERS, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
# The interactive documentation loads its script and style from where FastAPI says.
_DOCS_HEADERS = [*_SECURITY_HEADERS, (b"content-security-policy", b"frame-ancestors 'none'")]
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
                message["headers"] = headers = list(message.get("headers", ()))
                _add_headers(headers, scope["path"], trace)
                if "admission" in scope:
                    scope["admission"].add_headers(headers)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _log_request(scope, trace, status)


def _add_headers(headers: list[tuple[bytes, bytes]], path: str, trace: Trace) -> None:
    # Raw pairs: setting names one by one would search the list again for each.
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    headers.append((b"x-request-id", trace.request_id.encode()))
    headers.append((b"server-timing", trace.server_timing().encode()))
    headers.extend(_DOCS_HEADERS if path in _DOCS else _API_HEADERS)


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
    """Innermost: keeps the limits, and makes a problem document of whatever no handler knew, its traceback in the log.

    Inside of CORS, so that a browser lets the app read why it was refused.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        admission: Admission | None = None

        async def watch(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if admission is not None and not admission.counted:
                    await admission.count_late()
            await send(message)

        try:
            admission = await self._limits.enter(scope)
            await self._app(scope, receive, watch)
        except AppError as refusal:
            await problem_response(refusal, path=scope["path"], trace=scope["trace"])(scope, receive, send)
        except Exception:  # the last place that can turn it into an answer
            log.exception("crash", request_id=scope["trace"].request_id)
            if started:
                raise
            await problem_response(AppError(), path=scope["path"], trace=scope["trace"])(scope, receive, send)
        finally:
            if admission is not None:
                admission.leave()
