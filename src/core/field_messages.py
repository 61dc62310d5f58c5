"""What is said of a wrong field: Pydantic's kinds of error in plain words, and little of what was sent."""

from collections.abc import Mapping
from typing import Any, Final

from src.core.errors import FieldError

MAX_ECHO: Final = 100
"""So many characters of anything that was sent are repeated at most."""

_NUMBER = "must be a number"
_INTEGER = "must be a whole number"
_TIMESTAMP = "must be a timestamp, such as 2026-11-02T18:00:00Z"
_DAY = "must be a day, such as 2026-11-02"
_UUID = "must be a UUID"
_OBJECT = "must be an object"

# By Pydantic's kind of error; the braces are what it says of the limit, never the input.
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field here",
    "string_type": "must be a text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing_size": "must be a whole number of at most 64 bits",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _TIMESTAMP,
    "datetime_parsing": _TIMESTAMP,
    "datetime_from_date_parsing": _TIMESTAMP,
    "timezone_aware": "must have an offset, such as 2026-11-02T18:00:00Z",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "must have {discriminator}, which says what it is",
    "none_required": "must be null",
    "string_pattern_mismatch": "does not have the right form",
    "string_unicode": "must be text of whole characters",
}


def field_error(entry: Mapping[str, Any]) -> FieldError:
    """An error of Pydantic, as a problem document has it. The input is left out: it may be a secret."""
    kind: str = entry["type"]
    template = _MESSAGES.get(kind)
    # A validator of ours has said it in our words already.
    message = entry["msg"].removeprefix("Value error, ") if template is None else template.format_map(_Known(entry))
    return {"loc": list(entry["loc"]), "message": message, "type": kind}


class _Known(dict[str, Any]):
    """What Pydantic says of the limit. A name that it leaves out is no reason to fail."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        super().__init__(entry.get("ctx") or {})

    def __missing__(self, name: str) -> str:
        return f"its {name}"


def shortened(text: str) -> str:
    """The text, cut to what may be repeated."""
    return text if len(text) <= MAX_ECHO else f"{text[: MAX_ECHO - 1]}…"


def shortened_place(error: FieldError) -> FieldError:
    """The error with each part of its place cut: fields that nobody knows are named by whoever sent them."""
    return {**error, "loc": [shortened(part) if isinstance(part, str) else part for part in error["loc"]]}
