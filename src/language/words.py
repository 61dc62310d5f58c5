"""Words of a text and their stems, for rules that compare statements."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_MAX_WORD_LETTERS: Final = 32
_APOSTROPHES: Final = frozenset("'\u2019")
_WORD: Final = re.compile(r"[^\W_]+")
# The longest that fits goes; what is left has at least three letters, a vowel among them.
_ENDINGS: Final = tuple(
    "ations ation ements ement ingly ities ences ances iness ence ance ness ments ment ings ions able ible ally edly "  # noqa: SIM905
    "ers ing ies ied ion ics ful ity est er ed es ic ly al s y e".split()
)
_VOWEL: Final = re.compile(r"[aeiouy]")


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


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiouls" else stem
