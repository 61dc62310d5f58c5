"""What Gemini alone is asked, and how."""

import math
from typing import Any

import pytest

from src.ai.provider import DIMENSIONS, ContentBlocked, Purpose
from src.ai.sentence_encoder import encode
from src.core.errors import BadUpstream
from tests.support.gemini import FakeGemini, Reply, answers, blocked_answer, blocked_prompt, embeds_as
from tests.unit.ai.conftest import provider_of
from tests.unit.ai.samples import REPLY, prompt
from tests.unit.ai.test_answers import stream

pytestmark = pytest.mark.usefixtures("closed_providers")


@pytest.mark.parametrize(
    ("model", "thinking", "sampling"),
    [
        ("gemini-2.5-flash", {"thinkingBudget": 512}, {"temperature": 0.7}),
        ("gemini-2.5-pro", {"thinkingBudget": 512}, {"temperature": 0.7}),
        ("gemini-3.8-flash", {"thinkingLevel": "LOW"}, {}),
        ("gemini-3.1-flash-lite", {"thinkingLevel": "LOW"}, {}),
        ("gemini-4-argon", {"thinkingLevel": "LOW"}, {}),
        ("gemini-2.0-flash", None, {"temperature": 0.7}),
    ],
)
async def test_each_family_of_models_gets_its_own_parameters(
    model: str, thinking: dict[str, Any] | None, sampling: dict[str, float], gemini: FakeGemini
) -> None:
    provider = provider_of(gemini, chat_model=model)
    gemini.will(answers(REPLY), answers(REPLY))
    assert (await provider.generate(prompt())).model == model
    await stream(provider, prompt())
    for asked in gemini.asked:
        assert asked.model == model
        assert asked.config.get("thinkingConfig") == thinking
        assert {
            name: asked.config[name] for name in ("temperature", "topP", "topK") if name in asked.config
        } == sampling
        assert asked.config["maxOutputTokens"] == 16384
        assert asked.headers["x-server-timeout"] == "30"


@pytest.mark.parametrize(
    ("purpose", "task_type"), [(Purpose.DOCUMENT, "RETRIEVAL_DOCUMENT"), (Purpose.QUERY, "RETRIEVAL_QUERY")]
)
async def test_embeddings_have_length_one(purpose: Purpose, task_type: str, gemini: FakeGemini) -> None:
    provider = provider_of(gemini)
    (embedding,) = await provider.embed(["my knee hurts"], purpose)
    assert embedding == pytest.approx(encode(["my knee hurts"])[0], abs=1e-5)
    assert math.isclose(math.hypot(*embedding), 1)
    (asked,) = gemini.asked
    assert asked.model == provider.embedding_model == "gemini-embedding-001"
    (request,) = asked.body["requests"]
    assert (request["taskType"], request["outputDimensionality"]) == (task_type, DIMENSIONS)


async def test_a_vector_that_is_not_as_asked_is_a_bad_answer(gemini: FakeGemini) -> None:
    provider = provider_of(gemini)
    gemini.will_embed(embeds_as([[1.0] * 3]))
    with pytest.raises(BadUpstream):
        await provider.embed(["a text"], Purpose.DOCUMENT)


@pytest.mark.parametrize(
    "block",
    [
        blocked_prompt("SAFETY"),
        blocked_answer('{"reply": "How to"}', reason="RECITATION"),
        blocked_answer("", reason="PROHIBITED_CONTENT"),
    ],
)
async def test_every_reason_to_block_is_one(block: Reply, gemini: FakeGemini) -> None:
    provider = provider_of(gemini)
    gemini.will(block)
    with pytest.raises(ContentBlocked):
        await provider.generate(prompt())
