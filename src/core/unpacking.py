"""Bytes as they come, out of gzip and out of a form. Each step gives on at most a piece at a time."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from src.core.errors import ValidationFailed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

Chunks = AsyncIterator[bytes]

_PIECE_BYTES = 64 * 1024
_WITH_GZIP_HEADER: Final = 31
_MAGIC = b"\x1f\x8b"


async def gunzip(chunks: Chunks) -> Chunks:
    """What gzip holds, in pieces: a little of it can hold a lot. Raises ValidationFailed when it is damaged."""
    unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
    async for chunk in chunks:
        # Tapes fill their last block with zeros.
        packed = chunk.lstrip(b"\0") if unpacker.eof else chunk
        while packed:
            if unpacker.eof:  # packed files are put together, too
                unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
            try:
                yield unpacker.decompress(packed, _PIECE_BYTES)
            except zlib.error:
                raise _damaged() from None
            packed = unpacker.unused_data.lstrip(b"\0") if unpacker.eof else unpacker.unconsumed_tail
            await asyncio.sleep(0)  # others have their turn between two pieces
    # What the last call held back comes with it.
    while not unpacker.eof and (piece := unpacker.decompress(b"", _PIECE_BYTES)):
        yield piece
    if not unpacker.eof:
        raise _damaged()


async def gunzip_if_packed(chunks: Chunks) -> Chunks:
    """The same bytes, or what they hold when they begin like gzip: a file.csv.gz, whatever it is called."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= len(_MAGIC):
            break
    rest = _chained(head, chunks)
    async for piece in gunzip(rest) if head.startswith(_MAGIC) else rest:
        yield piece


async def form_file(chunks: Chunks, content_type: str) -> Chunks:
    """The one file of a form (multipart/form-data). Raises ValidationFailed when it has none, or anything beside."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise _wrong_form(["body"], "is a form without a boundary")
    reader = _FormReader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        async for chunk in chunks:
            parser.write(chunk)
            for piece in reader.take():
                yield piece
    except MultipartParseError:
        raise _wrong_form(["body"], "is not a valid form") from None
    reader.finish()


class _FormReader:
    """What a parser has found: the pieces of the file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._has_file = False
        self._is_over = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._read_header,
            "on_header_value": self._read_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._check_part,
            "on_part_data": self._read_data,
            "on_end": self._end,
        }

    def take(self) -> list[bytes]:
        """What of the file has come since."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def finish(self) -> None:
        """Raises ValidationFailed when the form breaks off, or had no file."""
        if not self._is_over:
            raise _wrong_form(["body"], "is a form that breaks off")
        if not self._has_file:
            raise _wrong_form(["body", "file"], "is required", "missing")

    def _begin(self) -> None:
        self._disposition = b""

    def _read_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _read_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _check_part(self) -> None:
        options = parse_options_header(self._disposition)[1]
        name = options.get(b"name", b"").decode(errors="replace")[:100]
        if name == "file" and b"filename" not in options:
            raise _wrong_form(["body", name], "is text; send it as a file, with a file name")
        if b"filename" not in options:
            raise _wrong_form(["body", name], "is not a known field; options belong in the query", "extra_forbidden")
        if self._has_file:
            raise _wrong_form(["body", name], "is a second file; send one")
        self._has_file = True

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _end(self) -> None:
        self._is_over = True


async def _chained(head: bytes, chunks: Chunks) -> Chunks:
    yield head
    async for chunk in chunks:
        yield chunk


def _damaged() -> ValidationFailed:
    return _wrong_form(["body"], "is gzip that is damaged or breaks off", "damaged")


def _wrong_form(loc: list[str | int], message: str, type_: str = "value_error") -> ValidationFailed:
    return ValidationFailed(errors=[{"loc": loc, "message": message, "type": type_}])
