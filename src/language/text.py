"""Words of a text, whatever their case, accents and endings."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_MAX_WORD_LETTERS: Final = 32
_APOSTROPHES: Final = frozenset("'\u2019")
_WORD: Final = re.compile(r"[^\W_]+")
# Letters of their own, which Unicode does not take apart.
_PLAIN_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "\u2019": "'"})


def fold(text: str) -> str:
    """The text in small letters without accents: `Rücken` is `rucken`, `Skulderøvelse` is `skulderovelse`."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter)).translate(_PLAIN_LETTERS)


def tokenize(text: str) -> list[str]:
    """The words of a text, folded and without apostrophes."""
    plain = "".join(letter for letter in fold(text) if letter not in _APOSTROPHES)
    return [piece for word in _WORD.findall(plain) for piece in _parted(word)]


def _parted(word: str) -> Iterator[str]:
    # Chinese and Japanese put no spaces between words: their letters are taken one and two at a time.
    if any("぀" <= letter <= "鿿" for letter in word):
        yield from word
        yield from map("".join, itertools.pairwise(word))
    else:
        yield word[:_MAX_WORD_LETTERS]
