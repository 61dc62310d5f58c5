"""Which of the companion's languages a text is in.

A message has few words, often two, and half of them are those of the gym in every language. Libraries were tried on
such texts (docs/decisions/0041-languages.md): they cost 100 MB and know no "hi". Here common words decide, and pieces
of words where there are none.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from src.language.lexicon import read_table
from src.language.text import fold


class Language(StrEnum):
    """What the companion understands and speaks."""

    EN = "en"
    DE = "de"
    ES = "es"
    NB = "nb"


# With their apostrophes: "I'm" is English, "im" may be German.
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_OTHER: Final = "other"  # common words of neighbours, so that French is not taken for Spanish
_LETTERS: Final = {
    **dict.fromkeys("äöüß", Language.DE),
    **dict.fromkeys("áéíóúñ¿¡", Language.ES),
    **dict.fromkeys("åøæ", Language.NB),
}
_LETTER_WEIGHT: Final = 0.8
_PIECE_WEIGHT: Final = 0.25
_PIECE_LENGTH: Final = 3
# A guess from pieces alone has to be this much better than the next; whoever writes usually goes on in one language.
_MIN_MARGIN: Final = 0.2


def detect_language(text: str, default: Language = Language.EN) -> Language:
    """The language of a text. `default`, such as that of the message before, where it is not clear."""
    scores = _scores(text)
    best = max(scores, key=lambda language: scores[language])
    others = max(score for language, score in scores.items() if language != best)
    return Language(best) if best != _OTHER and scores[best] - others >= _MIN_MARGIN else default


def _scores(text: str) -> dict[str, float]:
    scores = dict.fromkeys([*Language, _OTHER], 0.0)
    for letter in text.casefold():
        if letter in _LETTERS:
            scores[_LETTERS[letter]] += _LETTER_WEIGHT
    known, pieces = _words(), _pieces()
    for word in _WORD.findall(fold(text)):
        languages = known.get(word)
        if languages:
            for language in languages:
                scores[language] += 1 / len(languages)
        elif len(word) >= _PIECE_LENGTH and word.isalpha():
            for language, likelihood in _by_pieces(word, pieces).items():
                scores[language] += _PIECE_WEIGHT * likelihood
    return scores


@cache
def common_words(language: Language) -> frozenset[str]:
    """The common words of a language, in small letters without accents."""
    return frozenset(word for word, languages in _words().items() if language in languages)


@cache
def _words() -> Mapping[str, frozenset[str]]:
    languages = defaultdict(set)
    for row in read_table("common_words"):
        for word in row["words"].split():
            languages[fold(word)].add(row["language"])
    return {word: frozenset(found) for word, found in languages.items()}


@cache
def _pieces() -> Mapping[str, Mapping[str, float]]:
    """How likely each piece of three letters is in the common words of each language, as logarithms."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in Language}
    for word, languages in _words().items():
        for language in languages & counts.keys():
            counts[language].update(_split(word))
    kinds = len(set().union(*counts.values()))
    return {
        piece: {
            language: math.log((counts[language][piece] + 0.5) / (counts[language].total() + 0.5 * kinds))
            for language in Language
        }
        for piece in set().union(*counts.values())
    }


def _by_pieces(word: str, pieces: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What each language's share is, from 0 to 1, by the pieces of a word."""
    known = [pieces[piece] for piece in _split(word) if piece in pieces]
    if not known:
        return {}
    sums = {language: math.fsum(piece[language] for piece in known) for language in Language}
    most = max(sums.values())
    total = math.fsum(math.exp(value - most) for value in sums.values())
    return {language: math.exp(value - most) / total for language, value in sums.items()}


def _split(word: str) -> list[str]:
    framed = f"^{fold(word)}$"
    return [framed[at : at + _PIECE_LENGTH] for at in range(len(framed) - _PIECE_LENGTH + 1)]
