"""Server-sent events as a client reads them."""

import json
from typing import Any


def events_of(text: str) -> list[tuple[str, Any]]:
    """Name and data of each event of a stream."""
    events = []
    for block in text.replace("\r\n", "\n").strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and ": " in line)
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events
