"""The pooled client against a server that misbehaves: what each failure is called, and how often anything is sent."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from dev.net import free_port
from src.core.errors import AppError, BadUpstream, Unavailable, UpstreamTimeout
from src.core.http_client import HttpClient, build_client
from tests.support.cases import each_case
from tests.support.upstreams import Exchange, Script, head, in_turn, resets, says, scripted, stalls

# What is about slowness need not wait long for it; nothing else may fail because a machine is slow.
HASTY, PATIENT = 2.0, 30.0
# No measurement: it only ends a test of something that hangs.
BOUND = 60


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with build_client() as client:
        yield HttpClient(client, timeout=PATIENT)


@pytest.fixture
async def hasty(http: HttpClient) -> HttpClient:
    """The same, but its timeout is soon used up."""
    return HttpClient(http._client, timeout=HASTY)


async def closes(exchange: Exchange) -> None:
    exchange.writer.close()


async def talks_nonsense(exchange: Exchange) -> None:
    await exchange.raw(b"220 mail.example ESMTP\r\n\r\n")
    exchange.writer.close()


async def resets_mid_body(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"content-length": "100"}) + b"[1,")
    exchange.reset()


async def breaks_off(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"content-length": "100"}) + b"[1,")
    exchange.writer.close()


async def breaks_off_chunked(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"transfer-encoding": "chunked"}) + b"3\r\n[1,\r\n")
    exchange.writer.close()


async def stalls_mid_body(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"content-length": "100"}) + b"[1,")
    await exchange.stall()


async def drips(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"content-length": "1000000"}))
    while not exchange.hung_up.is_set():
        await exchange.raw(b" ")
        await asyncio.sleep(0.02)


BROKEN = [resets, closes, talks_nonsense, resets_mid_body, breaks_off, breaks_off_chunked]
SLOW = [stalls, stalls_mid_body, drips]


async def ask(http: HttpClient, url: str, method: str = "GET") -> int:
    body = None if method == "GET" else b"{}"
    async with asyncio.timeout(BOUND):
        return (await http.send(method, url, headers={"accept": "application/json"}, body=body)).status


async def test_refused(http: HttpClient) -> None:
    for method in ("GET", "POST"):
        with pytest.raises(Unavailable):
            await ask(http, f"http://127.0.0.1:{free_port()}/x", method)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_reset_before_the_request(http: HttpClient, method: str) -> None:
    async with scripted(says([]), resets_on_connect=True) as server:
        with pytest.raises(Unavailable):
            await ask(http, server.url, method)


@pytest.mark.parametrize("script", BROKEN, ids=lambda script: script.__name__)
async def test_a_read_whose_connection_breaks_is_asked_twice_and_no_more(http: HttpClient, script: Script) -> None:
    async with scripted(script) as server:
        with pytest.raises(Unavailable):
            await ask(http, server.url)
        assert server.count("GET") == 2


@pytest.mark.parametrize("script", BROKEN, ids=lambda script: script.__name__)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_write_whose_connection_breaks_is_never_sent_again(
    http: HttpClient, script: Script, method: str
) -> None:
    async with scripted(script) as server:
        with pytest.raises(Unavailable):
            await ask(http, server.url, method)
        assert server.count(method) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_a_write_on_a_kept_connection_that_breaks_is_never_sent_again(http: HttpClient, method: str) -> None:
    async with scripted(in_turn(says([]), resets)) as server:
        await ask(http, server.url)
        with pytest.raises(Unavailable):
            await ask(http, server.url, method)
        assert server.connections == 1
        assert server.count(method) == 1


async def test_a_write_finds_a_fresh_connection_when_the_kept_one_was_closed(http: HttpClient) -> None:
    closed = asyncio.Event()

    async def answers_and_closes(exchange: Exchange) -> None:
        await exchange.answer(200, b"[]")
        exchange.writer.write_eof()
        await exchange.hung_up.wait()
        closed.set()

    async with scripted(in_turn(answers_and_closes, says([]))) as server:
        assert await ask(http, server.url) == 200
        async with asyncio.timeout(BOUND):
            await closed.wait()  # the client has seen the end of it; before, this would be a race with the goodbye
        assert await ask(http, server.url, "POST") == 200
        assert (server.connections, server.count("POST")) == (2, 1)


async def test_slowness_ends_with_the_budget(hasty: HttpClient) -> None:
    async def ends(script: Script, method: str) -> None:
        with case(f"{method}: {script.__name__}"):
            async with scripted(script) as server:
                with pytest.raises(UpstreamTimeout):
                    await ask(hasty, server.url, method)
                assert server.count(method) == 1

    with each_case() as case:
        await asyncio.gather(*(ends(script, method) for script in SLOW for method in ("GET", "POST")))


async def test_the_second_try_has_only_what_the_first_left_of_the_budget(hasty: HttpClient) -> None:
    async with scripted(in_turn(resets, stalls)) as server:
        with pytest.raises(UpstreamTimeout):
            await ask(hasty, server.url)
        assert server.count("GET") == 2


@pytest.mark.parametrize("status", [502, 503])
async def test_not_now_is_asked_again_for_reads_only(http: HttpClient, status: int) -> None:
    async with scripted(in_turn(says({}, status), says([]))) as server:
        assert await ask(http, server.url) == 200
        assert server.count("GET") == 2
    async with scripted(in_turn(says({}, status), says([]))) as server:
        assert await ask(http, server.url, "POST") == status
        assert server.count("POST") == 1


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500, 504])
async def test_any_other_answer_is_asked_for_once(http: HttpClient, status: int) -> None:
    async with scripted(says({}, status)) as server:
        assert await ask(http, server.url) == status
        assert server.count("GET") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_are_not_followed(http: HttpClient, status: int, method: str) -> None:
    async with scripted(says([1])) as elsewhere, scripted(says([], status, location=elsewhere.url)) as server:
        assert await ask(http, server.url, method) == status
        assert elsewhere.seen == []


async def test_cookies_are_not_kept(http: HttpClient) -> None:
    async with scripted(says([], set_cookie="session=of-ana; Path=/")) as server:
        for _ in range(3):
            await ask(http, server.url)
        assert all("cookie" not in request.headers for request in server.seen)
        assert all("referer" not in request.headers for request in server.seen)


async def test_an_answer_without_end_does_not_fill_the_memory(http: HttpClient) -> None:
    sent = 0

    async def counts(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.raw(head(200, {"transfer-encoding": "chunked"}))
        while not exchange.hung_up.is_set():
            await exchange.raw(b"100000\r\n" + bytes(0x100000) + b"\r\n")
            sent += 1

    async with scripted(counts) as server:
        with pytest.raises(AppError) as failure:
            await ask(http, server.url)
    assert isinstance(failure.value, BadUpstream)
    assert sent < 64, "MiB were taken before the client gave up"


async def test_a_large_answer_is_whole(http: HttpClient) -> None:
    rows = [{"id": number, "notes": "x" * 100} for number in range(20_000)]
    async with scripted(says(rows)) as server:
        answer = await http.send("GET", server.url, headers={})
    assert answer.body.count(b'"id"') == len(rows)


async def test_a_compressed_answer_is_never_taken_for_json(http: HttpClient) -> None:
    async def compresses(exchange: Exchange) -> None:
        await exchange.answer(200, gzip.compress(b"[1]"), content_encoding="gzip")

    async with scripted(compresses) as server:
        answer = await http.send("GET", server.url, headers={})
        offered = server.seen[0].headers.get("accept-encoding")
    # Either we ask for it and undo it, or we do not ask for it and leave it alone.
    assert (answer.body == b"[1]") == (offered is not None)


async def test_more_callers_than_connections_all_end_within_the_budget(hasty: HttpClient) -> None:
    async with scripted(stalls) as server:
        asked = [ask(hasty, f"{server.url}/{number}") for number in range(250)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(result) for result in results} <= {UpstreamTimeout, Unavailable}
        assert len(server.seen) <= 250


async def test_the_pool_heals_after_it_was_exhausted(http: HttpClient, hasty: HttpClient) -> None:
    async with scripted(stalls) as server:
        await asyncio.gather(*(ask(hasty, server.url) for _ in range(150)), return_exceptions=True)
        server.script = says([])
        assert await asyncio.gather(*(ask(http, server.url) for _ in range(150))) == [200] * 150


async def test_a_caller_who_goes_away_leaves_nothing_behind(http: HttpClient, hasty: HttpClient) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def notices(exchange: Exchange) -> None:
        arrived.set()
        await exchange.stall()
        gone.set()

    async with scripted(notices) as server:
        caller = asyncio.create_task(hasty.send("POST", server.url, headers={}, body=b"{}"))
        await arrived.wait()
        caller.cancel()
        # pyreqwest keeps the connection of a cancelled request until the request's own time is up.
        async with asyncio.timeout(BOUND):
            await gone.wait()
        server.script = says([])
        assert await ask(http, server.url) == 200
        assert server.count("POST") == 1
