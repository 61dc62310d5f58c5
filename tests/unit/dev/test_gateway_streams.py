"""/rest/v1 as streams: bodies of any size both ways, hang-ups, and what becomes of the connections."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gateway_local import (
    OK,
    LocalGateway,
    Reader,
    Request,
    Writer,
    answering,
    client_of,
    get,
    local_gateway,
    raw_connection,
)


@pytest.mark.parametrize("chunked", [False, True])
async def test_large_upload_arrives_whole(gateway: LocalGateway, chunked: bool) -> None:
    content = bytes(range(256)) * 20_000

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 70_000):
            yield content[start : start + 70_000]

    async with client_of(gateway) as client:
        await client.post("/rest/v1/plans", content=pieces() if chunked else content)
    (request,) = gateway.upstream.requests
    received = _unchunked(request.body) if chunked else request.body
    assert hashlib.sha256(received).digest() == hashlib.sha256(content).digest()


def _unchunked(wire: bytes) -> bytes:
    content = bytearray()
    while True:
        size, wire = wire.split(b"\r\n", 1)
        if not int(size, 16):
            return bytes(content)
        content += wire[: int(size, 16)]
        wire = wire[int(size, 16) + 2 :]


async def test_large_answer_to_a_slow_reader_arrives_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(content)
    async with (
        local_gateway(tmp_path, answering(head + content)) as gateway,
        client_of(gateway) as client,
        client.stream("GET", "/rest/v1/plans") as answer,
    ):
        received = b"".join([piece async for piece in answer.aiter_raw(997)])
    assert hashlib.sha256(received).digest() == hashlib.sha256(content).digest()


async def test_answer_is_passed_on_while_it_is_still_made(tmp_path: Path) -> None:
    seen = asyncio.Event()

    async def in_two_parts(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        await seen.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    async with (
        local_gateway(tmp_path, in_two_parts) as gateway,
        client_of(gateway) as client,
        client.stream("GET", "/rest/v1/plans") as answer,
    ):
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"one"
        seen.set()
        assert await anext(pieces) == b"two"


async def test_client_that_hangs_up_ends_the_upstream_request(tmp_path: Path) -> None:
    async def wait_for_the_end(request: Request, reader: Reader, writer: Writer) -> None:
        assert await reader.read() == b""

    async with local_gateway(tmp_path, wait_for_the_end) as gateway:
        async with raw_connection(gateway.port) as (_, writer):
            writer.write(get("/rest/v1/plans"))
            await gateway.upstream.arrived.wait()
            assert not gateway.upstream.closed.is_set()
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)


async def test_client_that_hangs_up_in_the_middle_of_its_body(tmp_path: Path) -> None:
    async with local_gateway(tmp_path) as gateway:
        async with raw_connection(gateway.port) as (_, writer):
            writer.write(get("/rest/v1/plans", "content-length: 100", method="POST", body=b"half"))
            await gateway.upstream.connected.wait()
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)
        assert gateway.upstream.requests == []


async def test_connections_are_used_again(tmp_path: Path) -> None:
    async with local_gateway(tmp_path) as gateway, client_of(gateway) as client:
        for method in ("GET", "POST", "GET", "DELETE"):
            await client.request(method, "/rest/v1/plans", content=b"x" if method == "POST" else None)
        assert gateway.upstream.connections == 1
        await asyncio.gather(*(client.get("/rest/v1/plans") for _ in range(20)))
        assert len(gateway.upstream.requests) == 24
        assert gateway.upstream.connections <= 21


@pytest.mark.parametrize(
    ("method", "status", "received"), [("GET", 200, 3), ("HEAD", 200, 3), ("POST", 503, 2), ("DELETE", 503, 2)]
)
async def test_only_what_changes_nothing_is_sent_twice(tmp_path: Path, method: str, status: int, received: int) -> None:
    seen: list[Request] = []

    async def drop_the_second(request: Request, reader: Reader, writer: Writer) -> None:
        # As a server does that ends just when a request comes in on a connection it kept.
        seen.append(request)
        if len(seen) == 2:
            writer.close()
        else:
            writer.write(OK)

    async with local_gateway(tmp_path, drop_the_second) as gateway, client_of(gateway) as client:
        await client.get("/rest/v1/plans")
        answer = await client.request(method, "/rest/v1/plans")
        assert answer.status_code == status
        assert len(seen) == received


async def test_early_answer_to_a_large_upload(tmp_path: Path) -> None:
    async def refuse(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        while await reader.read(1 << 16):
            pass

    async with local_gateway(tmp_path, refuse) as gateway, client_of(gateway) as client:
        gateway.upstream.reads_bodies = False
        answer = await client.post("/rest/v1/plans", content=b"x" * 3_000_000)
        assert (answer.status_code, answer.text) == (413, "no")
        # What was not read is in that connection: the next request gets another.
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)
