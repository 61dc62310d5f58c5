"""People's words in a prompt: data, never instructions."""

import json
from collections.abc import Mapping
from typing import Any


def quote_as_data(document: Mapping[str, Any]) -> str:
    """The document as the one JSON member `data`."""
    return _json({"data": document})


def quote_name(name: str) -> str:
    """A name as a JSON string, for a sentence to a model: where it ends is seen, and it cannot begin a line."""
    return _json(name)


def _json(value: Any) -> str:
    # No tag of anybody's: Pydantic AI has <system> blocks of its own, and would explain them to the model.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
