"""Sentences of a message, each whole: `1.82`, `e.g.` and `12. Mai` end none."""

import re
from collections.abc import Iterator
from typing import Final

from src.language.lexicon import word_set

_END: Final = re.compile(
    r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s|$)|[\r\n]+|;(?=\s)|(?<=[^\x00-\u1fff\s])\s(?=[A-Z\u00c0-\u00dd])"
)
_ABBREVIATIONS: Final = word_set("sentences.abbreviations")
# After a number with a full stop: what it counts.
_COUNTED: Final = re.compile(
    r"\s*(?:[a-z\u00e6\u00f8\u00e5]|Jan|Feb|M\u00e4r|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Woche|Monat|Tag|Trimester|SSW|Klasse|Stock|Lebens|Mal\b)"
)
_LAST_WORD: Final = re.compile(r"(?:^|[\s(])([^\s(]+)$")
# Quotations, code and quoted lines are somebody else's words. A mark after a digit means inches.
_QUOTED: Final = re.compile(
    r"\u201e[^\u201c\u201d\"]*[\u201c\u201d\"]|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb|\u00bb[^\u00ab]*\u00ab|(?<!\d)\"[^\"]*\"|```.*?(?:```|$)|`[^`]*`"
    r"|^[ \t]*>[^\n]*|(?<=[\s:,])'[^'\n]{6,}'(?=[\s.,!?]|$)|<[^>\n]{1,80}>[^<]*(?:</[^>\n]{1,80}>)?",
    re.MULTILINE | re.DOTALL,
)


def mask_quotations(message: str) -> str:
    """The message with blanks in place of quotations: as long as it was."""
    return _QUOTED.sub(lambda found: " " * len(found[0]), message)


def split_sentences(message: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends in the message."""
    start = 0
    for end in _END.finditer(message):
        if _ends_nothing(message, start, end):
            continue
        yield from _trimmed(message, start, end.end())
        start = end.end()
    yield from _trimmed(message, start, len(message))


def _ends_nothing(message: str, start: int, end: re.Match[str]) -> bool:
    if end[0] != ".":
        return False
    word = _LAST_WORD.search(message[start : end.start()])
    if word is None:
        return False
    if word[1].isdigit():
        return len(word[1]) <= 2 and _COUNTED.match(message[end.end() :]) is not None
    last = word[1].lower().strip("(\"'")
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i")


def _trimmed(message: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = message[start:end]
    left = start + len(text) - len(text.lstrip(" \t\r\n-\u2022*"))
    right = end - len(text) + len(text.rstrip())
    if left < right:
        yield left, right
