"""Finds names that stand in a text, such as exercises, foods and parts of the body."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from rapidfuzz.distance import OSA

from src.core.search import split_words
from src.language.language import Language
from src.language.lexicon import read_table

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_MAX_WORDS: Final = 6
# Shorter words are one letter away from too many others.
_MIN_LETTERS_FOR_TYPOS: Final = 7
# Of shorter ones an ending makes other words: `sett`, `setter`.
_MIN_LETTERS_TO_INFLECT: Final = 4


@dataclass(frozen=True)
class Found:
    """A name in a text: what it means, the words as they stand there, and where."""

    value: str
    words: str
    start: int
    end: int

    def replaced(self, text: str, other: str) -> str:
        """The text with other words in its place."""
        return f"{text[: self.start]}{other}{text[self.end :]}"


class PhraseFinder:
    """Knows phrases and what each means, and finds them in a text whatever their case, accents or plural.

    `forgives_typos`: long words with one letter wrong are found too.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], *, forgives_typos: bool = False) -> None:
        self._values = {words: value for phrase, value in phrases if 0 < len(words := _folded(phrase)) <= _MAX_WORDS}
        self._by_letter: defaultdict[str, set[str]] = defaultdict(set)
        if forgives_typos:
            for word in {word for words in self._values for word in words if len(word) >= _MIN_LETTERS_FOR_TYPOS - 1}:
                self._by_letter[word[0]].add(word)

    def find(self, text: str) -> Found | None:
        """The longest phrase in the text, of equal ones the first."""
        return max(self.find_all(text), key=lambda found: (found.end - found.start, -found.start), default=None)

    def find_all(self, text: str) -> Iterator[Found]:
        """Every phrase from left to right, of those that begin together the longest."""
        tokens = list(_WORD.finditer(text))
        folded = [tuple(map(self._without_typo, _folded(token[0]))) for token in tokens]
        start = 0
        while start < len(tokens):
            length = self._longest(folded, start)
            if length:
                first, last = tokens[start].start(), tokens[start + length - 1].end()
                yield Found(self._values[_joined(folded, start, length)], text[first:last], first, last)
            start += max(length, 1)

    def _without_typo(self, word: str) -> str:
        known = self._by_letter.get(word[:1], ())
        if len(word) < _MIN_LETTERS_FOR_TYPOS or word in known:
            return word
        return next((other for other in sorted(known) if OSA.distance(word, other, score_cutoff=1) <= 1), word)

    def _longest(self, folded: list[tuple[str, ...]], start: int) -> int:
        lengths = range(min(_MAX_WORDS, len(folded) - start), 0, -1)
        return next((length for length in lengths if _joined(folded, start, length) in self._values), 0)


@cache
def finder(topic: str, language: Language, *, inflected: bool = False) -> PhraseFinder:
    """Of a table of lexicons/, whose first column is what a phrase means. English words are read in every language.

    `inflected`: Norwegian nouns with their article too.
    """
    rows = read_table(topic)
    columns = dict.fromkeys((Language.EN.value, language.value))
    return PhraseFinder(
        (form, next(iter(row.values())))
        for column in columns
        for row in rows
        for phrase in row[column].split("|")
        if phrase
        for form in (definite_forms(phrase) if inflected and column == Language.NB.value else (phrase,))
    )


def _joined(folded: list[tuple[str, ...]], start: int, length: int) -> tuple[str, ...]:
    return tuple(word for words in folded[start : start + length] for word in words)


def definite_forms(phrase: str) -> Iterator[str]:
    """A Norwegian noun with its article, which is its ending: `markløft`, `markløften`, `markløftet`."""
    yield phrase
    if len(phrase) >= _MIN_LETTERS_TO_INFLECT:
        endings = ("n", "t", "ne") if phrase.endswith("e") else ("en", "et", "a", "ene")
        yield from (phrase + ending for ending in endings)


def _folded(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in split_words(text))


def _singular(word: str) -> str:
    """Without an English or Spanish plural: both sides are folded alike, so a made-up word does no harm."""
    if len(word) > 4 and word.endswith("es") and word[-3] in "hsxzon":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
