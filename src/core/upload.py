"""Files that are sent as the body itself or in a form: read once, compressed as they come, never held whole."""

import hashlib
import zlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from fastapi import Request

from src.core.errors import PayloadTooLarge, UnsupportedMediaType
from src.core.unpacking import Chunks, form_file, gunzip, gunzip_if_packed

MAX_COMPRESSED_BYTES = 7 * 1024 * 1024
_HEAD_BYTES = 16 * 1024
_GZIP = 31
# The lines around a file in a form.
_MAX_FORM_BYTES = 64 * 1024
_FORM = "multipart/form-data"
# What browsers and tools call a file that they do not know, or that is packed.
_ANY_FILE = ("application/octet-stream", "application/gzip", "application/x-gzip")


class Upload(NamedTuple):
    """A file: how it begins, its SHA-256, its size, and all of it as gzip."""

    head: bytes
    digest: str
    size: int
    gzip: bytes


async def receive(request: Request, *, media_types: tuple[str, ...], limit: int) -> Upload:
    """The file that the body is, or the one that a form has; unpacked, whether the body or the file itself is gzip.

    Raises UnsupportedMediaType; PayloadTooLarge beyond `limit` bytes, packed or unpacked; ValidationFailed for a form
    with anything but one file, and for damaged gzip.
    """
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in (*media_types, *_ANY_FILE, _FORM):
        raise UnsupportedMediaType(f"Send the file as {' or '.join(media_types)}, or in a form ({_FORM}).")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit + _MAX_FORM_BYTES:
        raise PayloadTooLarge
    chunks: Chunks = request.stream()
    match request.headers.get("content-encoding", "").strip().lower():
        case "gzip" | "x-gzip":
            chunks = gunzip(chunks)
        case "" | "identity":
            pass
        case _:
            raise UnsupportedMediaType("Send the body as it is, or as gzip.")
    if media_type == _FORM:
        chunks = form_file(_limited(chunks, limit + _MAX_FORM_BYTES), content_type)
    return await _collect(_limited(gunzip_if_packed(_limited(chunks, limit)), limit))


async def _limited(chunks: Chunks, limit: int) -> AsyncIterator[bytes]:
    """The same, and PayloadTooLarge as soon as there is more."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise PayloadTooLarge
        yield chunk


async def _collect(chunks: Chunks) -> Upload:
    digest, packer, packed = hashlib.sha256(), zlib.compressobj(wbits=_GZIP), bytearray()
    head, size = b"", 0
    async for chunk in chunks:
        size += len(chunk)
        head += chunk[: _HEAD_BYTES - len(head)]
        digest.update(chunk)
        packed += packer.compress(chunk)
        if len(packed) > MAX_COMPRESSED_BYTES:
            raise PayloadTooLarge
    packed += packer.flush()
    if len(packed) > MAX_COMPRESSED_BYTES:
        raise PayloadTooLarge
    return Upload(head, digest.hexdigest(), size, bytes(packed))


def file_body(media_types: tuple[str, ...], schema: dict[str, str]) -> dict[str, object]:
    """`openapi_extra` of a route that takes a file: as the body itself, or in a form."""
    form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    binary = {"type": "string", "format": "binary", "description": schema["description"]}
    content: dict[str, object] = {media_type: {"schema": schema} for media_type in media_types}
    content |= {media_type: {"schema": binary} for media_type in _ANY_FILE[:2]}
    return {"requestBody": {"required": True, "content": content | {_FORM: {"schema": form}}}}
