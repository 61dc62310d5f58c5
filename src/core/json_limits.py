"""What JSON may be before anything parses it: UTF-8, nested 64 deep at most, integers within 64 bits.

Parsers pay for depth: ijson keeps a prefix per level, so 20,000 brackets in 40 KB took it 1 GB.
"""

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final

from src.core.errors import FieldError, MalformedJson, ValidationFailed

MAX_DEPTH: Final = 64
_INT64: Final = range(-(2**63), 2**63)
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'"[]{}'))
# As signed bytes: one level down, one level up.
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_MAYBE_TOO_LONG: Final = re.compile(rb"\d{19}")
_MAX_DIGITS: Final = 20
Place = list[str | int]


class NestedTooDeep(ValueError):
    """The document is nested deeper than MAX_DEPTH."""

    def __init__(self) -> None:
        super().__init__(f"must not be nested deeper than {MAX_DEPTH} levels")


class WholeEscapes:
    """Pieces of a document with every escape whole: one that is cut in two comes with its other half."""

    def __init__(self) -> None:
        self._backslash = b""

    def join(self, piece: bytes) -> bytes:
        """The next piece, with what was kept of the one before."""
        piece = self._backslash + piece
        self._backslash = b"\\" if (len(piece) - len(piece.rstrip(b"\\"))) % 2 else b""
        return piece[:-1] if self._backslash else piece


class DepthCheck:
    """Watches a document go by in pieces, so that it can be refused before a parser sees the piece.

    It does not judge whether the document is JSON: what it takes for a string or a bracket in anything else is of no
    use to an attacker, because a parser stops at the first mistake.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escapes = WholeEscapes()

    def feed(self, piece: bytes) -> None:
        """Takes the next piece. Raises NestedTooDeep."""
        piece = self._escapes.join(piece)
        # The order matters: \\" is an escaped backslash and the end of a string.
        unescaped = piece.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in piece else piece
        parts = unescaped.translate(None, _NOT_STRUCTURE).split(b'"')
        brackets = b"".join(parts[int(self._in_string) :: 2])
        self._in_string ^= len(parts) % 2 == 0
        downs = brackets.count(b"[") + brackets.count(b"{")
        if self._depth + downs > MAX_DEPTH:
            steps = memoryview(brackets.translate(_STEPS)).cast("b")
            if max(accumulate(steps, initial=self._depth)) > MAX_DEPTH:
                raise NestedTooDeep
        self._depth += 2 * downs - len(brackets)


def check_depth(document: bytes) -> None:
    """Raises NestedTooDeep."""
    # Most bodies have fewer brackets than levels that are allowed.
    if document.count(b"[") + document.count(b"{") > MAX_DEPTH:
        DepthCheck().feed(document)


def parse_body(body: bytes) -> Any:
    """The document of a request. Raises MalformedJson, and ValidationFailed for depth and for integers too large."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedJson("The body is not UTF-8.") from None
    if "\x00" in text[:4]:
        raise MalformedJson("The body is not UTF-8.")  # but UTF-16 or UTF-32 without a mark
    try:
        check_depth(body)
        if not _MAYBE_TOO_LONG.search(body):
            return json.loads(text)
        document = json.loads(text, parse_int=_parse_int)
    except NestedTooDeep as error:
        raise ValidationFailed(errors=[{"loc": ["body"], "message": str(error), "type": "nested_too_deep"}]) from None
    except ValueError:
        raise MalformedJson from None
    if errors := [_too_large(place) for place in _large_integers(document, ["body"])]:
        raise ValidationFailed(errors=errors)
    return document


def _parse_int(digits: str) -> int:
    # Python refuses to read thousands of digits; that they are too many is all that matters.
    return int(digits) if len(digits) <= _MAX_DIGITS else _INT64.stop


def _large_integers(value: Any, place: Place) -> Iterator[Place]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _large_integers(inner, [*place, name])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _large_integers(inner, [*place, index])
    elif isinstance(value, int) and value not in _INT64:
        yield place


def _too_large(place: Place) -> FieldError:
    return {"loc": place, "message": "must be an integer of at most 64 bits", "type": "int_too_large"}
