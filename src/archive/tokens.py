"""Strings and numbers of a document are bounded before anything parses it."""

from typing import Final

from src.core.json_limits import WholeEscapes

MAX_TOKEN_BYTES: Final = 1024 * 1024


class TokenTooLong(ValueError):
    """The document has a string, or something else between two strings, of more than MAX_TOKEN_BYTES."""


class TokenCheck:
    """Watches a document go by in pieces. yajl reads a token from its start whenever a piece does not end it, so a
    number of 40 MB took it 78 seconds."""

    def __init__(self) -> None:
        self._size = 0
        self._escapes = WholeEscapes()

    def feed(self, piece: bytes) -> None:
        """Takes the next piece. Raises TokenTooLong."""
        piece = self._escapes.join(piece)
        tokens = piece.replace(b"\\\\", b"..").replace(b'\\"', b"..").split(b'"')
        if max(self._size + len(tokens[0]), *map(len, tokens)) > MAX_TOKEN_BYTES:
            raise TokenTooLong
        self._size = len(tokens[-1]) + (self._size if len(tokens) == 1 else 0)
