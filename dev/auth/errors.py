"""Errors in the platform's two shapes, chosen by the caller's `X-Supabase-Api-Version`.

Without that header: `{"code": 422, "error_code": "weak_password", "msg": "…"}`. From version 2024-01-01 on
(what supabase-js and supabase-py ask for): `{"code": "weak_password", "message": "…"}`, and the version is
echoed in a header.
"""

import logging
import re

import asyncpg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

API_VERSION = "2024-01-01"
_VERSION_HEADER = "X-Supabase-Api-Version"
_log = logging.getLogger("dev.auth")


class AuthError(Exception):
    """A refusal: HTTP status, the platform's error code, a sentence, and for a weak password the reasons."""

    def __init__(self, status: int, code: str, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.reasons = reasons


def invalid(message: str, status: int = 400) -> AuthError:
    """The request is well-formed and its content is not acceptable."""
    return AuthError(status, "validation_failed", message)


def email_taken() -> AuthError:
    return AuthError(422, "email_exists", "A user with this email address has already been registered")


def respond(request: Request, error: AuthError, headers: dict[str, str] | None = None) -> Response:
    """The error as the caller's API version wants it."""
    asked = request.headers.get(_VERSION_HEADER, "")
    modern = re.fullmatch(r"\d{4}-\d{2}-\d{2}", asked) is not None and asked >= API_VERSION
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if not modern:
        body = {"code": error.status, "error_code": error.code, "msg": error.message}
    if error.reasons:
        body["weak_password"] = {"reasons": list(error.reasons)}
    answer = JSONResponse(body, error.status, {**(headers or {}), "x-sb-error-code": error.code})
    if modern:
        answer.headers[_VERSION_HEADER] = API_VERSION
    return answer


async def on_auth_error(request: Request, error: Exception) -> Response:
    """Handler of AuthError."""
    assert isinstance(error, AuthError)  # noqa: S101  # Starlette types handlers for any exception
    return respond(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Handler of the router's own 404 and 405, which the platform does not answer in its shape."""
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette types handlers for any exception
    code = "not_found" if error.status_code == 404 else "method_not_allowed"
    message = f"The auth service has no {request.method} {request.scope['path'].removeprefix('/auth/v1')}."
    return respond(request, AuthError(error.status_code, code, message), dict(error.headers or {}))


async def on_database_error(request: Request, error: Exception) -> Response:
    """Handler of what Postgres refuses or fails at. The log gets its state and sentence, never the values."""
    state = getattr(error, "sqlstate", None) or type(error).__name__
    _log.error("%s %s: database error %s: %s", request.method, request.url.path, state, error)
    return respond(request, AuthError(500, "unexpected_failure", f"Database error ({state}), see the log."))


async def on_database_gone(request: Request, error: Exception) -> Response:
    """Handler of a database that cannot be reached (503) or does not answer in time (504)."""
    _log.error("%s %s: no database: %s", request.method, request.url.path, type(error).__name__)
    if isinstance(error, TimeoutError):
        return respond(request, AuthError(504, "request_timeout", "The database did not answer in time."))
    return respond(request, AuthError(503, "unexpected_failure", "The database is not reachable."))


async def on_unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001  # logged by the server
    """Handler of our own mistakes."""
    return respond(request, AuthError(500, "unexpected_failure", "Unexpected failure, see the log."))


DATABASE_GONE: tuple[type[Exception], ...] = (
    OSError,  # connection refused; TimeoutError is one too
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a query on a connection that is just being lost may end in
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
