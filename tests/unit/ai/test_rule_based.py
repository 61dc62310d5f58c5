"""The provider without a model: it embeds with the sentence encoder and answers as the prompt says."""

import pytest

from src.ai.provider import Generated, Purpose, TokenUsage
from src.ai.rule_based import RuleBasedProvider
from src.ai.sentence_encoder import EMBEDDING_MODEL, encode
from tests.unit.ai.samples import Reply, no_shouting, prompt


@pytest.fixture
def rule_based() -> RuleBasedProvider:
    return RuleBasedProvider()


async def test_it_embeds_each_text_for_either_purpose_alike(rule_based: RuleBasedProvider) -> None:
    texts = ["My knee hurts", "Ich mag Kniebeugen"]
    for purpose in Purpose:
        for text, vector in zip(texts, await rule_based.embed(texts, purpose), strict=True):
            assert vector == pytest.approx(encode([text])[0], abs=1e-5)
    assert (rule_based.name, rule_based.embedding_model) == ("offline", EMBEDDING_MODEL)


async def test_it_answers_as_the_prompt_says(rule_based: RuleBasedProvider) -> None:
    answer = await rule_based.generate(prompt(no_shouting))
    assert answer == Generated(Reply(reply="Five  kilometres,\nwell done."), "offline", TokenUsage(0, 0), "stop")


async def test_it_streams_word_by_word(rule_based: RuleBasedProvider) -> None:
    *words, answer = [each async for each in rule_based.stream(prompt(), "reply")]
    assert words == ["Five  ", "kilometres,\n", "well ", "done."]
    assert answer == await rule_based.generate(prompt())
