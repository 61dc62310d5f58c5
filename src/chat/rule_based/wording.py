"""Texts of a length that a reply can have."""

from collections.abc import Sequence

MAX_CHARACTERS = 4000
_MAX_NAMES = 10


def cut(text: str, max_characters: int = MAX_CHARACTERS) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= max_characters else f"{text[: max_characters - 1]}…"


def listed(names: Sequence[str]) -> str:
    """Names after each other, at most ten of them."""
    left = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {left} more" if left > 0 else "")
