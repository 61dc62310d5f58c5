"""Servers that speak OpenAI's protocol: what each is asked, and what we learn from what it refuses."""

import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from src.ai.models.provider import ModelProvider
from src.ai.provider import DIMENSIONS, ContentBlocked, Purpose
from src.ai.sentence_encoder import encode
from src.core.errors import BadUpstream, Unavailable
from src.core.model_endpoints import ADDRESSES, Family
from tests.support.model_server import Reply as Said
from tests.support.model_server import says_raw
from tests.support.openai_server import (
    EMBEDDING_MODEL,
    MODEL,
    Asked,
    FakeOpenAI,
    answers,
    blocked_prompt,
    calls,
    embeds_as,
    fails,
    fake_openai,
    refuses,
)
from tests.support.upstreams import Exchange
from tests.unit.ai.conftest import provider_of
from tests.unit.ai.samples import REPLY, prompt
from tests.unit.ai.test_answers import stream
from tests.unit.ai.test_tools import CALL, QUIET, LookUp, asking

pytestmark = pytest.mark.usefixtures("closed_providers")


@pytest.fixture(params=["openai", "openrouter", "ollama"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[FakeOpenAI]:
    """A server of each family; `openai` is here one that only speaks like OpenAI."""
    async with fake_openai(request.param) as server:
        yield server


@pytest.fixture
async def itself(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeOpenAI]:
    """OpenAI itself, as far as we can tell."""
    async with fake_openai() as server:
        monkeypatch.setitem(ADDRESSES, Family.OPENAI, f"{server.url}/v1")
        yield server


def at_openai(server: FakeOpenAI, model: str) -> ModelProvider:
    """A provider that asks OpenAI itself for this model."""
    return provider_of(server, ai_model=f"openai:{model}", ai_base_url=None, embedding_model="built-in")


def takes(*, schema: bool = True, functions: bool = True, lone_schema: bool = True) -> Said:
    """A server that can do so much: it refuses the rest with status 400, as such servers do."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        if asked.form == "json_schema" and (not schema or (asked.functions and not lone_schema)):
            await fails(400, "response_format is not supported")(exchange, asked)
        elif asked.functions and not functions:
            await fails(400, f"{asked.model} does not support tools")(exchange, asked)
        elif asked.tools and not asked.results:
            await calls(CALL)(exchange, asked)
        else:
            await answers(QUIET)(exchange, asked)

    return reply


def forms(server: FakeOpenAI) -> list[tuple[str | None, list[str]]]:
    """How each request wanted its answer, and which functions it offered."""
    return [(asked.form, asked.functions) for asked in server.asked]


SCHEMA, FUNCTION, WORDS = ("json_schema", list[str]()), (None, ["give_answer"]), (None, list[str]())


async def test_a_schema_is_asked_for_first_and_told_to_those_who_would_not_read_it(server: FakeOpenAI) -> None:
    provider = provider_of(server)
    server.will(answers(REPLY))
    await provider.generate(prompt())
    (asked,) = server.asked
    assert asked.form == "json_schema" or server.family == "openrouter"
    assert ('"mood"' in asked.system) == (server.family != "openrouter")
    assert len([message for message in asked.messages if message["role"] == "system"]) == 1


@pytest.mark.parametrize(
    ("can", "tried"),
    [
        (takes(), [SCHEMA]),
        (takes(schema=False), [SCHEMA, FUNCTION]),
        (takes(schema=False, functions=False), [SCHEMA, FUNCTION, WORDS]),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
async def test_what_is_refused_is_asked_in_another_form_and_remembered(
    can: Said, tried: list[Any], streams: bool, openai: FakeOpenAI
) -> None:
    provider = provider_of(openai)
    openai.otherwise = lambda _: can
    with capture_logs() as logs:
        for _ in range(2):
            if streams:
                pieces, answer = await stream(provider, prompt())
                assert "".join(pieces) == answer.value.reply
            else:
                answer = await provider.generate(prompt())
            assert answer.value.reply == QUIET["reply"]
    assert forms(openai) == [*tried, tried[-1]]
    assert [line["event"] for line in logs] == ["ai_mode"] * (len(tried) > 1)


BOTH, TOOLS = ["progress", "today", "give_answer"], ["progress", "today"]


@pytest.mark.parametrize(
    ("family", "can", "tried"),
    [
        ("openai", takes(), [(None, BOTH)]),
        ("openai", takes(functions=False), [(None, BOTH), (None, TOOLS), SCHEMA]),
        ("openai", takes(functions=False, schema=False), [(None, BOTH), (None, TOOLS), SCHEMA, WORDS]),
        ("ollama", takes(), [(None, TOOLS)]),
        ("ollama", takes(functions=False), [(None, TOOLS), SCHEMA]),
    ],
)
async def test_who_takes_no_tools_answers_without_them(family: str, can: Said, tried: list[Any]) -> None:
    async with fake_openai(family) as server:
        provider = provider_of(server)
        server.otherwise = lambda _: can
        look_up = LookUp()
        for _ in range(2):
            assert (await provider.generate(asking(look_up))).value.reply == QUIET["reply"]
        found = [form for form, asked in zip(forms(server), server.asked, strict=True) if not asked.results]
        assert found == [*tried, tried[-1]]
        assert bool(look_up.asked) == bool(set(tried[-1][1]) & set(TOOLS))
        # Without tools it is found out by itself.
        server.asked.clear()
        await provider.generate(prompt())
        assert forms(server)[0] == SCHEMA


async def test_openai_itself_takes_a_schema_and_tools_at_once(itself: FakeOpenAI) -> None:
    provider = at_openai(itself, "gpt-5.6-terra")
    itself.will(calls(CALL), answers(QUIET))
    await provider.generate(asking(LookUp()))
    assert forms(itself) == [("json_schema", TOOLS)] * 2
    itself.otherwise = lambda _: takes(lone_schema=False)
    itself.asked.clear()
    await provider.generate(asking(LookUp()))
    assert forms(itself)[:2] == [("json_schema", TOOLS), (None, BOTH)]


async def test_what_was_remembered_is_forgotten_when_it_is_refused_too(openai: FakeOpenAI) -> None:
    provider = provider_of(openai)
    openai.otherwise = lambda _: takes(schema=False)
    await provider.generate(prompt())
    openai.otherwise = lambda _: takes(functions=False)
    await provider.generate(prompt())  # in words
    openai.otherwise = lambda _: fails(400, "No.")
    with pytest.raises(BadUpstream):
        await provider.generate(prompt())
    openai.otherwise = lambda _: takes()
    openai.asked.clear()
    await provider.generate(prompt())
    assert forms(openai) == [SCHEMA]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (fails(401, "No."), Unavailable),
        (fails(400, "Too long.", code="context_length_exceeded"), BadUpstream),
        (fails(400, "This model's maximum context length is 4096 tokens."), BadUpstream),
        (blocked_prompt("content_policy_violation"), ContentBlocked),
        (fails(402, "Add credits."), Unavailable),
        (fails(422, "The prompt was filtered.", code="content_filter"), ContentBlocked),
    ],
)
async def test_what_is_not_about_the_form_is_not_asked_in_another(
    refusal: Said, error: type[Exception], openai: FakeOpenAI
) -> None:
    provider = provider_of(openai)
    openai.will(refusal)
    with pytest.raises(error):
        await provider.generate(prompt())
    assert len(openai.asked) == 1


async def test_a_refusal_in_words_is_blocked_content(openai: FakeOpenAI) -> None:
    provider = provider_of(openai)
    openai.will(refuses(), refuses())
    with pytest.raises(ContentBlocked):
        await provider.generate(prompt())
    with pytest.raises(ContentBlocked):
        await stream(provider, prompt())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": {"message": "Overloaded", "code": 503}}, Unavailable),
        ({"error": {"message": "Slow down", "code": 429}}, Unavailable),
    ],
)
async def test_openrouter_says_with_status_200_what_went_wrong(body: object, error: type[Exception]) -> None:
    async with fake_openai("openrouter") as server:
        provider = provider_of(server)
        server.otherwise = lambda _: says_raw(json.dumps(body).encode(), content_type="application/json")
        with pytest.raises(error):
            await provider.generate(prompt())


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "Here you are:\n{}", "<think>Hm, { or [?</think>\n{}"])
async def test_what_small_models_put_around_their_json_is_not_shown(fence: str) -> None:
    async with fake_openai("ollama") as server:
        provider = provider_of(server)
        text = fence.replace("{}", json.dumps(QUIET))
        server.otherwise = lambda _: answers(text, pieces=30)
        pieces, answer = await stream(provider, asking(LookUp()))
        assert answer.value.reply == QUIET["reply"]
        assert QUIET["reply"].startswith("".join(pieces))


PARAMETERS = ("temperature", "reasoning_effort", "max_tokens", "max_completion_tokens", "reasoning")


@pytest.mark.parametrize(
    ("model", "alone", "with_tools"),
    [
        ("gpt-4.1-mini", {"temperature": 0.7}, {"temperature": 0.7}),
        ("gpt-5-mini", {"reasoning_effort": "low"}, {"reasoning_effort": "minimal"}),
        # These refuse functions unless they are told not to think.
        ("gpt-5.4", {"reasoning_effort": "low"}, {"reasoning_effort": "none"}),
        ("gpt-5.6-terra", {"reasoning_effort": "low"}, {"reasoning_effort": "none"}),
        ("o4-mini", {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
        ("gpt-6-astra", {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
    ],
)
async def test_each_family_of_openais_models_gets_its_own_parameters(
    model: str, alone: dict[str, Any], with_tools: dict[str, Any], itself: FakeOpenAI
) -> None:
    provider = at_openai(itself, model)
    itself.otherwise = lambda _: answers(QUIET)
    await provider.generate(prompt())
    await stream(provider, asking(LookUp()))
    found = [{name: asked.body[name] for name in PARAMETERS if name in asked.body} for asked in itself.asked]
    assert found == [{**given, "max_completion_tokens": 16384} for given in (alone, with_tools)]
    assert all(asked.model == model for asked in itself.asked)


@pytest.mark.parametrize(
    ("family", "model", "parameters"),
    [
        ("openai", "Qwen/Qwen3-8B", {"temperature": 0.7}),
        ("openai", "a-model", {"temperature": 0.7}),
        ("ollama", "qwen3:8b", {"temperature": 0.7, "reasoning_effort": "none", "max_tokens": 16384}),
        ("ollama", "gpt-oss:20b", {"temperature": 0.7, "reasoning_effort": "none", "max_tokens": 16384}),
        # OpenRouter leaves out what a model does not know.
        (
            "openrouter",
            "openai/gpt-5.6-terra",
            {"reasoning": {"effort": "low", "enabled": True}, "max_tokens": 16384},
        ),
    ],
)
async def test_other_servers_get_what_they_take(family: str, model: str, parameters: dict[str, Any]) -> None:
    async with fake_openai(family) as server:
        provider = provider_of(server, ai_model=f"{family}:{model}")
        server.otherwise = lambda _: answers(QUIET)
        assert (await provider.generate(prompt())).model == f"{family}:{model}"
        assert {name: server.asked[0].body[name] for name in PARAMETERS if name in server.asked[0].body} == parameters


async def test_a_server_at_home_needs_no_key() -> None:
    async with fake_openai("ollama") as server:
        server.key = "none"
        provider = provider_of(server, ai_api_key=None)
        server.will(answers(REPLY))
        assert (await provider.generate(prompt())).model == f"ollama:{MODEL}"
        assert provider.name == "ollama"
        assert len(await provider.embed(["a text"], Purpose.QUERY)) == 1


async def test_what_the_environment_says_of_openai_is_told_to_no_other_server(
    openai: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "do-not-tell")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    provider = provider_of(openai)
    openai.will(answers(REPLY))
    await provider.generate(prompt())
    await provider.embed(["a text"], Purpose.QUERY)
    assert len(openai.asked) == 2
    assert "do-not-tell" not in str([asked.headers for asked in openai.asked])


async def test_vectors_of_another_length_are_shortened_by_the_server_or_filled_with_zeros(openai: FakeOpenAI) -> None:
    provider = provider_of(openai)
    (embedding,) = await provider.embed(["my knee hurts"], Purpose.QUERY)
    assert embedding == pytest.approx(encode(["my knee hurts"])[0], abs=1e-5)
    assert openai.asked[0].body["dimensions"] == DIMENSIONS
    assert provider.embedding_model == f"openai:{EMBEDDING_MODEL}"
    openai.will_embed(embeds_as([[3.0, 4.0] + [0.0] * 382]))
    (short,) = await provider.embed(["a text"], Purpose.QUERY)
    assert short == pytest.approx([0.6, 0.8] + [0.0] * (DIMENSIONS - 2))
    assert math.isclose(math.hypot(*short), 1)


async def test_a_model_of_one_length_is_asked_without_one_from_then_on(openai: FakeOpenAI) -> None:
    provider = provider_of(openai)
    refusal = fails(400, "Model does not support matryoshka representation, changing output dimensions will fail.")
    openai.will_embed(refusal, embeds_as([[1.0] * 384]), embeds_as([[1.0] * 384]))
    for _ in range(2):
        (embedding,) = await provider.embed(["a text"], Purpose.DOCUMENT)
        assert len(embedding) == DIMENSIONS
    assert ["dimensions" in asked.body for asked in openai.asked] == [True, False, False]


async def test_vectors_too_long_to_keep_are_a_clear_error(openai: FakeOpenAI) -> None:
    provider = provider_of(openai)
    openai.will_embed(fails(400, "No."), embeds_as([[1.0] * 1024]))
    with capture_logs() as logs, pytest.raises(BadUpstream, match="too long"):
        await provider.embed(["a text"], Purpose.DOCUMENT)
    (line,) = [line for line in logs if line["event"] == "ai_embedding_too_long"]
    assert (line["length"], line["model"], line["log_level"]) == (1024, f"openai:{EMBEDDING_MODEL}", "error")
    assert "EMBEDDING_MODEL" in line["help"]


@pytest.mark.parametrize(
    ("model", "document", "query"),
    [
        ("nomic-embed-text:v1.5", "search_document: a text", "search_query: a text"),
        ("intfloat/multilingual-e5-base", "passage: a text", "query: a text"),
        ("all-minilm", "a text", "a text"),
    ],
)
async def test_a_model_is_told_what_a_text_is_for_as_its_makers_say(model: str, document: str, query: str) -> None:
    async with fake_openai("ollama") as server:
        provider = provider_of(server, embedding_model=f"ollama:{model}")
        for purpose in Purpose:
            await provider.embed(["a text"], purpose)
        assert [asked.embedded for asked in server.asked] == [[document], [query]]
