"""A file however it is sent: as the body, in a form, packed; bounded while it comes."""

import gzip
import hashlib
import tracemalloc
from collections.abc import Iterator

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.types import Message

from src.core.errors import AppError, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from src.core.upload import Upload, receive

FILE = b"Date,Exercise\r\n2024-01-01,Squat\r\n" * 3000
MIB = 1024 * 1024


def request(body: bytes, step: int = 4096, **headers: str) -> Request:
    """A request whose body comes in pieces of so many bytes."""
    pieces: Iterator[bytes] = iter([body[at : at + step] for at in range(0, len(body), step)] or [b""])
    left = -(-len(body) // step)

    async def messages() -> Message:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(pieces), "more_body": left > 0}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": named}, messages)


async def sent(body: bytes, content_type: str, headers: dict[str, str], step: int = 4096) -> Upload:
    return await receive(
        request(body, step, content_type=content_type, **headers), media_types=("text/csv",), limit=MIB
    )


def part(content: bytes, name: str = "file", filename: str | None = "a.csv", media_type: str = "text/csv") -> bytes:
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    head = f"--XyZ\r\nContent-Disposition: {disposition}\r\nContent-Type: {media_type}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--XyZ--\r\n"


FORM = "multipart/form-data; boundary=XyZ"
WAYS = {
    "as the body": (FILE, "text/csv", {}),
    "with a parameter": (FILE, "Text/CSV; charset=utf-8", {}),
    "as any file": (FILE, "application/octet-stream", {}),
    "packed by the sender": (gzip.compress(FILE), "text/csv", {"content_encoding": "gzip"}),
    "a packed file": (gzip.compress(FILE), "application/gzip", {}),
    "a packed file by another type": (gzip.compress(FILE), "text/csv", {}),
    "packed twice": (gzip.compress(gzip.compress(FILE)), "text/csv", {"content_encoding": "x-gzip"}),
    "packed in two members": (gzip.compress(FILE[:99]) + gzip.compress(FILE[99:]) + b"\0" * 512, "text/csv", {}),
    "in a form": (form(part(FILE)), FORM, {}),
    "in a form of another name and type": (form(part(FILE, "csv", "", "application/vnd.ms-excel")), FORM, {}),
    "in a packed form": (gzip.compress(form(part(FILE))), FORM, {"content_encoding": "gzip"}),
    "packed in a form": (form(part(gzip.compress(FILE), media_type="application/gzip")), FORM, {}),
}


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_the_same_file(way: str) -> None:
    body, content_type, headers = WAYS[way]
    for step in (1, 61, 4096, MIB) if len(body) < 10_000 else (61, 4096, MIB):
        upload = await sent(body, content_type, headers, step)
        assert (upload.size, upload.head) == (len(FILE), FILE[: 16 * 1024])
        assert upload.digest == hashlib.sha256(FILE).hexdigest()
        assert gzip.decompress(upload.gzip) == FILE


@examples(derandomize=True, database=None, max_examples=100, deadline=None)
@given(content=st.binary(max_size=300), step=st.integers(1, 100))
async def test_any_bytes_in_a_form(content: bytes, step: int) -> None:
    # What begins like gzip is unpacked; what has the boundary in it ends there, and is no form.
    if content.startswith(b"\x1f\x8b") or b"--XyZ" in content:
        return
    upload = await sent(form(part(content)), FORM, {}, step)
    assert gzip.decompress(upload.gzip) == content


REFUSED: dict[str, tuple[bytes, str, dict[str, str], type[AppError], object]] = {
    "another type": (FILE, "application/json", {}, UnsupportedMediaType, None),
    "no type": (FILE, "", {}, UnsupportedMediaType, None),
    "another packing": (FILE, "text/csv", {"content_encoding": "br"}, UnsupportedMediaType, None),
    "no gzip": (FILE, "text/csv", {"content_encoding": "gzip"}, ValidationFailed, ["body"]),
    "gzip that breaks off": (gzip.compress(FILE)[:-9], "text/csv", {}, ValidationFailed, ["body"]),
    "damaged gzip": (gzip.compress(FILE)[:-8] + b"12345678", "text/csv", {}, ValidationFailed, ["body"]),
    "gzip and more": (gzip.compress(FILE) + b"more", "text/csv", {}, ValidationFailed, ["body"]),
    "a form without a boundary": (form(part(FILE)), "multipart/form-data", {}, ValidationFailed, ["body"]),
    "a form of another boundary": (form(part(FILE)), f"{FORM}z", {}, ValidationFailed, ["body"]),
    "a form that breaks off": (part(FILE), FORM, {}, ValidationFailed, ["body"]),
    "an empty form": (b"--XyZ--\r\n", FORM, {}, ValidationFailed, ["body", "file"]),
    "an empty body": (b"", FORM, {}, ValidationFailed, ["body"]),
    "an option in the form": (
        form(part(b"lb", "weight_unit", None), part(FILE)), FORM, {}, ValidationFailed, ["body", "weight_unit"],
    ),
    "a text in place of the file": (form(part(FILE, "file", None)), FORM, {}, ValidationFailed, ["body", "file"]),
    "two files": (form(part(FILE), part(FILE, "other")), FORM, {}, ValidationFailed, ["body", "other"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_anything_else_is_refused(case: str) -> None:
    body, content_type, headers, error, loc = REFUSED[case]
    with pytest.raises(error) as refused:
        await sent(body, content_type, headers)
    assert [problem["loc"] for problem in refused.value.errors] == ([loc] if loc else [])


LARGE = {
    "the body": (b"x" * (MIB + 1), "text/csv", {}),
    "a form": (form(part(b"x" * (MIB + 1))), FORM, {}),
    "what the body holds": (gzip.compress(b"x" * (MIB + 1)), "text/csv", {"content_encoding": "gzip"}),
    "what the file holds": (gzip.compress(b"x" * (MIB + 1)), "text/csv", {}),
    "what the file of a form holds": (form(part(gzip.compress(b"x" * (MIB + 1)))), FORM, {}),
    "what is packed twice": (gzip.compress(gzip.compress(b"x" * (MIB + 1))), "text/csv", {"content_encoding": "gzip"}),
    "the lines around a file": (form(part(b"x", filename="y" * 70_000)), FORM, {}),
    "what the length says": (b"", "text/csv", {"content_length": str(3 * MIB)}),
}  # fmt: skip


@pytest.mark.parametrize("case", LARGE)
async def test_too_large_is_refused(case: str) -> None:
    body, content_type, headers = LARGE[case]
    with pytest.raises((PayloadTooLarge, ValidationFailed)) as refused:
        await sent(body, content_type, headers)
    assert isinstance(refused.value, PayloadTooLarge) or case == "the lines around a file"


async def test_just_so_much_is_taken() -> None:
    for body, content_type in ((b"x" * MIB, "text/csv"), (form(part(b"x" * MIB)), FORM)):
        assert (await sent(body, content_type, {})).size == MIB


@pytest.mark.parametrize("content_type", ["text/csv", FORM])
@pytest.mark.parametrize("headers", [{}, {"content_encoding": "gzip"}])
async def test_a_bomb_is_refused_while_it_streams(content_type: str, headers: dict[str, str]) -> None:
    bomb = gzip.compress(b"\0" * (200 * MIB))
    body = form(part(bomb)) if content_type == FORM else bomb
    body = gzip.compress(body) if headers else body
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            await sent(body, content_type, headers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MIB
