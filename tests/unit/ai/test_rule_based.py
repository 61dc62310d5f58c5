"""The provider without a model: deterministic, near for the similar, and honest about what it is."""

import math
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.ai.hashed_embedding import hash_embedding, stem_word
from src.ai.provider import DIMENSIONS, Generated, Purpose, TokenUsage
from src.ai.rule_based import EMBEDDING_MODEL, RuleBasedProvider
from tests.unit.ai.samples import Reply, no_shouting, prompt

STATEMENTS = {
    "My left knee hurts when I squat deep": "Does my knee pain matter for squatting?",
    "I am allergic to peanuts": "Which allergies do I have?",
    "I prefer training in the morning before work": "Do I prefer mornings or evenings for training?",
    "My goal is to bench press 100 kg by summer": "How much do I want to bench?",
    "I am vegetarian": "What do vegetarians like me eat?",
    "I tore my rotator cuff in 2019": "Is my torn rotator cuff a problem for pressing?",
    "I hate burpees": "Which exercise did I say I hated, burpee?",
    "I own adjustable dumbbells and a pull-up bar": "Do I have a dumbbell?",
    "I work night shifts as a nurse": "Am I working nights?",
    "I sleep badly before competitions": "How was my sleeping before the competition?",
}


@pytest.fixture
def rule_based() -> RuleBasedProvider:
    return RuleBasedProvider()


def likeness(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(hash_embedding(one), hash_embedding(other), strict=True))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_question_finds_the_statement_that_answers_it(statement: str) -> None:
    question = STATEMENTS[statement]
    assert max(STATEMENTS, key=lambda each: likeness(question, each)) == statement


def test_similar_texts_are_nearer_than_different_ones() -> None:
    assert likeness("I like running", "I LIKE running!") == pytest.approx(1)
    assert likeness("My knee hurts", "my knees were hurting") > 0.6
    assert likeness("dumbell press", "dumbbell press") > 0.5
    assert likeness("Ich mag Kniebeugen", "Kniebeuge mag ich") > 0.6
    assert likeness("膝が痛い", "膝が少し痛い") > 0.4
    for one, other in combinations(STATEMENTS, 2):
        assert likeness(one, other) < 0.35, (one, other)


def test_words_that_are_everywhere_say_little() -> None:
    assert likeness("what do I have to do about it", "I have what it is about") > 0.5
    assert abs(likeness("I have a cat", "I have a barbell")) < 0.2


@pytest.mark.parametrize(
    "forms",
    [
        "squat squats squatting squatted",
        "run runs running",
        "injury injuries injured",
        "allergy allergies allergic",
        "train trains training trained",
        "hate hates hated",
        "recover recovering recovery",
        "prefer prefers preference preferences",
        "diabetes diabetic",
        "nurse nurses nursing",
        "press presses pressing",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem_word(form) for form in forms.split()}) == 1


@given(st.text(max_size=200))
def test_every_text_has_an_embedding_of_length_one(text: str) -> None:
    embedding = hash_embedding(text)
    assert len(embedding) == DIMENSIONS
    assert math.isclose(math.hypot(*embedding), 1, rel_tol=1e-9)


def test_the_strangest_texts_have_one_too() -> None:
    for text in ("", " ", "😀", "\ud800", "a" * 100_000, "the", "__", "é" * 50):
        assert math.isclose(math.hypot(*hash_embedding(text)), 1)
    assert hash_embedding("😀") != hash_embedding("🙂")


def test_another_process_embeds_the_same() -> None:
    code = "from src.ai.hashed_embedding import hash_embedding; print(hash_embedding('My knee hurts').__repr__())"
    found = [
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603
        for environment in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    ]
    assert found[0] == found[1] == f"{hash_embedding('My knee hurts')!r}\n"


async def test_it_embeds_each_text_for_either_purpose_alike(rule_based: RuleBasedProvider) -> None:
    texts = [f"text {n}" for n in range(45)]
    embeddings = await rule_based.embed(texts, Purpose.DOCUMENT)
    assert embeddings == [hash_embedding(text) for text in texts] == await rule_based.embed(texts, Purpose.QUERY)
    assert await rule_based.embed([], Purpose.QUERY) == []
    assert (rule_based.name, rule_based.embedding_model) == ("offline", EMBEDDING_MODEL) == ("offline", "offline-1")


async def test_it_answers_as_the_prompt_says(rule_based: RuleBasedProvider) -> None:
    answer = await rule_based.generate(prompt(no_shouting))
    assert answer == Generated(Reply(reply="Five  kilometres,\nwell done."), "offline", TokenUsage(0, 0), "stop")


async def test_it_streams_word_by_word(rule_based: RuleBasedProvider) -> None:
    *words, answer = [each async for each in rule_based.stream(prompt(), "reply")]
    assert words == ["Five  ", "kilometres,\n", "well ", "done."]
    assert answer == await rule_based.generate(prompt())
