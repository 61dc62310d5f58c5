"""A small contract with one of each thing that can change, quick to compare."""

from typing import Any

Document = dict[str, Any]


def small_contract(version: str = "1.4.2") -> Document:
    """Plans that can be listed and made; `/health` is open to all."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": version, "description": "For tests."},
        "servers": [{"url": "/"}],
        "paths": {
            "/health": {"get": {**_operation("getHealth"), "security": []}},
            "/plans": {
                "get": _operation("listPlans", parameters=[_per_page()]),
                "post": _operation("createPlan", requestBody=_json("PlanCreate")),
            },
        },
        "components": {
            "schemas": {"Plan": _plan(), "PlanCreate": _plan_create(), **_kinds()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def _operation(operation_id: str, **more: Any) -> Document:
    answers = {
        "200": {"description": "Fine", **_json("Plan"), "headers": {"ETag": {"schema": {"type": "string"}}}},
        "409": {"description": "Conflict", **_json("Plan")},
    }
    texts = {"operationId": operation_id, "summary": operation_id, "description": "It does.", "tags": ["plans"]}
    return {**texts, "responses": answers, **more}


def _json(schema: str) -> Document:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _per_page() -> Document:
    return {
        "name": "per_page",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    }


def _plan() -> Document:
    properties = {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string"},
        "status": {"type": "string", "enum": ["draft", "active"]},
        "progression": _progression(),
        "sport": {"$ref": "#/components/schemas/Sport"},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _plan_create() -> Document:
    properties = {
        "title": {"type": "string", "minLength": 1, "maxLength": 80},
        "goal": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "weeks": {"type": "integer", "minimum": 1, "maximum": 52, "default": 4},
        "order": {"type": "string", "enum": ["name", "age"]},
        "progression": _progression(),
        "sport": {"$ref": "#/components/schemas/Sport"},
    }
    return {"type": "object", "properties": properties, "required": ["title"], "additionalProperties": False}


def _progression() -> Document:
    names = {"linear": "#/components/schemas/Linear", "none": "#/components/schemas/Still"}
    members = [{"$ref": reference} for reference in names.values()]
    return {"oneOf": members, "discriminator": {"propertyName": "kind", "mapping": names}}


def _kinds() -> Document:
    def kind(name: str) -> Document:
        return {"type": "object", "properties": {"kind": {"type": "string", "const": name}}, "required": ["kind"]}

    return {
        "Linear": kind("linear"),
        "Still": kind("none"),
        "Sport": {"type": "string", "enum": ["gym", "boxing"]},
    }
