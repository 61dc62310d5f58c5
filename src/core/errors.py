"""Every way a request can fail: a class with a status and a code; the detail is the argument."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self, TypedDict

from starlette.exceptions import HTTPException


class FieldError(TypedDict):
    """One wrong field: where it is (`body`, `query`, `path` or `header` first), what is wrong, and its kind."""

    loc: list[str | int]
    message: str
    type: str


class AppError(Exception):
    """Answered as a problem document (RFC 9457) by one handler, wherever it is raised."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something went wrong on our side. The request id helps us find it."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.default_detail)
        self.detail = detail or self.default_detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


class MalformedJson(AppError):
    status, code, title = 400, "malformed_json", "Malformed JSON"
    default_detail = "The body is not valid JSON."


class MalformedRequest(AppError):
    status, code, title = 400, "malformed_request", "Malformed request"
    default_detail = "This is not HTTP/1.1 as we understand it."


class RequestTimeout(AppError):
    status, code, title = 408, "request_timeout", "Request timeout"
    default_detail = "The request took too long to arrive; send it again."


class UriTooLong(AppError):
    status, code, title = 414, "uri_too_long", "URI too long"
    default_detail = "The address is longer than 8 KiB."


class HeadTooLarge(AppError):
    status, code, title = 431, "headers_too_large", "Request header fields too large"
    default_detail = "A request may have 100 headers, and 32 KiB of them."


class Unauthenticated(AppError):
    status, code, title = 401, "unauthenticated", "Unauthenticated"
    default_detail = "A valid access token is needed: Authorization: Bearer <token>."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    @classmethod
    def account_gone(cls) -> Self:
        """A good token may outlive its account."""
        return cls("This account no longer exists.")


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "Forbidden"
    default_detail = "You are not allowed to do this."


class NotFound(AppError):
    status, code, title = 404, "not_found", "Not found"
    default_detail = "There is nothing here, or it is not yours."


class MethodNotAllowed(AppError):
    status, code, title = 405, "method_not_allowed", "Method not allowed"
    default_detail = "This resource does not offer that method; see Allow."


class Conflict(AppError):
    status, code, title = 409, "conflict", "Conflict"
    default_detail = "This conflicts with something that exists already."


class PreconditionFailed(AppError):
    status, code, title = 412, "precondition_failed", "Precondition failed"
    default_detail = "It has changed since you read it; read it again and repeat your change."


class PayloadTooLarge(AppError):
    status, code, title = 413, "payload_too_large", "Payload too large"
    default_detail = "The body is larger than this resource takes."


class UnsupportedMediaType(AppError):
    status, code, title = 415, "unsupported_media_type", "Unsupported media type"
    default_detail = "Send the body as application/json."


class ValidationFailed(AppError):
    status, code, title = 422, "validation_failed", "Validation failed"
    default_detail = "Some fields are not right; errors names each."


class TooManyRequests(AppError):
    status, code, title = 429, "rate_limited", "Rate limited"
    default_detail = "You have used up what one day allows."

    def __init__(self, detail: str | None = None, *, limit: int | None = None) -> None:
        # Days are counted in UTC, so that they end at the same moment for everyone.
        now = datetime.now(UTC)
        left = 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
        headers = {"Retry-After": str(left)}
        if limit is not None:
            # As draft-ietf-httpapi-ratelimit-headers-10 writes them.
            headers |= {"RateLimit-Policy": f'"day";q={limit};w=86400', "RateLimit": f'"day";r=0;t={left}'}
        super().__init__(detail, headers=headers)


class RateLimited(TooManyRequests):
    """Too many in a short time; what is left stands in headers that every answer has."""

    def __init__(self, detail: str | None = None, *, retry_after: int) -> None:
        AppError.__init__(
            self,
            detail or f"There were too many requests in a short time. Try again in {retry_after} s.",
            headers={"Retry-After": str(retry_after)},
        )


class RefusedBody(HTTPException):
    """What is wrong with a body, raised while FastAPI reads it: it makes a 400 of any exception but this kind."""

    def __init__(self, problem: AppError) -> None:
        super().__init__(problem.status)
        self.problem = problem


class BadUpstream(AppError):
    status, code, title = 502, "bad_upstream", "Bad upstream"
    default_detail = "A service behind this one gave an answer we could not use."


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "Unavailable"
    default_detail = "A service behind this one cannot be reached right now; try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class TooManyConnections(Unavailable):
    default_detail = "There are too many connections; close those that you do not use."


class UpstreamTimeout(AppError):
    status, code, title = 504, "upstream_timeout", "Upstream timeout"
    default_detail = "A service behind this one did not answer in time."
