"""What goes wrong at a model's server, in each protocol, and the error it becomes.

No test waits for longer than a client would hang up.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from src.ai.choice import provider_state
from src.ai.models.provider import ModelProvider
from src.ai.provider import ContentBlocked, Generated, Purpose
from src.core.errors import AppError, BadUpstream, Unavailable, UpstreamTimeout
from tests.support.cases import each_case
from tests.support.gemini import FakeGemini
from tests.support.model_server import KEY, PER_DAY, PER_MINUTE, ModelServer, Speaks, says_raw
from tests.support.model_server import Reply as Told
from tests.unit.ai.conftest import StartServer, provider_of
from tests.unit.ai.samples import REPLY, Reply, prompt

pytestmark = pytest.mark.usefixtures("closed_providers")


Call = Callable[[ModelProvider], Awaitable[object]]
HANG_UP_SECONDS = 30.0
"""A guard against a test that never ends; nothing waits for it."""


async def generates(provider: ModelProvider) -> Generated[Reply]:
    return await provider.generate(prompt())


async def streams(provider: ModelProvider) -> Generated[Reply]:
    pieces = [each async for each in provider.stream(prompt(), "reply")]
    assert isinstance(pieces[-1], Generated)
    return pieces[-1]


async def read(provider: ModelProvider, into: list[object]) -> None:
    """Streams; what came before an error counts too."""
    async for piece in provider.stream(prompt(), "reply"):
        into.append(piece)  # noqa: PERF401  # see above


async def embeds(provider: ModelProvider) -> list[list[float]]:
    return await provider.embed(["a text"], Purpose.QUERY)


CALLS = pytest.mark.parametrize("call", [generates, streams, embeds])


def tell(server: ModelServer, call: Call, *replies: Told) -> None:
    (server.will_embed if call is embeds else server.will)(*replies)


@asynccontextmanager
async def hasty_provider(server: ModelServer) -> AsyncIterator[ModelProvider]:
    """A provider whose budget is soon used up."""
    hasty = provider_of(server, ai_budget_seconds=4.0, ai_first_event_seconds=2.5)
    await hasty.client()
    yield hasty


Say = Callable[[Speaks], Told]
"""Something that goes wrong, in either protocol."""
PASSING: dict[str, Say] = {
    "rate limit": lambda speaks: speaks.fails(429, "Used up.", retry_delay="0s", quota=PER_MINUTE),
    "overload": lambda speaks: speaks.fails(503, "The model is overloaded. Please try again later.", retry_delay="0s"),
    "internal": lambda speaks: speaks.fails(500, "An internal error has occurred.", retry_delay="0s"),
    "reset": lambda speaks: speaks.resets(),
}


async def test_what_passes_is_tried_again_twice(start_server: StartServer) -> None:
    async def is_tried_again(name: str, call: Call) -> None:
        with case(f"{name} when it {call.__name__}"):
            async with start_server() as server:
                provider = provider_of(server)
                failure = PASSING[name](server.speaks)
                good = [] if call is embeds else [server.speaks.answers(REPLY)]
                tell(server, call, failure, failure, *good)
                await call(provider)
                assert len(server.asked) == 3
                tell(server, call, failure, failure, failure, *good)
                with pytest.raises(Unavailable) as raised:
                    await call(provider)
                assert len(server.asked) == 6
                assert int(raised.value.headers["Retry-After"]) >= 1

    with each_case() as case:
        await asyncio.gather(*(is_tried_again(name, call) for name in PASSING for call in (generates, streams, embeds)))


@CALLS
@pytest.mark.parametrize(("status", "header"), [(429, None), (503, None), (503, "3600")])
async def test_a_wait_longer_than_the_budget_is_told_and_not_waited(
    status: int, header: str | None, call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    headers = {"retry_after": header} if header else {}
    tell(server, call, server.speaks.fails(status, "Not now.", retry_delay="57.3s", **headers))
    with pytest.raises(Unavailable) as raised:
        await call(provider)
    assert raised.value.headers["Retry-After"] == (header or "58")
    assert len(server.asked) == 1


async def test_a_retry_waits_as_long_as_it_was_told(
    server: ModelServer, provider: ModelProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, *rest: Any) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr("src.ai.models.retries.asyncio.sleep", noted)
    server.will(server.speaks.fails(429, retry_delay="1.25s"), server.speaks.fails(503), server.speaks.answers(REPLY))
    await provider.generate(prompt())
    paused = [seconds for seconds in slept if seconds > 0.01]
    assert paused[0] == 1.25
    assert 0.3 < paused[1] < 1


@CALLS
async def test_a_used_up_quota_is_not_tried_again(call: Call, server: ModelServer, provider: ModelProvider) -> None:
    tell(server, call, server.speaks.fails(429, "You exceeded your current quota.", quota=PER_DAY, retry_delay="1s"))
    with pytest.raises(Unavailable) as raised:
        await call(provider)
    assert raised.value.headers["Retry-After"] == "3600"
    assert len(server.asked) == 1


@CALLS
@pytest.mark.parametrize(
    "refused",
    [
        lambda speaks: speaks.bad_key,
        lambda speaks: speaks.fails(401, "No key."),
        lambda speaks: speaks.fails(403, "Reported as leaked."),
    ],
    ids=["invalid", "401", "403"],
)
async def test_a_refused_key_is_told_once_and_remembered(
    refused: Say, call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    assert provider_state(provider) == provider.name
    refusal = refused(server.speaks)
    good = [] if call is embeds else [server.speaks.answers(REPLY)]
    tell(server, call, refusal, refusal, *good)
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(Unavailable) as raised:
                await call(provider)
            assert int(raised.value.headers["Retry-After"]) >= 60
            assert provider_state(provider) == "unavailable"
    assert len(server.asked) == 2, "trying again is no use"
    loud = [line for line in logs if line["log_level"] == "error"]
    assert [line["event"] for line in loud] == ["ai_key_refused"]
    assert KEY not in json.dumps(logs) + raised.value.detail
    await call(provider)
    assert provider_state(provider) == provider.name


async def test_a_wrong_key_is_refused(server: ModelServer, provider: ModelProvider) -> None:
    server.key = "another"
    with pytest.raises(Unavailable):
        await provider.generate(prompt())
    (asked,) = server.asked
    assert KEY in (asked.headers.get("x-goog-api-key") or asked.headers["authorization"])
    assert KEY not in asked.target


@pytest.mark.parametrize("call", [generates, streams])
@pytest.mark.parametrize(
    "block",
    [
        lambda speaks: speaks.blocked_prompt(),
        lambda speaks: speaks.blocked_answer(),
        lambda speaks: speaks.blocked_answer('{"reply": "How to h'),
    ],
    ids=["prompt", "answer", "half an answer"],
)
async def test_blocked_content_is_said_to_be(
    block: Say, call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    server.will(block(server.speaks))
    with pytest.raises(ContentBlocked) as raised:
        await call(provider)
    assert (raised.value.status, raised.value.code) == (422, "content_blocked")
    assert len(server.asked) == 1


@CALLS
@pytest.mark.parametrize("status", [400, 404, 418])
async def test_a_request_that_is_rejected_is_ours_to_mend(
    status: int, call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    tell(server, call, *[server.speaks.fails(status, "The prompt `my secret` is wrong.")] * 3)
    with capture_logs() as logs, pytest.raises(BadUpstream):
        await call(provider)
    # A server that may only not know the form of a request is asked in its other forms too.
    assert len(server.asked) <= (1 if isinstance(server, FakeGemini) or status == 418 else 3)
    assert [line["event"] for line in logs] == ["ai_failed"]
    assert "my secret" not in json.dumps(logs)


RUBBISH = pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"{",
        b"3",
        b"[]",
        b"<html>A proxy</html>",
        b"\xff\xfe",
        b'{"error": 3}',
        b'{"error": {"code": "x"}}',
        b'{"candidates": "x", "embeddings": 3}',
        b'{"candidates": [{"content": {"parts": [{"text": 3}]}}], "embeddings": [{"values": ["my secret"]}]}',
        b'{"candidates": [{"content": {"parts": [{"functionCall": {"name": "x"}}]}}], "embeddings": [{}]}',
    ],
)


@CALLS
@RUBBISH
async def test_an_answer_that_is_no_models_is_a_bad_one(
    rubbish: bytes, call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    tell(server, call, *[says_raw(rubbish, content_type="application/json")] * 3)
    with capture_logs() as logs, pytest.raises((BadUpstream, Unavailable)):
        await call(provider)
    assert logs
    assert "my secret" not in json.dumps(logs)


@RUBBISH
async def test_rubbish_in_a_stream_ends_it(rubbish: bytes, server: ModelServer, provider: ModelProvider) -> None:
    server.will(server.speaks.goes_on('{"reply": "Well do', rubbish), *[server.speaks.answers("no JSON")] * 3)
    with pytest.raises((BadUpstream, Unavailable)):
        await streams(provider)


@CALLS
async def test_what_cannot_be_read_at_all_is_a_bad_answer(
    call: Call, server: ModelServer, provider: ModelProvider
) -> None:
    tell(server, call, *[says_raw(b"no gzip", content_encoding="gzip")] * 3)
    with pytest.raises((BadUpstream, Unavailable)):
        await call(provider)


@CALLS
async def test_nothing_follows_a_redirect(call: Call, server: ModelServer, provider: ModelProvider) -> None:
    tell(server, call, server.speaks.fails(302, location=f"{server.url}/elsewhere"))
    with pytest.raises(BadUpstream):
        await call(provider)
    assert len(server.asked) == 1


async def test_a_stall_ends_with_the_budget(start_server: StartServer) -> None:
    async def ends(call: Call) -> None:
        with case(call.__name__):
            async with start_server() as server, hasty_provider(server) as hasty:
                tell(server, call, server.speaks.stalls())
                with pytest.raises(UpstreamTimeout):
                    await call(hasty)
                await asyncio.wait_for(server.hung_up.wait(), HANG_UP_SECONDS)
                assert len(server.asked) == 1

    async def ends_once_it_has_begun() -> None:
        with case("streams, and has begun"):
            async with start_server() as server, hasty_provider(server) as hasty:
                server.will(server.speaks.stalls('{"reply": "Well do'))
                pieces: list[object] = []
                with pytest.raises(UpstreamTimeout):
                    await read(hasty, pieces)
                assert "".join(map(str, pieces)) == "Well do"
                await asyncio.wait_for(server.hung_up.wait(), HANG_UP_SECONDS)

    with each_case() as case:
        await asyncio.gather(*(ends(call) for call in (generates, streams, embeds)), ends_once_it_has_begun())


async def test_a_stream_that_does_not_begin_ends_before_the_budget(server: ModelServer) -> None:
    provider = provider_of(server, ai_budget_seconds=60, ai_first_event_seconds=0.3)
    server.will(server.speaks.stalls(), server.speaks.stalls(""))
    async with asyncio.timeout(HANG_UP_SECONDS):
        for _ in range(2):
            with pytest.raises(UpstreamTimeout):
                await streams(provider)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (lambda speaks: speaks.resets('{"reply": "Well do'), Unavailable),
        (lambda speaks: speaks.fails_after('{"reply": "Well do', 503), Unavailable),
        (lambda speaks: speaks.fails_after('{"reply": "Well do', 429), Unavailable),
        (lambda speaks: speaks.fails_after('{"reply": "Well do', 400), BadUpstream),
    ],
    ids=["reset", "overload", "rate limit", "invalid"],
)
async def test_a_stream_that_has_begun_is_not_begun_again(
    broken: Say, error: type[AppError], server: ModelServer, provider: ModelProvider
) -> None:
    server.will(broken(server.speaks), server.speaks.answers(REPLY))
    pieces: list[object] = []
    with pytest.raises(error):
        await read(provider, pieces)
    assert "Well do".startswith("".join(map(str, pieces)))
    assert pieces
    assert len(server.asked) == 1


async def test_a_stream_that_ends_early_is_asked_for_again(server: ModelServer, provider: ModelProvider) -> None:
    server.will(server.speaks.ends('{"reply": "Well do'), server.speaks.answers(REPLY))
    assert (await streams(provider)).value == Reply.model_validate(REPLY)
    assert [asked.kind for asked in server.asked] == ["stream", "generate"]


@CALLS
async def test_who_goes_away_ends_the_call(call: Call, server: ModelServer, provider: ModelProvider) -> None:
    arrived = asyncio.Event()

    async def reply(exchange: Any, asked: Any) -> None:
        arrived.set()
        await exchange.stall()

    tell(server, call, reply)
    asking = asyncio.ensure_future(call(provider))
    await asyncio.wait_for(arrived.wait(), HANG_UP_SECONDS)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(server.hung_up.wait(), HANG_UP_SECONDS)


async def test_who_reads_no_further_ends_the_stream(server: ModelServer, provider: ModelProvider) -> None:
    server.will(server.speaks.stalls('{"reply": "Well do'))
    async with aclosing(provider.stream(prompt(), "reply")) as pieces:
        async for piece in pieces:
            assert str(piece).startswith("W")
            break
    await asyncio.wait_for(server.hung_up.wait(), HANG_UP_SECONDS)


async def test_nobody_listening_is_unavailable(start_server: StartServer) -> None:
    async with start_server() as server:
        provider = provider_of(server)
    for call in (generates, streams, embeds):
        with pytest.raises(Unavailable):
            await call(provider)


async def test_calls_at_once_load_one_client_and_share_it(server: ModelServer, provider: ModelProvider) -> None:
    server.otherwise = lambda _: server.speaks.answers(REPLY)
    found = await asyncio.gather(*[provider.generate(prompt()) for _ in range(20)], *[provider.client() for _ in "ab"])
    assert found[-1] is found[-2]
    assert len(server.asked) == 20
