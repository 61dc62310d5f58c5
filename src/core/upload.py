"""Files that are sent as the body itself: read once, compressed as they come, never held whole."""

import hashlib
import zlib
from typing import NamedTuple

from fastapi import Request

from src.core.errors import PayloadTooLarge, UnsupportedMediaType

MAX_COMPRESSED_BYTES = 7 * 1024 * 1024
_HEAD_BYTES = 16 * 1024
_GZIP = 31


class Upload(NamedTuple):
    """A file: how it begins, its SHA-256, its size, and all of it as gzip."""

    head: bytes
    digest: str
    size: int
    gzip: bytes


async def receive(request: Request, *, media_types: tuple[str, ...], limit: int) -> Upload:
    """The body as a file. Raises UnsupportedMediaType, and PayloadTooLarge beyond `limit` bytes."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in media_types:
        raise UnsupportedMediaType(f"Send the file as {' or '.join(media_types)}.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise PayloadTooLarge
    digest, packer, packed = hashlib.sha256(), zlib.compressobj(wbits=_GZIP), bytearray()
    head, size = b"", 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit or len(packed) > MAX_COMPRESSED_BYTES:
            raise PayloadTooLarge
        head += chunk[: _HEAD_BYTES - len(head)]
        digest.update(chunk)
        packed += packer.compress(chunk)
    packed += packer.flush()
    if len(packed) > MAX_COMPRESSED_BYTES:
        raise PayloadTooLarge
    return Upload(head, digest.hexdigest(), size, bytes(packed))


def file_body(media_type: str, schema: dict[str, str]) -> dict[str, object]:
    """`openapi_extra` of a route that takes a file as its body."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}
