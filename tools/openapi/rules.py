"""What any contract of ours must be: valid OpenAPI 3.1, and documented down to the last operation."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tools.openapi.document import OpenApiDocument

_OPERATION_ID = re.compile(r"[a-z][a-zA-Z0-9]*")
_SCHEMA_NAME = re.compile(r"[A-Z][a-zA-Z0-9]*")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Operation = dict[str, Any]


def broken_rules(document: OpenApiDocument) -> list[str]:
    """A sentence for each rule the document breaks."""
    return [*_invalid(document), *_badly_named(document), *_undocumented(document)]


def operations(document: OpenApiDocument) -> Iterator[tuple[str, Operation]]:
    """Each operation under its name, such as `GET /api/v1/plans`."""
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _invalid(document: OpenApiDocument) -> Iterator[str]:
    if not str(document.get("openapi", "")).startswith("3.1."):
        yield f"It says OpenAPI {document.get('openapi')}, not 3.1."
        return
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"Invalid OpenAPI 3.1 at #/{where}: {error.message[:300]}"


def _badly_named(document: OpenApiDocument) -> Iterator[str]:
    # A generator turns a schema's name into a type's: `Page_Plan_` and `Plan-Input` read badly or clash.
    for name in document.get("components", {}).get("schemas", {}):
        if not _SCHEMA_NAME.fullmatch(name):
            yield f"Schema {name}: the name is not in PascalCase."
    ids = Counter(operation.get("operationId") for _, operation in operations(document))
    for operation_id, count in ids.items():
        if operation_id and count > 1:
            yield f"operationId {operation_id} is there {count} times."


def _undocumented(document: OpenApiDocument) -> Iterator[str]:
    for name, operation in operations(document):
        for problem in _missing(operation):
            yield f"{name}: {problem}"


def _missing(operation: Operation) -> Iterator[str]:
    if not _OPERATION_ID.fullmatch(operation.get("operationId", "")):
        yield "no operationId in camelCase."
    for text in ("summary", "description"):
        if not operation.get(text, "").strip():
            yield f"no {text}."
    if not operation.get("tags"):
        yield "no tag."
    answers = operation.get("responses", {})
    if not any(status.startswith(("2", "3")) for status in answers):
        yield "no answer for success."
    for status, answer in answers.items():
        if _has_body(status) and not _has_schema(answer):
            yield f"answer {status} has no schema."


def _has_body(status: str) -> bool:
    return status not in {"204", "304"}


def _has_schema(answer: dict[str, Any]) -> bool:
    content = answer.get("content", {})
    return bool(content) and all(media.get("schema") for media in content.values())
