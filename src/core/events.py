"""Server-sent events in the contract."""

from typing import Any


def event_stream(description: str, *events: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI response of a route that streams these events; each has its data as JSON."""
    event = {
        "type": "object",
        "properties": {
            "event": {"type": "string", "enum": list(events)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
        "required": ["event", "data"],
    }
    return {200: {"description": description, "content": {"text/event-stream": {"schema": event}}}}
