"""Answers of routes that make something once: 201 when it is new, 200 when it was there already."""

from typing import Any

from fastapi import Response


def created_responses(
    model: Any, *headers: str, otherwise: str = "Made earlier with this Idempotency-Key."
) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of such a route. `otherwise`: what 200 means; `headers`: on both, beside Location."""
    return {
        201: {"x-headers": headers},
        200: {"model": model, "description": otherwise, "x-headers": ("Location", *headers)},
    }


def created(response: Response, location: str, *, is_new: bool) -> None:
    """Puts the status and the Location on the answer. `location`: path of what was made."""
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = location
