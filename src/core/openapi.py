"""The contract as served and committed: what FastAPI derives, plus what holds for every operation."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from src.core.errors import (
    AppError,
    BadUpstream,
    MalformedJson,
    PayloadTooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    UpstreamTimeout,
    ValidationFailed,
)
from src.core.openapi_tidy import tidy
from src.core.problems import MEDIA_TYPE

# Any operation that needs a token reaches the database, and any that has a body can get a wrong one.
_ALWAYS = (TooManyRequests, Unavailable)
_WITH_TOKEN = (Unauthenticated, BadUpstream, UpstreamTimeout)
_WITH_BODY = (MalformedJson, PayloadTooLarge, UnsupportedMediaType, ValidationFailed)
_WITH_PARAMETERS = (ValidationFailed,)

_COMMON_HEADERS = {
    "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
    "Server-Timing": {"$ref": "#/components/headers/Server-Timing"},
    "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"},
}
_HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "Id of this request, in our logs too; yours when you sent a valid one.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
    },
    "Server-Timing": {
        "description": "Milliseconds spent on auth, db and ai, and in total.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "no-store, or private, no-cache where there is an ETag to ask with.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Strong validator: send it back in If-None-Match, or in If-Match to change only this state.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Path of what was created.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "RateLimit": {
        "description": 'What is left, and in how many seconds all is there again: `"reads";r=599;t=1`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'How many in how many seconds: `"reads";q=600;w=60`. The class is the `x-rate-limit` of the '
        "operation, by default reads for GET and writes for others, and address for who has not signed in; "
        '`"day";q=200;w=86400` is a day of UTC.',
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "How to authenticate (RFC 6750).", "schema": {"type": "string"}},
    "Allow": {"description": "The methods this path has.", "schema": {"type": "string"}},
}
_HEADERS_BY_STATUS = {
    "201": ("Location",),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}


def read_version() -> str:
    """The version in pyproject.toml, the one place that has it."""
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def install_openapi(app: FastAPI) -> None:
    """Makes `app.openapi()` give the whole contract."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                    servers=[{"url": "/"}],
                )
            )
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Supabase access token.",
        }
    }
    components["headers"] = _HEADERS
    schema["security"] = [{"bearer": []}]
    for operation in _operations(schema):
        _complete_operation(operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    tidy(schema)
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        yield from path.values()


def _complete_operation(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    # FastAPI's own 422 describes a shape that this server never answers.
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for error in _common_errors(operation):
        responses.setdefault(str(error.status), {"description": error.title, "content": _problem_content()})
    for status, response in responses.items():
        # FastAPI puts every model under the media type of the route's own answer.
        if list(response.get("content", {}).values()) == list(_problem_content().values()):
            response["content"] = _problem_content()
        # It describes events in a word of OpenAPI 3.2, which tools for 3.1 do not know.
        response.get("content", {}).get("text/event-stream", {}).pop("itemSchema", None)
        _add_headers(status, response)
    operation["responses"] = dict(sorted(responses.items()))


def _common_errors(operation: dict[str, Any]) -> Iterator[type[AppError]]:
    yield from _ALWAYS
    if operation.get("security") != []:
        yield from _WITH_TOKEN
    if "requestBody" in operation:
        yield from _WITH_BODY
    yield from _WITH_PARAMETERS


def _problem_content() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _add_headers(status: str, response: dict[str, Any]) -> None:
    named = [*_HEADERS_BY_STATUS.get(status, ()), *response.pop("x-headers", ())]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in named}
    response["headers"] = {**_COMMON_HEADERS, **headers}
