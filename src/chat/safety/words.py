"""Text as the rules read it, and the small language in which their entries are written (rules/en.toml says how)."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

from src.language.text import fold

_APOSTROPHES: Final = re.compile("['\u2018\u2019`\u00b4]")
_WORD: Final = re.compile(r"\w+(?:[.,:]\d+)*")
_WORD_AND_COMMA: Final = re.compile(rf"{_WORD.pattern},")
_SENTENCE_END: Final = re.compile(r"[!?;\n…]+|\.(?!\d)")
_GAP: Final = r"[^\w.!?;\n…]+"
_UP_TO_FOUR_WORDS: Final = rf"{_GAP}(?:\w+{_GAP}){{0,4}}?"
_EDGES: Final = {
    "^": r"(?:\A|(?<=[.!?;\n…])|(?<=[.!?;\n…] ))",
    "$": r"(?=[^\w.!?;\n…]*(?:[.!?;\n…]|\Z))",
}
_DECIMAL_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")
_ORDINAL_POINT: Final = re.compile(r"(?<=\d)\.(?=\s*[^\W\d])")
_TYPED_AS_TWO: Final = re.compile(r"(?<=[ao])e|(?<=u)e|(?<=a)a")


class Span(NamedTuple):
    """The first and last word of something found."""

    first: int
    last: int


def plain(text: str) -> str:
    """Small letters without accents and apostrophes: people type them in many ways, or not at all.

    A point between figures is a comma and the one of "20. Woche" goes, so that neither ends a sentence.
    """
    folded = _APOSTROPHES.sub("", fold(text))
    return _ORDINAL_POINT.sub("", _DECIMAL_POINT.sub(",", folded))


def without_digraphs(folded: str) -> str:
    """Umlauts and å that were typed as two letters ("koennen", "paa"), as plain() leaves the letters themselves."""
    return _TYPED_AS_TWO.sub("", folded)


@dataclass(frozen=True)
class Text:
    """A message after plain()."""

    folded: str

    @cached_property
    def _words(self) -> list[int]:
        return [word.start() for word in _WORD.finditer(self.folded)]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [end.start() for end in _SENTENCE_END.finditer(self.folded)]

    def find(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """Each place where a pattern is found, also those that overlap."""
        position = 0
        while found := pattern.search(self.folded, position):
            first = bisect_left(self._words, found.start())
            yield Span(first, max(first, bisect_left(self._words, found.end()) - 1))
            position = found.start() + 1

    def has_comma_after(self, word: int) -> bool:
        """Whether a comma follows a word at once."""
        return word < len(self._words) and bool(_WORD_AND_COMMA.match(self.folded, self._words[word]))

    def sentence(self, word: int) -> int:
        """Which sentence a word stands in."""
        return bisect_left(self._sentence_ends, self._words[word]) if word < len(self._words) else -1


def spell(folded: str, spellings: Mapping[str, str]) -> str:
    """Dialect and what is typed short, as the dictionary writes it ("ikkje", "nich", "xq")."""
    return _WORD.sub(lambda word: spellings.get(word[0], word[0]), folded)


def compile_entries(
    entries: Iterable[str],
    vocabularies: Mapping[str, Sequence[str]],
    spellings: Mapping[str, str] = MappingProxyType({}),
) -> re.Pattern[str]:
    """One pattern for all entries of a vocabulary, the longest first. They are spelt as the texts will be."""

    def spelt(written: Iterable[str]) -> list[str]:
        return [" ".join(spellings.get(word, word) for word in plain(entry).split()) for entry in written]

    return _compile(spelt(entries), {name: spelt(words) for name, words in vocabularies.items()})


def _compile(entries: Sequence[str], vocabularies: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    plain_entries = [entry for entry in entries if any(letter.isalnum() for letter in entry)]
    emoji = [re.escape(entry) for entry in entries if entry not in plain_entries]
    patterns = sorted({_entry_pattern(entry, vocabularies) for entry in plain_entries}, key=len, reverse=True)
    return re.compile("|".join([rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", *emoji]))


def _entry_pattern(entry: str, vocabularies: Mapping[str, Sequence[str]]) -> str:
    pattern, gap = "", ""
    for word in entry.split():
        if word == "..":
            gap = _UP_TO_FOUR_WORDS
        elif word in _EDGES:
            pattern, gap = f"{pattern}{_EDGES[word]}", ""
        else:
            pattern, gap = f"{pattern}{gap}{_word_pattern(word, vocabularies)}", _GAP
    return pattern


def _word_pattern(word: str, vocabularies: Mapping[str, Sequence[str]]) -> str:
    if word.startswith("{"):
        return f"(?:{'|'.join(_entry_pattern(entry, vocabularies) for entry in vocabularies[word.strip('{}')])})"
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\?", r"\w")
