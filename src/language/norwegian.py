"""Norwegian word by word in English: enough for what a sentence is about, no translation for people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from src.language.lexicon import read_table

_WORD: Final = re.compile(r"[^\W\d_]+")
_MAX_PHRASE_WORDS: Final = 3
# Regular endings of nouns, verbs and adjectives, the longest first; what a stem may have lost before them.
_ENDINGS: Final = ("ende", "este", "ene", "ere", "est", "ing", "ens", "ets", "ers", "dde", "en", "et", "er", "te", "de",
    "ne", "es", "a", "e", "n", "r", "s", "t")  # fmt: skip
_MIN_STEM: Final = 3
_MIN_PART: Final = 3
_JOINTS: Final = ("", "s", "e")
_MAX_WORD_LETTERS: Final = 40


def gloss_norwegian(text: str) -> str:
    """The text with its Norwegian words in English; what is not known stays as it is."""
    words = [(match[0].casefold(), *match.span()) for match in _WORD.finditer(text)]
    pieces, at, number = [], 0, 0
    while number < len(words):
        english, length = _phrase([word for word, _, _ in words[number : number + _MAX_PHRASE_WORDS]])
        start, end = words[number][1], words[number + length - 1][2]
        pieces += [text[at:start], english or text[start:end]]
        at, number = end, number + length
    return "".join([*pieces, text[at:]])


def _phrase(words: Sequence[str]) -> tuple[str | None, int]:
    """The English of the longest known phrase at the beginning, and of how many words it is."""
    for length in range(len(words), 1, -1):
        if english := _lexicon().get(" ".join(words[:length])):
            return english, length
    return _word(words[0]), 1


@lru_cache(maxsize=4096)
def _word(word: str) -> str | None:
    return _simple(word) or _compound(word[:_MAX_WORD_LETTERS])


def _simple(word: str) -> str | None:
    return next((_lexicon()[form] for form in _forms(word) if form in _lexicon()), None)


def _forms(word: str) -> Iterator[str]:
    """The word, and what it may be a form of."""
    yield word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _MIN_STEM:
            yield from (stem, f"{stem}e", f"{stem}er")
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def _compound(word: str) -> str | None:
    """A word of two or more known ones, such as `peanøttallergi`; the longest first part that leaves a known rest."""
    for length in range(len(word) - _MIN_PART, _MIN_PART - 1, -1):
        if (first := _lexicon().get(word[:length])) is None:
            continue
        for joint in _JOINTS:
            rest = word[length:].removeprefix(joint) if word[length:].startswith(joint) else ""
            if len(rest) >= _MIN_PART and (last := _simple(rest) or _compound(rest)):
                return f"{first} {last}"
    return None


@cache
def _lexicon() -> Mapping[str, str]:
    """Forms and phrases, each with its English."""
    return {
        form.replace("_", " "): row["english"] for row in read_table("norwegian") for form in row["norwegian"].split()
    }
