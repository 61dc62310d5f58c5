"""Planted changes, and what each is to a client: breaking, an addition, or documentation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.small_contract import Document, small_contract
from tools.openapi.changes import changes
from tools.openapi.versions import Level

Plant = Callable[[Document], Any]


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def field(document: Document, name: str, of: str) -> Document:
    found: Document = schema(document, of)["properties"][name]
    return found


def operation(document: Document, method: str, path: str = "/plans") -> Document:
    found: Document = document["paths"][path][method]
    return found


def per_page(document: Document) -> Document:
    found: Document = operation(document, "get")["parameters"][0]
    return found


def drop_field(document: Document, name: str, of: str) -> None:
    del schema(document, of)["properties"][name]
    schema(document, of)["required"] = [each for each in schema(document, of)["required"] if each != name]


def drop_member(document: Document, of: str) -> None:
    progression = field(document, "progression", of)
    progression["oneOf"].pop()
    del progression["discriminator"]["mapping"]["none"]


BREAKING: dict[str, Plant] = {
    "a path is removed": lambda d: d["paths"].pop("/health"),
    "a method is removed": lambda d: d["paths"]["/plans"].pop("post"),
    "an operation has another id": lambda d: operation(d, "get").update(operationId="plansList"),
    "the address changes": lambda d: d.update(servers=[{"url": "/v2"}]),
    "an open route asks for a token": lambda d: operation(d, "get", "/health").pop("security"),
    "an answer loses a field": lambda d: drop_field(d, "title", "Plan"),
    "an answer's field may be missing": lambda d: schema(d, "Plan")["required"].remove("title"),
    "an answer's field may be null": lambda d: field(d, "title", "Plan").update(type=["string", "null"]),
    "an answer's field has another type": lambda d: field(d, "title", "Plan").update(type="integer"),
    "an answer's field has another format": lambda d: field(d, "id", "Plan").update(format="date"),
    "an answer loses a value of an enum": lambda d: field(d, "status", "Plan").update(enum=["draft"]),
    "an answer gains a value of an enum": lambda d: field(d, "status", "Plan")["enum"].append("done"),
    "a shared enum loses a value": lambda d: schema(d, "Sport")["enum"].remove("gym"),
    "an answer gains a kind": lambda d: field(d, "progression", "Plan")["oneOf"].append({"type": "object"}),
    "an answer loses a header": lambda d: operation(d, "get")["responses"]["200"]["headers"].pop("ETag"),
    "a success is another status": lambda d: operation(d, "post")["responses"].update(
        {"201": operation(d, "post")["responses"].pop("200")}
    ),
    "an answer has another media type": lambda d: operation(d, "get")["responses"]["200"].update(
        content={"text/csv": {"schema": {"type": "string"}}}
    ),
    "a request has a new required field": lambda d: (
        schema(d, "PlanCreate")["properties"].update(owner={"type": "string"}),
        schema(d, "PlanCreate")["required"].append("owner"),
    ),
    "a request must have a field": lambda d: schema(d, "PlanCreate")["required"].append("goal"),
    "a request may not have a field": lambda d: drop_field(d, "goal", "PlanCreate"),
    "a request's field may not be null": lambda d: field(d, "goal", "PlanCreate").update(anyOf=[{"type": "string"}]),
    "a request's field has another type": lambda d: field(d, "weeks", "PlanCreate").update(type="string"),
    "a request's enum is narrower": lambda d: field(d, "order", "PlanCreate").update(enum=["name"]),
    "a request's range ends lower": lambda d: field(d, "weeks", "PlanCreate").update(maximum=12),
    "a request's range begins higher": lambda d: field(d, "weeks", "PlanCreate").update(minimum=2),
    "a request's text is shorter": lambda d: field(d, "title", "PlanCreate").update(maxLength=40),
    "a request's text has a pattern": lambda d: field(d, "title", "PlanCreate").update(pattern="^a"),
    "a request loses a kind": lambda d: drop_member(d, "PlanCreate"),
    "a request's default is another": lambda d: field(d, "weeks", "PlanCreate").update(default=8),
    "a parameter is removed": lambda d: operation(d, "get").update(parameters=[]),
    "a parameter is required": lambda d: per_page(d).update(required=True),
    "a parameter's range ends lower": lambda d: per_page(d)["schema"].update(maximum=50),
    "a parameter's default is another": lambda d: per_page(d)["schema"].update(default=50),
    "unknown fields are refused": lambda d: schema(d, "Linear").update(additionalProperties=False),
}

ADDITIONS: dict[str, Plant] = {
    "a path": lambda d: d["paths"].update({"/live": small_contract()["paths"]["/plans"]}),
    "an optional field of a request": lambda d: schema(d, "PlanCreate")["properties"].update(x={"type": "string"}),
    "a field of an answer": lambda d: (
        schema(d, "Plan")["properties"].update(x={"type": "string"}),
        schema(d, "Plan")["required"].append("x"),
    ),
    "an optional parameter": lambda d: operation(d, "get")["parameters"].append(
        {"name": "q", "in": "query", "schema": {"type": "string"}}
    ),
    "a value a request may have": lambda d: field(d, "order", "PlanCreate")["enum"].append("size"),
    "a wider range": lambda d: field(d, "weeks", "PlanCreate").update(maximum=104),
    "a longer text": lambda d: field(d, "title", "PlanCreate").update(maxLength=200),
    "a way to fail": lambda d: operation(d, "get")["responses"].update({"403": {"description": "Forbidden"}}),
    "a deprecation": lambda d: operation(d, "get").update(deprecated=True),
    "a header": lambda d: operation(d, "get")["responses"]["200"]["headers"].update(
        {"Age": {"schema": {"type": "integer"}}}
    ),
}

DOCUMENTATION: dict[str, Plant] = {
    "of the whole": lambda d: d["info"].update(description="Other words."),
    "the title": lambda d: d["info"].update(title="Other"),
    "of an operation": lambda d: operation(d, "get").update(description="Other words.", summary="Other"),
    "a tag": lambda d: operation(d, "get").update(tags=["other"]),
    "of a schema": lambda d: schema(d, "Plan").update(description="Other words."),
    "of a field": lambda d: field(d, "title", "Plan").update(description="Other words."),
    "of a parameter": lambda d: per_page(d).update(description="Other words."),
    "of an answer": lambda d: operation(d, "get")["responses"]["200"].update(description="Other words."),
    "an example": lambda d: field(d, "title", "Plan").update(examples=["Push, pull"]),
}


def level_of(plant: Plant) -> Level:
    """The level of the gravest of the changes that a plant makes."""
    revision = small_contract()
    plant(revision)
    return max((change.level for change in changes(small_contract(), revision)), default=Level.NONE)


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_a_client_is_major(name: str) -> None:
    assert level_of(BREAKING[name]) is Level.MAJOR


@pytest.mark.parametrize("name", ADDITIONS)
def test_what_is_added_is_minor(name: str) -> None:
    assert level_of(ADDITIONS[name]) is Level.MINOR


@pytest.mark.parametrize("name", DOCUMENTATION)
def test_documentation_is_a_patch(name: str) -> None:
    assert level_of(DOCUMENTATION[name]) is Level.PATCH


def test_a_field_called_title_is_not_documentation() -> None:
    found = changes(small_contract(), _with_a_wider_title())
    assert [(change.level, change.where.rpartition("/")[2]) for change in found] == [(Level.MINOR, "title")]


def _with_a_wider_title() -> Document:
    document = small_contract()
    del field(document, "title", "PlanCreate")["minLength"]
    return document


def test_the_version_is_no_change() -> None:
    assert changes(small_contract("1.4.2"), small_contract("1.5.0")) == []


def test_a_change_says_what_and_where() -> None:
    revision = small_contract()
    drop_field(revision, "title", "Plan")
    text = "\n".join(str(change) for change in changes(small_contract(), revision))
    assert "Property `title` of `Plan` was removed" in text
    assert text.startswith("major  /health/get/responses/200/")
