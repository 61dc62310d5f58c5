"""Embeddings without a model: words, their stems and pieces of them are hashed into the same dimensions, and so are a
few everyday topics. Similar texts have similar embeddings; beyond the topics, different words never mean the same.
"""

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from src.ai.provider import DIMENSIONS

# Found everywhere, so they tell little about what a text is about.
_STOP_WORDS: Final = frozenset(
    """a about after again all also am an and any are as at be because been before being but by can could did do does
    doing done for from get got had has have having he her here him his how i if in into is it its just like me more
    most my no nor not of off on once only or other our out over own please really she should so some such than that
    the their them then there these they thing this those through to too until up us very was we were what when where
    which while who whom why will with would you your im ive dont""".split()  # noqa: SIM905  # reads better so
)
_STOP_WEIGHT: Final = 0.08
# A word's pieces together weigh this much of the word: enough for a typing error or a compound, too little to mislead.
_PIECES_WEIGHT: Final = 0.6
_PIECE_LENGTHS: Final = (3, 4, 5)
# So much do words of one topic have in common: enough to be found by each other, too little to be taken for each other.
_TOPIC_WEIGHT: Final = 0.45
_TOPICS: Final = (
    "home house live flat apartment city town",
    "work job living career profession employed office",
    "eat food meal breakfast lunch dinner snack diet",
    "allergy allergic intolerant intolerance dangerous reaction",
    "meat chicken beef pork fish steak vegetarian vegan",
    "milk dairy cheese yoghurt whey lactose",
    "weigh weight heavy kilos kg pounds lean fat",
    "asthma breath breathing inhaler lungs",
    "morning evening afternoon night hour schedule",
    "music song playlist speakers headphones",
    "run jog sprint marathon",
    "asphalt road pavement street",
    "hurt pain painful ache sore injury injured stiff",
    "joint knee shoulder elbow hip ankle wrist",
    "drive car wheel vehicle",
    "sleep pillow bed tired nap",
    "sister brother mother father parents family wife husband cousin",
    "child children kids son daughter twins baby",
    "pet dog cat puppy",
    "ill sick cold flu cough fever",
    "travel fly trip holiday vacation abroad flight journey",
    "equipment gear barbell dumbbell kettlebell rack band machine",
    "commute tram bus cycle bike",
    "spring march april may",
    "summer june july august",
    "autumn september october november",
    "winter december january february",
    "workout train session exercise movement",
    "hate dislike avoid never",
    "love enjoy favourite favorite prefer",
    "goal target aim",
    "handstand gymnastics planche ring",
    "hike trail mountain trek",
)
_MAX_WORD_LETTERS: Final = 32
_APOSTROPHES: Final = frozenset("'\u2019")
_WORD: Final = re.compile(r"[^\W_]+")
# The longest that fits goes; what is left has at least three letters, a vowel among them.
_ENDINGS: Final = tuple(
    "ations ation ements ement ingly ities ences ances iness ence ance ness ments ment ings ions able ible ally edly "  # noqa: SIM905
    "ers ing ies ied ion ics ful ity est er ed es ic ly al s y e".split()
)
_VOWEL: Final = re.compile(r"[aeiouy]")


def hash_embedding(text: str) -> list[float]:
    """Where a text lies: the sum of its words' directions, of length 1."""
    sums = [0.0] * DIMENSIONS
    for word, count in Counter(tokenize(text)).items():
        often = 1.0 + math.log(count)
        for dimension, weight in _directions(word):
            sums[dimension] += often * weight
    length = math.sqrt(math.fsum(value * value for value in sums))
    if length < 1e-9:  # no words, or words that cancel out: still a direction, and always the same one
        dimension, sign = _hash(f"text:{text}")
        sums, length = [0.0] * DIMENSIONS, 1.0
        sums[dimension] = sign
    return [value / length for value in sums]


def tokenize(text: str) -> list[str]:
    """The words of a text, in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in _APOSTROPHES)
    return [piece for word in _WORD.findall(plain) for piece in _parted(word)]


def _parted(word: str) -> Iterator[str]:
    # Chinese and Japanese put no spaces between words: their letters are taken one and two at a time.
    if any("぀" <= letter <= "鿿" for letter in word):
        yield from word
        yield from map("".join, itertools.pairwise(word))
    else:
        yield word[:_MAX_WORD_LETTERS]


def stem_word(word: str) -> str:
    """A word without its usual English endings: `squatting`, `squats` and `squatted` are `squat`."""
    if word.isascii() and word.isalpha():
        for ending in _ENDINGS:
            stem = word[: -len(ending)]
            if len(stem) >= 3 and word.endswith(ending) and not word.endswith("ss") and _VOWEL.search(stem):
                return stem_word(_undoubled(stem))
    return word


@lru_cache(maxsize=1)
def _topics() -> dict[str, int]:
    return {stem_word(word): number for number, words in enumerate(_TOPICS) for word in words.split()}


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiouls" else stem


@lru_cache(maxsize=4096)
def _directions(word: str) -> tuple[tuple[int, float], ...]:
    if word in _STOP_WORDS:
        dimension, sign = _hash(f"word:{word}")
        return ((dimension, sign * _STOP_WEIGHT),)
    dimension, sign = _hash(f"stem:{stem_word(word)}")
    directions = [(dimension, sign)]
    if (topic := _topics().get(stem_word(word))) is not None:
        place, side = _hash(f"topic:{topic}")
        directions.append((place, side * _TOPIC_WEIGHT))
    framed = f"^{word}$"
    pieces = [framed[at : at + size] for size in _PIECE_LENGTHS for at in range(len(framed) - size + 1)]
    for piece in pieces:
        dimension, sign = _hash(f"piece:{piece}")
        directions.append((dimension, sign * _PIECES_WEIGHT / math.sqrt(len(pieces))))
    return tuple(directions)


def _hash(feature: str) -> tuple[int, float]:
    number = int.from_bytes(blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return number % DIMENSIONS, 1.0 if number >> 63 else -1.0
