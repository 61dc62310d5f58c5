"""Words as they are typed in a hurry, written out, so that the examples and cues need not have each spelling."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from src.language.language import Language
from src.language.lexicon import read_table

_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def written_out(text: str, language: Language) -> str:
    """The text with `whats` as "what's", `tmrw` as "tomorrow"."""
    spellings = _spellings(language)
    return _WORD.sub(lambda word: spellings.get(word[0].casefold(), word[0]), text)


def without_accents(text: str) -> str:
    """The text without accents, which many leave out; the marks that stand for names stay as they are."""
    return "".join(_without_accent(letter) if letter.isalpha() else letter for letter in text)


def _without_accent(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter)[0]


@cache
def _spellings(language: Language) -> Mapping[str, str]:
    rows = (row for row in read_table("spellings") if row["language"] == language)
    return {typed: row["meant"] for row in rows for typed in row["typed"].split("|")}
