"""The day or the period that a text names: "last Tuesday", "im März", "hace dos semanas", "siden januar".

Names of days and months are CLDR's, through Babel; how each language puts them together stands here. dateparser was
tried for it: of 43 such phrases in four languages it read 27, and gave "last week" as one day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from babel.dates import get_day_names, get_month_names

from src.core.search import split_words
from src.language.language import Language

_DAY: Final = timedelta(days=1)
_LOCALES: Final = {Language.EN: "en_GB", Language.DE: "de", Language.ES: "es", Language.NB: "nb"}


@dataclass(frozen=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class _Words:
    """How a language says when: patterns over words without accents, in small letters."""

    days: dict[str, int]
    last: str
    this: str
    next: str
    week: str
    month: str
    year: str
    day: str
    ago: str
    recent: str
    since: str
    numbers: str
    ended: str = ""  # what may follow a name to say that it is past: "el martes pasado"
    coming: str = ""


_N: Final = r"(?P<n>\d{1,3}|%s)"
_WORDS: Final = {
    Language.EN: _Words(
        {
            "day before yesterday": -2,
            "yesterday": -1,
            "last night": -1,
            "today": 0,
            "tonight": 0,
            "this morning": 0,
            "day after tomorrow": 2,
            "tomorrow": 1,
        },
        "last|previous|past",
        "this|the current",
        "next|coming",
        "weeks?",
        "months?",
        "years?",
        "days?",
        rf"{_N} (?P<unit>days?|weeks?|months?|years?) ago",
        rf"(?:last|past|previous) {_N} (?P<unit>days?|weeks?|months?|years?)",
        "since|from",
        "a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|couple of",
    ),
    Language.DE: _Words(
        {"vorgestern": -2, "gestern": -1, "heute": 0, "ubermorgen": 2, "(?<!guten )morgen": 1},
        r"letzte\w*|vorige\w*|vergangene\w*",
        r"diese\w*",
        r"nachste\w*|kommende\w*",
        "wochen?",
        r"monate?n?",
        r"jahre?n?",
        r"tage?n?",
        rf"vor {_N} (?P<unit>tage?n?|wochen?|monate?n?|jahre?n?)",
        rf"(?:letzten?|vergangenen?) {_N} (?P<unit>tage?n?|wochen?|monate?n?|jahre?n?)",
        "seit|ab",
        r"eine?[mnr]?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|zwolf",
    ),
    Language.ES: _Words(
        {
            "anteayer": -2,
            "antes de ayer": -2,
            "ayer": -1,
            "anoche": -1,
            "hoy": 0,
            "esta manana": 0,
            "pasado manana": 2,
            "(?<!la )manana": 1,
        },
        r"ultim[oa]s?|pasad[oa]s?",
        r"est[ea]",
        r"proxim[oa]|siguiente",
        "semanas?",
        r"mes(?:es)?",
        r"anos?",
        r"dias?",
        rf"hace {_N} (?P<unit>dias?|semanas?|mes(?:es)?|anos?)",
        rf"ultim[oa]s {_N} (?P<unit>dias?|semanas?|mes(?:es)?|anos?)",
        "desde",
        r"un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce",
        r"pasad[oa]",
        r"que viene|proxim[oa]",
    ),
    Language.NB: _Words(
        {"i forgars": -2, "i gar": -1, "i dag": 0, "i kveld": 0, "i morgen": 1, "i overmorgen": 2},
        r"forrige|siste|sist",
        r"denne|dette|i(?= ar\b)",
        r"neste|kommende",
        r"uk(?:a|e\w*)",
        r"maned\w*",
        r"ar(?:et|ene)?",
        r"dag\w*",
        rf"for {_N} (?P<unit>dag(?:er)?|uker?|maned(?:er)?|ar) siden",
        rf"(?:siste|de siste) {_N} (?P<unit>dag(?:ene|er)?|ukene|uker?|maned(?:ene|er)?|arene|ar)",
        "siden|fra",
        r"en|ei|et|to|tre|fire|fem|seks|sju|syv|atte|ni|ti|tolv",
    ),
}
_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        (
            "a an one ein eine einem einen einer un una uno en ei et",
            "two zwei dos to couple",
            "three drei tres tre",
            "four vier cuatro fire",
            "five funf cinco fem",
            "six sechs seis seks",
            "seven sieben siete sju syv",
            "eight acht ocho atte",
            "nine neun nueve ni",
            "ten zehn diez ti",
            "",
            "twelve zwolf doce tolv",
        ),
        1,
    )
    for word in words.split()
}
# Of its own language only: "i" is Norwegian for "in", and "I may" names no month.
_BEFORE_MONTH: Final = {
    Language.EN: "in|of|since|from|last|this",
    Language.DE: "in|im|seit|ab|letzten|diesen|anfang|mitte|ende",
    Language.ES: "en|desde|de|el",
    Language.NB: "i|siden|fra|forrige",
}
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NUMERIC: Final = re.compile(r"(?<![\d.,])(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2})|\.)?(?![\d,])")


@dataclass(frozen=True)
class _Said:
    """A text, and in small letters without accents; who says it when."""

    text: str
    plain: str
    language: Language
    today: date
    may_come: bool

    @property
    def words(self) -> _Words:
        return _WORDS[self.language]


def find_period(text: str, language: Language, today: date, *, may_come: bool = False) -> Period | None:
    """The period that a text names; None when it names none.

    `may_come`: a day without a year or a week is the next one, not the last.
    """
    plain = " ".join(split_words(text.replace("-", " - "))) if not _ISO.search(text) else text
    said = _Said(text, plain, language, today, may_come)
    for read in _READERS:
        found = read(said)
        if found is not None:
            since = read is not _counted and re.search(rf"\b(?:{said.words.since})\b", plain) is not None
            return Period(found.first, max(today, found.last)) if since and found.first <= today else found
    return None


def _relative_day(said: _Said) -> Period | None:
    for words, days in said.words.days.items():
        if re.search(rf"\b{words}\b", said.plain):
            on = said.today + days * _DAY
            return Period(on, on)
    return None


def _counted(said: _Said) -> Period | None:
    words = said.words
    if found := re.search(rf"\b{words.ago % words.numbers}\b", said.plain):
        return _back(said.today, _number(found["n"]), found["unit"], words, is_whole=True)
    if found := re.search(rf"\b{words.recent % words.numbers}\b", said.plain):
        return _back(said.today, _number(found["n"]), found["unit"], words, is_whole=False)
    return None


def _back(today: date, count: int, unit: str, words: _Words, *, is_whole: bool) -> Period:
    """Two weeks ago is that week; the last two weeks go from then to today."""
    first = _shifted(today, -count, unit, words)
    if not is_whole:
        return Period(first, today)
    if re.fullmatch(words.day, unit):
        return Period(first, first)
    return _around(first, unit, words)


def _shifted(on: date, count: int, unit: str, words: _Words) -> date:
    if re.fullmatch(words.day, unit):
        return on + count * _DAY
    if re.fullmatch(words.week, unit):
        return on + 7 * count * _DAY
    months = count * (12 if re.fullmatch(words.year, unit) else 1) + on.year * 12 + on.month - 1
    year, month = divmod(months, 12)
    return min(
        on.replace(day=1, year=max(year, 1), month=month + 1) + (on.day - 1) * _DAY, _end_of_month(year, month + 1)
    )


def _around(on: date, unit: str, words: _Words) -> Period:
    if re.fullmatch(words.week, unit):
        monday = on - on.weekday() * _DAY
        return Period(monday, monday + 6 * _DAY)
    if re.fullmatch(words.year, unit):
        return Period(date(on.year, 1, 1), date(on.year, 12, 31))
    return Period(on.replace(day=1), _end_of_month(on.year, on.month))


def _calendar(said: _Said) -> Period | None:
    """This, last or next week, month or year."""
    words = said.words
    unit = rf"(?P<unit>{words.week}|{words.month}|{words.year})"
    for turn, which, after in ((-1, words.last, words.ended), (1, words.next, words.coming), (0, words.this, "")):
        found = re.search(rf"\b(?:{which}) {unit}\b", said.plain)
        found = found or (re.search(rf"\b{unit} (?:{after})\b", said.plain) if after else None)
        if found:
            return _around(
                _shifted(said.today.replace(day=min(said.today.day, 28)), turn, found["unit"], words),
                found["unit"],
                words,
            )
    return None


def _written_date(said: _Said) -> Period | None:
    if found := _ISO.search(said.text):
        return _one_day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.search(said.text):
        year = int(found[3]) if found[3] else None
        year = year + 2000 if year is not None and year < 100 else year
        return _nearest(int(found[1]), int(found[2]), year, said.today, said.may_come)
    return None


def _named_month(said: _Said) -> Period | None:
    names = _months(said.language)
    month = rf"(?P<month>{'|'.join(sorted(names, key=len, reverse=True))})"
    joint = r"(?: de| of|) ?"
    year = r"(?: (?:de |del )?(?P<year>(?:19|20)\d\d))?"
    found = re.search(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{joint}{month}{year}\b", said.plain)
    found = found or re.search(rf"\b{month} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?{year}\b", said.plain)
    if found:
        return _nearest(
            int(found["day"]),
            names[found["month"]],
            int(found["year"]) if found["year"] else None,
            said.today,
            said.may_come,
        )
    found = re.search(rf"\b(?:{_BEFORE_MONTH[said.language]}) (?:el )?{month}{year}\b", said.plain)
    if not found:
        return None
    number = names[found["month"]]
    in_year = int(found["year"]) if found["year"] else said.today.year - (number > said.today.month)
    return Period(date(in_year, number, 1), _end_of_month(in_year, number))


def _weekday(said: _Said) -> Period | None:
    names, words = _weekdays(said.language), said.words
    weekday = rf"(?P<day>{'|'.join(names)})"
    found = re.search(rf"\b{weekday}\b", said.plain)
    if not found:
        return None
    is_past = re.search(rf"\b(?:{words.last}) {found['day']}\b", said.plain) or (
        words.ended and re.search(rf"\b{found['day']} (?:{words.ended})\b", said.plain)
    )
    days_back = (said.today.weekday() - names[found["day"]]) % 7
    is_last = is_past or not said.may_come
    on = said.today - (days_back or 7) * _DAY if is_last else said.today + (-days_back % 7) * _DAY
    return Period(on, on)


_READERS: Final[tuple[Callable[[_Said], Period | None], ...]] = (
    _counted,
    _written_date,
    _calendar,
    _named_month,
    _weekday,
    _relative_day,
)


@cache
def _months(language: Language) -> dict[str, int]:
    """Names of months without accents, whole and short, by number. "May" and "mar" alone are words of their own."""
    found = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, "format", _LOCALES[language]).items():
            found[" ".join(split_words(name))] = number
    return found


@cache
def _weekdays(language: Language) -> dict[str, int]:
    """Names of weekdays, also with the ending of their plural, by number; 0 is Monday."""
    return dict(_spellings(language))


def names_weekday(text: str, language: Language) -> bool:
    """Whether a text names a day of the week."""
    words = set(split_words(text))
    return any(plain in words for plain, _ in _spellings(language))


def _spellings(language: Language) -> Iterator[tuple[str, int]]:
    for number, name in get_day_names("wide", "format", _LOCALES[language]).items():
        plain = " ".join(split_words(name))
        yield plain, number
        yield f"{plain}s", number


def _nearest(day: int, month: int, year: int | None, today: date, may_come: bool) -> Period | None:
    """Without a year, the last such day, or the next one."""
    if year is not None:
        return _one_day(year, month, day)
    this_year = _one_day(today.year, month, day)
    if this_year is None or (this_year.first <= today) != may_come:
        return this_year or _one_day(today.year - 1, month, day)
    return _one_day(today.year + (1 if may_come else -1), month, day)


def _one_day(year: int, month: int, day: int) -> Period | None:
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    return Period(on, on)


def _end_of_month(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - _DAY


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS.get(text.split(" ", maxsplit=1)[0], 1)
