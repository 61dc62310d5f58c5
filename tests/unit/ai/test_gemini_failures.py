"""What goes wrong at Gemini, and the error it becomes; no test waits for longer than a client would hang up."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from src.ai.choice import provider_state
from src.ai.gemini.provider import GeminiProvider
from src.ai.provider import ContentBlocked, Generated, Purpose
from src.core.errors import AppError, BadUpstream, Unavailable, UpstreamTimeout
from tests.support.cases import each_case
from tests.support.gemini import (
    KEY,
    PER_DAY,
    PER_MINUTE,
    FakeGemini,
    answers,
    bad_key,
    blocked_answer,
    blocked_prompt,
    ends,
    fails,
    fails_after,
    fake_gemini,
    goes_on,
    resets,
    says_raw,
    stalls,
)
from tests.support.gemini import Reply as Told
from tests.unit.ai.samples import REPLY, Reply, prompt

Call = Callable[[GeminiProvider], Awaitable[object]]
HANG_UP_SECONDS = 30.0
"""A guard against a test that never ends; nothing waits for it."""


async def generates(provider: GeminiProvider) -> Generated[Reply]:
    return await provider.generate(prompt())


async def streams(provider: GeminiProvider) -> Generated[Reply]:
    pieces = [each async for each in provider.stream(prompt(), "reply")]
    assert isinstance(pieces[-1], Generated)
    return pieces[-1]


async def read(provider: GeminiProvider, into: list[object]) -> None:
    """Streams; what came before an error counts too."""
    async for piece in provider.stream(prompt(), "reply"):
        into.append(piece)  # noqa: PERF401  # see above


async def embeds(provider: GeminiProvider) -> list[list[float]]:
    return await provider.embed(["a text"], Purpose.QUERY)


CALLS = pytest.mark.parametrize("call", [generates, streams, embeds])


def tell(gemini: FakeGemini, call: Call, *replies: Told) -> None:
    (gemini.will_embed if call is embeds else gemini.will)(*replies)


@asynccontextmanager
async def hasty_provider(gemini: FakeGemini) -> AsyncIterator[GeminiProvider]:
    """A provider whose budget is soon used up."""
    hasty = GeminiProvider(gemini.settings(ai_budget_seconds=4.0, ai_first_event_seconds=2.5))
    await hasty.client()
    yield hasty
    await hasty.aclose()


PASSING = {
    "rate limit": fails(429, "Resource has been exhausted.", retry_delay="0s", quota=PER_MINUTE),
    "overload": fails(503, "The model is overloaded. Please try again later.", retry_delay="0s"),
    "internal": fails(500, "An internal error has occurred.", retry_delay="0s"),
    "reset": resets(),
}


async def test_what_passes_is_tried_again_twice() -> None:
    async def is_tried_again(name: str, call: Call) -> None:
        with case(f"{name} when it {call.__name__}"):
            async with fake_gemini() as gemini:
                provider = GeminiProvider(gemini.settings())
                failure = PASSING[name]
                good = [] if call is embeds else [answers(REPLY)]
                tell(gemini, call, failure, failure, *good)
                await call(provider)
                assert len(gemini.asked) == 3
                tell(gemini, call, failure, failure, failure, *good)
                with pytest.raises(Unavailable) as raised:
                    await call(provider)
                assert len(gemini.asked) == 6
                assert int(raised.value.headers["Retry-After"]) >= 1
                await provider.aclose()

    with each_case() as case:
        await asyncio.gather(*(is_tried_again(name, call) for name in PASSING for call in (generates, streams, embeds)))


@CALLS
@pytest.mark.parametrize(("status", "header"), [(429, None), (503, None), (503, "3600")])
async def test_a_wait_longer_than_the_budget_is_told_and_not_waited(
    status: int, header: str | None, call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    headers = {"retry_after": header} if header else {}
    tell(gemini, call, fails(status, "Not now.", retry_delay="57.3s", **headers))
    with pytest.raises(Unavailable) as raised:
        await call(provider)
    assert raised.value.headers["Retry-After"] == (header or "58")
    assert len(gemini.asked) == 1


async def test_a_retry_waits_as_long_as_it_was_told(
    gemini: FakeGemini, provider: GeminiProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, *rest: Any) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr("src.ai.gemini.retries.asyncio.sleep", noted)
    gemini.will(fails(429, retry_delay="1.25s"), fails(503), answers(REPLY))
    await provider.generate(prompt())
    paused = [seconds for seconds in slept if seconds > 0.01]
    assert paused[0] == 1.25
    assert 0.3 < paused[1] < 1


@CALLS
async def test_a_used_up_quota_is_not_tried_again(call: Call, gemini: FakeGemini, provider: GeminiProvider) -> None:
    tell(gemini, call, fails(429, "You exceeded your current quota.", quota=PER_DAY, retry_delay="1s"))
    with pytest.raises(Unavailable) as raised:
        await call(provider)
    assert raised.value.headers["Retry-After"] == "3600"
    assert len(gemini.asked) == 1


@CALLS
@pytest.mark.parametrize(
    "refusal", [bad_key, fails(401, "No key."), fails(403, "Reported as leaked.")], ids=["invalid", "401", "403"]
)
async def test_a_refused_key_is_told_once_and_remembered(
    refusal: Told, call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    assert provider_state(provider) == "gemini"
    good = [] if call is embeds else [answers(REPLY)]
    tell(gemini, call, refusal, refusal, *good)
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(Unavailable) as raised:
                await call(provider)
            assert int(raised.value.headers["Retry-After"]) >= 60
            assert provider_state(provider) == "unavailable"
    assert len(gemini.asked) == 2, "trying again is no use"
    loud = [line for line in logs if line["log_level"] == "error"]
    assert [line["event"] for line in loud] == ["ai_key_refused"]
    assert KEY not in json.dumps(logs) + raised.value.detail
    await call(provider)
    assert provider_state(provider) == "gemini"


async def test_a_wrong_key_is_refused(gemini: FakeGemini, provider: GeminiProvider) -> None:
    gemini.key = "another"
    with pytest.raises(Unavailable):
        await provider.generate(prompt())
    assert gemini.asked[0].headers["x-goog-api-key"] == KEY
    assert KEY not in gemini.asked[0].target


@pytest.mark.parametrize("call", [generates, streams])
@pytest.mark.parametrize(
    "block",
    [
        blocked_prompt(),
        blocked_prompt("SAFETY"),
        blocked_answer(),
        blocked_answer('{"reply": "How to h'),
        blocked_answer('{"reply": "How to"}', reason="RECITATION"),
        blocked_answer("", reason="PROHIBITED_CONTENT"),
    ],
)
async def test_blocked_content_is_said_to_be(
    block: Told, call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    gemini.will(block)
    with pytest.raises(ContentBlocked) as raised:
        await call(provider)
    assert (raised.value.status, raised.value.code) == (422, "content_blocked")
    assert len(gemini.asked) == 1


@CALLS
@pytest.mark.parametrize("status", [400, 404, 418])
async def test_a_request_that_google_rejects_is_ours_to_mend(
    status: int, call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    tell(gemini, call, fails(status, "The prompt `my secret` is wrong."))
    with capture_logs() as logs, pytest.raises(BadUpstream):
        await call(provider)
    assert len(gemini.asked) == 1
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
async def test_an_answer_that_is_not_geminis_is_a_bad_one(
    rubbish: bytes, call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    tell(gemini, call, *[says_raw(rubbish, content_type="application/json")] * 3)
    with capture_logs() as logs, pytest.raises((BadUpstream, Unavailable)):
        await call(provider)
    assert logs
    assert "my secret" not in json.dumps(logs)


@RUBBISH
async def test_rubbish_in_a_stream_ends_it(rubbish: bytes, gemini: FakeGemini, provider: GeminiProvider) -> None:
    gemini.will(goes_on('{"reply": "Well do', rubbish), *[answers("no JSON")] * 3)
    with pytest.raises((BadUpstream, Unavailable)):
        await streams(provider)


@CALLS
async def test_what_cannot_be_read_at_all_is_a_bad_answer(
    call: Call, gemini: FakeGemini, provider: GeminiProvider
) -> None:
    tell(gemini, call, says_raw(b"no gzip", content_encoding="gzip"), *[fails(302, location=gemini.url)] * 2)
    for _ in range(2):
        with pytest.raises(BadUpstream):
            await call(provider)
    assert len(gemini.asked) == 2, "nothing follows a redirect"


async def test_a_stall_ends_with_the_budget() -> None:
    async def ends(call: Call) -> None:
        with case(call.__name__):
            async with fake_gemini() as gemini, hasty_provider(gemini) as hasty:
                tell(gemini, call, stalls())
                with pytest.raises(UpstreamTimeout):
                    await call(hasty)
                await asyncio.wait_for(gemini.hung_up.wait(), HANG_UP_SECONDS)
                assert len(gemini.asked) == 1

    async def ends_once_it_has_begun() -> None:
        with case("streams, and has begun"):
            async with fake_gemini() as gemini, hasty_provider(gemini) as hasty:
                gemini.will(stalls('{"reply": "Well do'))
                pieces: list[object] = []
                with pytest.raises(UpstreamTimeout):
                    await read(hasty, pieces)
                assert "".join(map(str, pieces)) == "Well do"
                await asyncio.wait_for(gemini.hung_up.wait(), HANG_UP_SECONDS)

    with each_case() as case:
        await asyncio.gather(*(ends(call) for call in (generates, streams, embeds)), ends_once_it_has_begun())


async def test_a_stream_that_does_not_begin_ends_before_the_budget(gemini: FakeGemini) -> None:
    provider = GeminiProvider(gemini.settings(ai_budget_seconds=60, ai_first_event_seconds=0.3))
    gemini.will(stalls(), stalls(""))
    async with asyncio.timeout(HANG_UP_SECONDS):
        for _ in range(2):
            with pytest.raises(UpstreamTimeout):
                await streams(provider)
    await provider.aclose()


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (resets('{"reply": "Well do'), Unavailable),
        (fails_after('{"reply": "Well do', 503), Unavailable),
        (fails_after('{"reply": "Well do', 429), Unavailable),
        (fails_after('{"reply": "Well do', 400), BadUpstream),
    ],
    ids=["reset", "overload", "rate limit", "invalid"],
)
async def test_a_stream_that_has_begun_is_not_begun_again(
    broken: Told, error: type[AppError], gemini: FakeGemini, provider: GeminiProvider
) -> None:
    gemini.will(broken, answers(REPLY))
    pieces: list[object] = []
    with pytest.raises(error):
        await read(provider, pieces)
    assert "Well do".startswith("".join(map(str, pieces)))
    assert pieces
    assert len(gemini.asked) == 1


async def test_a_stream_that_ends_early_is_asked_for_again(gemini: FakeGemini, provider: GeminiProvider) -> None:
    gemini.will(ends('{"reply": "Well do'), answers(REPLY))
    assert (await streams(provider)).value == Reply.model_validate(REPLY)
    assert [asked.action for asked in gemini.asked] == ["streamGenerateContent", "generateContent"]


@CALLS
async def test_who_goes_away_ends_the_call(call: Call, gemini: FakeGemini, provider: GeminiProvider) -> None:
    arrived = asyncio.Event()

    async def reply(exchange: Any, asked: Any) -> None:
        arrived.set()
        await exchange.stall()

    tell(gemini, call, reply)
    asking = asyncio.ensure_future(call(provider))
    await asyncio.wait_for(arrived.wait(), HANG_UP_SECONDS)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(gemini.hung_up.wait(), HANG_UP_SECONDS)


async def test_who_reads_no_further_ends_the_stream(gemini: FakeGemini, provider: GeminiProvider) -> None:
    gemini.will(stalls('{"reply": "Well do'))
    async with aclosing(provider.stream(prompt(), "reply")) as pieces:
        async for piece in pieces:
            assert str(piece).startswith("W")
            break
    await asyncio.wait_for(gemini.hung_up.wait(), HANG_UP_SECONDS)


async def test_nobody_listening_is_unavailable(gemini: FakeGemini) -> None:
    provider = GeminiProvider(gemini.settings(gemini_base_url="http://127.0.0.1:9"))
    for call in (generates, streams, embeds):
        with pytest.raises(Unavailable):
            await call(provider)
    await provider.aclose()


async def test_calls_at_once_load_one_client_and_share_it(gemini: FakeGemini, provider: GeminiProvider) -> None:
    gemini.otherwise = lambda _: answers(REPLY)
    found = await asyncio.gather(*[provider.generate(prompt()) for _ in range(20)], *[provider.client() for _ in "ab"])
    assert found[-1] is found[-2]
    assert len(gemini.asked) == 20
