"""People's words in a prompt: data, never instructions."""

import json
from collections.abc import Mapping
from typing import Any


def quote_as_data(document: Mapping[str, Any]) -> str:
    """The document as the one JSON member `data`."""
    text = json.dumps({"data": document}, ensure_ascii=False)
    # No tag of anybody's: Pydantic AI has <system> blocks of its own, and would explain them to the model.
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
