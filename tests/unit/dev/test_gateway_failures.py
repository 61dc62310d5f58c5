"""What the gateway says when those behind it do not answer, and how it goes on afterwards."""

import asyncio
import logging
from pathlib import Path

import httpx
import pytest

from dev.gateway import proxy
from tests.support.auth_http import refusal
from tests.support.gateway_local import (
    PUBLISHABLE,
    SECRET,
    Reader,
    Request,
    Writer,
    answering,
    client_of,
    local_gateway,
)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nobody_listens(tmp_path: Path, method: str) -> None:
    async with local_gateway(tmp_path, script=None) as gateway, client_of(gateway) as client:
        answer = await client.request(method, "/rest/v1/plans")
    assert answer.status_code == 503
    assert answer.json() == {"message": "PostgREST is not reachable: the database API is down."}


async def test_silence_is_answered_504_and_the_upstream_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        await reader.read()

    monkeypatch.setattr(proxy, "ANSWER_SECONDS", 0.05)
    async with local_gateway(tmp_path, silent) as gateway, client_of(gateway) as client:
        answer = await client.get("/rest/v1/plans")
        assert (answer.status_code, answer.json()) == (504, {"message": "The upstream server is timing out"})
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)


@pytest.mark.parametrize("content", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-le"])
async def test_what_is_no_answer(tmp_path: Path, content: bytes) -> None:
    async def garbage(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(content)
        writer.close()

    async with local_gateway(tmp_path, garbage) as gateway, client_of(gateway) as client:
        for method in ("GET", "POST"):
            answer = await client.request(method, "/rest/v1/plans")
            assert answer.status_code == 503
            assert "PostgREST" in answer.json()["message"]


@pytest.mark.parametrize("framing", [b"content-length: 100", b"transfer-encoding: chunked"])
async def test_answer_that_breaks_off_is_not_taken_for_whole(
    tmp_path: Path, framing: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def cut(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n4\r\nhalf\r\n")
        writer.close()

    async with local_gateway(tmp_path, cut) as gateway, client_of(gateway) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/rest/v1/plans")
    assert "broke off" in caplog.text


async def test_heals_by_itself(tmp_path: Path) -> None:
    async with local_gateway(tmp_path, answering(b"nonsense")) as gateway, client_of(gateway) as client:
        assert (await client.get("/rest/v1/plans")).status_code == 503
        gateway.upstream.script = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        assert (await client.get("/rest/v1/plans")).text == "ok"


async def test_auth_without_a_database(tmp_path: Path) -> None:
    async with local_gateway(tmp_path) as gateway, client_of(gateway) as client:
        for method, path, body in (
            ("GET", "/auth/v1/health", None),
            ("POST", "/auth/v1/signup", {"email": "a@b.io", "password": "secret1"}),
            ("POST", "/auth/v1/token?grant_type=refresh_token", {"refresh_token": "abc"}),
        ):
            answer = await client.request(method, path, json=body)
            assert refusal(answer) == (503, "unexpected_failure")
        assert (await client.get("/auth/v1/settings")).status_code == 200


async def test_logs_name_no_secret_and_no_body(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    async with local_gateway(tmp_path, answering(b"nonsense")) as gateway, client_of(gateway) as client:
        bearer = {"apikey": SECRET, "Authorization": "Bearer token-of-someone"}
        await client.post(f"/rest/v1/plans?apikey={SECRET}", json={"note": "private-text"}, headers=bearer)
        body = {"email": "private-text@b.io", "password": "private-text"}
        await client.post("/auth/v1/signup", json=body)
    assert caplog.records
    for secret in (SECRET, PUBLISHABLE, "token-of-someone", "private-text"):
        assert secret not in caplog.text


async def test_silence_in_the_middle_of_an_answer_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stalls(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        # Only now: a slow machine has the usual time until the answer begins.
        monkeypatch.setattr(proxy, "ANSWER_SECONDS", 0.05)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        await reader.read()

    async with local_gateway(tmp_path, stalls) as gateway, client_of(gateway) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/rest/v1/plans")
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)
    assert "broke off" in caplog.text


async def test_client_that_hangs_up_in_the_middle_of_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def endless(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while not reader.at_eof():
            writer.write(b"4\r\nmore\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    async with local_gateway(tmp_path, endless) as gateway:
        async with client_of(gateway) as client, client.stream("GET", "/rest/v1/plans") as answer:
            assert await anext(answer.aiter_raw())
        await asyncio.wait_for(gateway.upstream.closed.wait(), 10)
        gateway.upstream.script = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        async with client_of(gateway) as client:
            assert (await client.get("/rest/v1/plans")).text == "ok"
    assert "Task exception" not in caplog.text
