"""Months, weekdays, halves of the day and units as languages write them: Unicode's own tables (CLDR), through Babel."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TypeVar

from babel import Locale
from babel.units import get_unit_name

from src.imports.words import fold

T = TypeVar("T")

# Those of the apps, and their neighbours. Croatian is not among them: its months are other months in Polish and Czech.
LANGUAGES = (
    *("en", "de", "es", "es_MX", "fr", "fr_CA", "it", "pt", "pt_PT", "nl", "pl", "ru", "uk", "tr", "ja", "zh"),
    *("zh_Hant", "ko", "sv", "da", "nb", "fi", "cs", "ro", "el", "id"),
)
_MIN_PREFIX = 3
_OTHER_MILE = "scandinavian mile"
_UNITS = {
    "kg": "mass-kilogram",
    "lb": "mass-pound",
    "m": "length-meter",
    "km": "length-kilometer",
    "mi": "length-mile",
    "ft": "length-foot",
    "yd": "length-yard",
    "s": "duration-second",
    "min": "duration-minute",
    "h": "duration-hour",
    # Ten kilometres: one word with a mile elsewhere, so that neither is read.
    _OTHER_MILE: "length-mile-scandinavian",
}
# Chinese divides the day further, and some of it writes 12 hours with these words only.
_CHINESE_HALVES = {
    **dict.fromkeys(("morning1", "morning2", "night1"), "am"),
    **dict.fromkeys(("noon", "afternoon1", "afternoon2", "evening1"), "pm"),
}
_NUMBERED_MONTH = re.compile(r"(1[0-2]|[1-9])[\u6708\uc6d4]")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def plain(word: str) -> str:
    """The letters of a word: `a.\u202fm.` is `am`, `Sept.` is `sept`."""
    return _NOT_LETTERS.sub("", fold(word))


def month_of(word: str) -> int | None:
    """The number of the month that the word is in any language; also of a word that begins one month's name only."""
    if numbered := _NUMBERED_MONTH.fullmatch(fold(word)):
        return int(numbered[1])
    months = _months()
    word = plain(word) if not any(character.isdecimal() for character in word) else ""
    if len(word) < _MIN_PREFIX or word in months:
        return months.get(word)
    begun = {number for name, number in months.items() if name.startswith(word)}
    return begun.pop() if len(begun) == 1 else None


def is_weekday(word: str) -> bool:
    """Whether the word is a day of the week."""
    return plain(word) in _weekdays()


def half_of_day(word: str) -> str | None:
    """`am` or `pm`."""
    return _halves().get(plain(word))


@cache
def unit_words() -> Mapping[str, str]:
    """Units by their names and signs: kg, lb, m, km, mi, ft, yd, s, min, h. A name of two units is none."""
    found = _unambiguous(
        (plain(name), unit)
        for language in LANGUAGES
        for unit, key in _UNITS.items()
        for length in ("long", "short", "narrow")
        if (name := get_unit_name(key, length, language))
    )
    return {word: unit for word, unit in found.items() if unit != _OTHER_MILE}


@cache
def _months() -> Mapping[str, int]:
    return _unambiguous(
        (plain(name), number)
        for locale in _locales()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[context][width].items()
    )


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(
        plain(name)
        for locale in _locales()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for name in locale.days[context].get(width, {}).values()
    )


@cache
def _halves() -> Mapping[str, str]:
    return _unambiguous(_halves_of_languages())


def _halves_of_languages() -> Iterator[tuple[str, str]]:
    for locale in _locales():
        known = {"am": "am", "pm": "pm"} | (_CHINESE_HALVES if locale.language == "zh" else {})
        for context in locale.day_periods.values():
            for widths in context.values():
                # One letter could be anything.
                names = ((plain(widths[period]), half) for period, half in known.items() if period in widths)
                yield from ((name, half) for name, half in names if len(name) > 1 or not name.isascii())


def _locales() -> list[Locale]:
    return [Locale.parse(language) for language in LANGUAGES]


def _unambiguous(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    torn: set[str] = set()
    for word, meaning in pairs:
        if found.setdefault(word, meaning) != meaning:
            torn.add(word)
    return {word: meaning for word, meaning in found.items() if word and word not in torn}
