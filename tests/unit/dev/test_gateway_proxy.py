"""/rest/v1: what reaches the upstream and what comes back, byte for byte."""

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
    exchange,
    get,
    local_gateway,
)


@pytest.mark.parametrize(
    ("asked", "forwarded"),
    [
        ("/rest/v1/plans?select=id,name&name=eq.'a'", "/plans?select=id,name&name=eq.'a'"),
        ('/rest/v1/plans?or=(a.eq."x",b.gt.1)', '/plans?or=(a.eq."x",b.gt.1)'),
        ("/rest/v1/plans?a=%E2%82%AC&b=%2B+%20&c", "/plans?a=%E2%82%AC&b=%2B+%20&c"),
        ("/rest/v1/plans?a=<|>{}`^\\", "/plans?a=<|>{}`^\\"),
        ("/rest/v1/a/../b//c/%2e%2e/d", "/a/../b//c/%2e%2e/d"),
        ("/rest/v1/rpc/log_workout", "/rpc/log_workout"),
        ("/rest/v1/plans?&&a=1&", "/plans?&&a=1&"),
        ("/rest/v1/", "/"),
        ("/rest/v1", "/"),
    ],
)
async def test_target_is_passed_on_unchanged(gateway: LocalGateway, asked: str, forwarded: str) -> None:
    assert b"200 OK" in await exchange(gateway.port, get(asked))
    assert gateway.upstream.requests[0].line.decode() == f"GET {forwarded} HTTP/1.1"


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
async def test_method_headers_and_body(gateway: LocalGateway, method: str) -> None:
    sent = {
        "prefer": "return=representation, count=exact",
        "range": "0-9",
        "accept-profile": "public",
        "content-profile": "public",
        "if-none-match": '"abc"',
        "x-client-info": "supabase-js/2",
        "accept": "application/vnd.pgrst.object+json",
        "content-type": "application/json",
    }
    async with client_of(gateway) as client:
        await client.request(method, "/rest/v1/plans", headers=sent, content=b'{"a": 1}')
    (request,) = gateway.upstream.requests
    assert request.line.split()[0].decode() == method
    assert sent.items() <= request.headers.items()
    assert request.body == b'{"a": 1}'


async def test_what_is_between_two_hops_stays_there(gateway: LocalGateway) -> None:
    extra = ["keep-alive: timeout=5", "te: trailers", "x-private: 1", "x-public: 2", "upgrade: h2c", "expect: nothing"]
    asked = get("/rest/v1/plans", *extra).replace(b"connection: close", b"connection: close, X-Private")
    await exchange(gateway.port, asked)
    (request,) = gateway.upstream.requests
    assert request.headers["x-public"] == "2"
    assert request.headers["host"] == f"127.0.0.1:{gateway.upstream.port}"
    gone = {"connection", "keep-alive", "te", "x-private", "upgrade", "expect", "apikey"}
    assert not gone & set(request.headers)


async def test_answer_comes_back_unchanged(tmp_path: Path) -> None:
    answer = (
        b"HTTP/1.1 206 Partial Content\r\nDate: today\r\nServer: postgrest/12\r\nContent-Range: 0-1/7\r\n"
        b'ETag: "x"\r\nLocation: /plans?id=eq.1\r\nPreference-Applied: count=exact\r\nX-Twice: 1\r\nX-Twice: 2\r\n'
        b"Access-Control-Allow-Origin: http://elsewhere\r\nKeep-Alive: timeout=1\r\nContent-Length: 4\r\n\r\n[{}]"
    )
    async with local_gateway(tmp_path, answering(answer)) as gateway:
        head, body = (await exchange(gateway.port, get("/rest/v1/plans"))).split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 206 Partial Content"
    kept = ["date: today", "server: postgrest/12", "content-range: 0-1/7", 'etag: "x"', "x-twice: 1", "x-twice: 2"]
    kept += ["location: /plans?id=eq.1", "preference-applied: count=exact", "content-length: 4"]
    assert set(kept) <= set(lines)
    assert [line for line in lines if "allow-origin" in line] == ["access-control-allow-origin: *"]
    assert not any(line.startswith("keep-alive") for line in lines)
    assert body == b"[{}]"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"201 Created"])
async def test_answers_without_a_body(tmp_path: Path, status: bytes) -> None:
    length = b"content-length: 0\r\n" if status.startswith(b"201") else b""
    async with (
        local_gateway(tmp_path, answering(b"HTTP/1.1 " + status + b"\r\n" + length + b"\r\n")) as gateway,
        client_of(gateway) as client,
    ):
        for _ in range(3):
            answer = await client.get("/rest/v1/plans")
            assert (answer.status_code, answer.content) == (int(status[:3]), b"")
        assert gateway.upstream.connections == 1


async def test_head_has_the_headers_of_a_get(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-range: */7\r\ncontent-length: 999\r\n\r\n"
    async with local_gateway(tmp_path, answering(answer)) as gateway, client_of(gateway) as client:
        for _ in range(3):
            head = await client.head("/rest/v1/plans")
            assert (head.status_code, head.headers["content-range"], head.content) == (200, "*/7", b"")


async def test_answer_that_ends_with_its_connection(tmp_path: Path) -> None:
    async def until_close(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        writer.close()

    async with local_gateway(tmp_path, until_close) as gateway, client_of(gateway) as client:
        assert (await client.get("/rest/v1/plans")).content == b"all of it"


async def test_interim_answers_are_not_the_answer(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + OK
    async with local_gateway(tmp_path, answering(answer)) as gateway, client_of(gateway) as client:
        for _ in range(2):
            assert (await client.get("/rest/v1/plans")).text == "ok"
        assert gateway.upstream.connections == 1
