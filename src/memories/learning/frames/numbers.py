"""Numbers of a clause, in digits and in words."""

import re
from functools import cache
from typing import Final

from src.language.language import Language
from src.memories.learning.clauses import Clause

_WORDS: Final = (
    "one two three four five six seven eight nine ten eleven twelve",
    "ein zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf",
    "un dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "en to tre fire fem seks sju aatte ni ti elleve tolv",
)
_MORE: Final = {
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
    "fuenfzehn": 15, "zwanzig": 20, "dreissig": 30, "vierzig": 40, "fuenfzig": 50, "sechzig": 60, "neunzig": 90,
    "quince": 15, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "noventa": 90,
    "femten": 15, "tjue": 20, "tretti": 30, "forti": 40, "femti": 50, "seksti": 60, "nitti": 90, "forty five": 45,
    "fuenfundvierzig": 45, "cuarenta y cinco": 45, "fortifem": 45, "eine": 1, "eins": 1, "una": 1, "syv": 7,
}  # fmt: skip
# "once" is eleven in Spanish and one time in English; it counts times there alone.
NUMBER_WORDS: Final = {
    **{word: number for words in _WORDS for number, word in enumerate(words.split(), 1)},
    **_MORE,
}


def number_at(clause: Clause, position: int) -> float | None:
    """The number that a word is."""
    word = clause.word(position)
    if word[:1].isdigit() and ":" not in word:
        try:
            return float(word.replace(",", "."))
        except ValueError:
            return None
    number = NUMBER_WORDS.get(word)
    if number == 1 and word in {"a", "en", "un", "una", "ein", "eine", "one"}:
        following = clause.word(position + 1)
        return 1.0 if following in {"day", "time", "tag", "mal", "dia", "vez", "gang", "dag", "session"} else None
    return float(number) if number else None


_ONES: Final = {
    Language.EN: "one two three four five six seven eight nine",
    Language.DE: "ein zwei drei vier fünf sechs sieben acht neun",
    Language.ES: "uno|un dos|dós tres|trés cuatro cinco seis|séis siete ocho nueve",
    Language.NB: "en|ett to tre fire fem seks sju|syv åtte ni",
}
_TENS: Final = {
    Language.EN: "twenty thirty forty|fourty fifty sixty seventy eighty ninety",
    Language.DE: "zwanzig dreißig|dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    Language.ES: "veinte|veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    Language.NB: "tjue tretti førti|forti femti seksti sytti åtti nitti",
}


def in_digits(text: str, language: Language) -> str:
    """The text with numbers from 20 to 99 in digits: "thirty-eight", "achtunddreißig", "treinta y ocho"."""
    ones, tens = _counted(language)
    return _pattern(language).sub(
        lambda found: str(tens[found["tens"].casefold()] + ones.get((found["ones"] or "").casefold(), 0)), text
    )


@cache
def _counted(language: Language) -> tuple[dict[str, int], dict[str, int]]:
    ones = {form: number for number, forms in enumerate(_ONES[language].split(), 1) for form in forms.split("|")}
    tens = {form: 10 * number for number, forms in enumerate(_TENS[language].split(), 2) for form in forms.split("|")}
    return ones, tens


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    ones, tens = ("|".join(sorted(forms, key=len, reverse=True)) for forms in _counted(language))
    match language:
        case Language.DE:
            form = rf"\b(?:(?P<ones>{ones})und)?(?P<tens>{tens})\b"
        case Language.ES:
            form = rf"\b(?P<tens>{tens})(?:(?: y )?(?P<ones>{ones}))?\b"
        case _:
            form = rf"\b(?P<tens>{tens})(?:[ -]?(?P<ones>{ones}))?\b"
    return re.compile(form, re.IGNORECASE)
