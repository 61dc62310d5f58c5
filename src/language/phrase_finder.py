"""Finds names that stand in a text, such as exercises, foods and parts of the body."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from src.core.search import split_words
from src.language.language import Language
from src.language.lexicon import read_table

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_MAX_WORDS: Final = 6


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
    """Knows phrases and what each means, and finds them in a text whatever their case, accents or plural."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._values = {words: value for phrase, value in phrases if 0 < len(words := _folded(phrase)) <= _MAX_WORDS}

    def find(self, text: str) -> Found | None:
        """The longest phrase in the text, of equal ones the first."""
        return max(self.find_all(text), key=lambda found: (found.end - found.start, -found.start), default=None)

    def find_all(self, text: str) -> Iterator[Found]:
        """Every phrase from left to right, of those that begin together the longest."""
        tokens = list(_WORD.finditer(text))
        folded = [_folded(token[0]) for token in tokens]
        start = 0
        while start < len(tokens):
            length = self._longest(folded, start)
            if length:
                first, last = tokens[start].start(), tokens[start + length - 1].end()
                yield Found(self._values[_joined(folded, start, length)], text[first:last], first, last)
            start += max(length, 1)

    def _longest(self, folded: list[tuple[str, ...]], start: int) -> int:
        lengths = range(min(_MAX_WORDS, len(folded) - start), 0, -1)
        return next((length for length in lengths if _joined(folded, start, length) in self._values), 0)


@cache
def finder(topic: str, language: Language) -> PhraseFinder:
    """Of a table of lexicons/, whose first column is what a phrase means. English words are read in every language."""
    rows = read_table(topic)
    columns = dict.fromkeys((Language.EN.value, language.value))
    return PhraseFinder(
        (phrase, next(iter(row.values())))
        for column in columns
        for row in rows
        for phrase in row[column].split("|")
        if phrase
    )


def _joined(folded: list[tuple[str, ...]], start: int, length: int) -> tuple[str, ...]:
    return tuple(word for words in folded[start : start + length] for word in words)


def _folded(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in split_words(text))


def _singular(word: str) -> str:
    """Without an English or Spanish plural: both sides are folded alike, so a made-up word does no harm."""
    if len(word) > 4 and word.endswith("es") and word[-3] in "hsxzon":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
