"""Problem documents (RFC 9457): one shape for everything that goes wrong, in answers and in the contract."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from src.core.errors import (
    AppError,
    FieldError,
    Forbidden,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RefusedBody,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from src.core.etags import NotModified
from src.core.field_messages import field_error, shortened, shortened_place
from src.core.trace import Trace

MEDIA_TYPE = "application/problem+json"
MAX_FIELD_ERRORS = 50


class ProblemField(BaseModel):
    """One field that is not right."""

    loc: list[str | int] = Field(
        description="Where it is: first body, query, path, header, profile, measurements, memories, quota or stored."
    )
    message: str
    type: str


class Problem(BaseModel):
    """What went wrong, for programs (`code`) and people (`detail`)."""

    type: str = Field(description="/problems/<code>")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked, up to 100 characters.")
    code: str
    request_id: str = Field(description="Also in X-Request-Id and in our logs.")
    errors: list[ProblemField] = Field(
        [], description="Each wrong field of validation_failed; the quota that is used up of a conflict."
    )


def problem_document(error: AppError, *, path: str, trace: Trace) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": shortened(path),
        "code": error.code,
        "request_id": trace.request_id,
    }
    if error.errors:
        document["errors"] = [shortened_place(field) for field in error.errors[:MAX_FIELD_ERRORS]]
    return document


def problem_response(error: AppError, *, path: str, trace: Trace) -> Response:
    document = problem_document(error, path=path, trace=trace)
    # json, not pydantic: a field name may hold half a surrogate pair, which only escaped ASCII can carry.
    return Response(json.dumps(document), status_code=error.status, media_type=MEDIA_TYPE, headers=error.headers)


def problems(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of a route that may fail in these ways."""
    return {error.status: {"model": Problem, "description": error.title} for error in errors}


def error_response(error: Exception, request: Request) -> Response | None:
    """The answer to what was raised: by us, by FastAPI's validation, by Starlette's routing. None for anything else."""
    if isinstance(error, NotModified):
        return Response(status_code=304, headers=error.headers)
    problem = _to_app_error(error, request)
    if problem is None:
        return None
    if not _has_body(request):
        problem.errors = [_of_what_is_stored(field) for field in problem.errors]
    return problem_response(problem, path=request.url.path, trace=request.scope["trace"])


def _to_app_error(error: Exception, request: Request) -> AppError | None:
    if isinstance(error, AppError):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(request, error)
    if isinstance(error, HTTPException):
        translated = _of_http(error)
        if isinstance(translated, MethodNotAllowed):
            translated.headers["Allow"] = ", ".join(_methods_at(request))
        return translated
    return None


def _of_validation(request: Request, error: RequestValidationError) -> AppError:
    entries: Sequence[Any] = error.errors()
    # FastAPI hands over the raw bytes of a body that does not say it is JSON.
    if isinstance(error.body, bytes) and error.body and not is_json(request):
        return UnsupportedMediaType()
    return ValidationFailed(errors=[field_error(entry) for entry in entries])


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _of_what_is_stored(error: FieldError) -> FieldError:
    """A request without a body may find a stored document wrong: its fields are `stored`, not `body`."""
    place = error["loc"]
    return {**error, "loc": ["stored", *place[1:]]} if place[:1] == ["body"] and len(place) > 1 else error


def is_json(request: Request) -> bool:
    """Whether the request says that its body is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _methods_at(request: Request) -> list[str]:
    """Every method this path has: Starlette names only those of the first route that fits."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    fitting = [route for route in routes if route.path_regex.match(request.url.path)]
    return sorted({method for route in fitting for method in route.methods or ()})


_BY_STATUS: dict[int, type[AppError]] = {
    error.status: error
    for error in (MalformedJson, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, PayloadTooLarge)
}


def _of_http(error: HTTPException) -> AppError:
    if isinstance(error, RefusedBody):
        return error.problem
    kind = _BY_STATUS.get(error.status_code, AppError)
    translated = kind()
    translated.headers.update(error.headers or {})
    return translated
