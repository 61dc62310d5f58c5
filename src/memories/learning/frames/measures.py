"""Lengths and weights as people write them: `1.82 m`, `6'1"`, `12 stone 4`, `80 kilos`."""

import re
from typing import Final

from src.language.language import Language

_METRES: Final = re.compile(
    r"(?<![\d.,])([12][.,]\d{1,2})(?![\d.,]*\d)\s*(?:m\b|meters?\b|metres?\b|metros?\b)?", re.IGNORECASE
)
_METRES_AND: Final = re.compile(r"(?<!\d)([12])\s*(?:m|meter|metro)\s*(\d{2})\b", re.IGNORECASE)
_CENTIMETRES: Final = re.compile(
    r"(?<![\d.,])(1[2-9]\d|2[0-3]\d)\s*-?\s*(?:cm|centimet\w*|zentimeter\w*|centímetros?)\b", re.IGNORECASE
)
_PLAIN_CENTIMETRES: Final = re.compile(r"(?<![\d.,])(1[2-9]\d|2[0-3]\d)(?![\d.,]*\d)")
_FEET: Final = re.compile(
    r"(?<!\d)([4-7])\s*(?:'|\u2019|\u2032|ft\.?|feet|foot)\s*"
    r"(?:(\d{1,2})\s*(?:''|\"|\u201d|\u2033|in\b|inches\b|inch\b)?)?",
    re.IGNORECASE,
)
_FEET_WORDS: Final = re.compile(
    r"\b(four|five|six|seven) (?:foot|feet)(?: (one|two|three|four|five|six|seven|eight|nine|ten|eleven|\d{1,2}))?\b",
    re.IGNORECASE,
)
_INCHES: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
}
_KILOS: Final = re.compile(
    r"(?<![\d.,])(\d{2,3}(?:[.,]\d{1,2})?)\s*-?\s*(?:kgs?|kilos?|kilograms?|kilogramm|kilogramos)\b", re.IGNORECASE
)
_POUNDS: Final = re.compile(
    r"(?<![\d.,])(\d{2,3}(?:[.,]\d)?)\s*-?\s*(?:lbs?|pounds?|pfund|libras|pund)\b", re.IGNORECASE
)
_STONES: Final = re.compile(
    r"(?<![\d.,])(\d{1,2}(?:\.5)?)\s*(?:stones?|st)\b(?:\s*(\d{1,2})(?:\s*(?:lbs?|pounds?))?)?", re.IGNORECASE
)
_BARE_WEIGHT: Final = re.compile(r"(?<![\d.,])(\d{2,3}(?:[.,]\d{1,2})?)(?![\d.,]*\d)(?!\s*(?:cm|m\b|%|x\b|reps|min))")
_KILOS_PER_POUND: Final = 0.45359237
_POUNDS_PER_STONE: Final = 14
_METRES_PER_INCH: Final = 0.0254
# A German Pfund is half a kilo.
_KILOS_PER_PFUND: Final = 0.5

Measured = tuple[float, int]
"""Metres or kilograms, and the letter where they begin in the text."""


def find_height(text: str, *, with_unit: bool) -> Measured | None:
    """A height; without a unit only where it is said that it is one."""
    found = _feet(text, with_unit=with_unit) or _metric(text)
    if found is None and not with_unit and (plain := _PLAIN_CENTIMETRES.search(text)):
        found = int(plain[1]) / 100, plain.start()
    return found


def find_weight(text: str, language: Language) -> Measured | None:
    """A weight with its unit."""
    per_pound = _KILOS_PER_PFUND if language is Language.DE else _KILOS_PER_POUND
    if stones := _STONES.search(text):
        return (float(stones[1]) * _POUNDS_PER_STONE + int(stones[2] or 0)) * _KILOS_PER_POUND, stones.start()
    for pattern, kilos in ((_KILOS, 1.0), (_POUNDS, per_pound)):
        if found := pattern.search(text):
            return _number(found[1]) * kilos, found.start()
    return None


def find_bare_weight(text: str) -> float | None:
    """A number that may be a weight: after "I weigh"."""
    found = _BARE_WEIGHT.search(text)
    return _number(found[1]) if found else None


def count_measures(text: str) -> int:
    """How many kinds of measures are in the text."""
    return sum(
        pattern.search(text) is not None
        for pattern in (_CENTIMETRES, _METRES, _METRES_AND, _FEET, _KILOS, _POUNDS, _STONES)
    )


def _feet(text: str, *, with_unit: bool) -> Measured | None:
    feet = _FEET.search(text)
    if feet and (feet[2] or not with_unit) and int(feet[2] or 0) < 12:
        return (int(feet[1]) * 12 + int(feet[2] or 0)) * _METRES_PER_INCH, feet.start()
    words = _FEET_WORDS.search(text)
    if words is None:
        return None
    inches = (words[2] or "0").lower()
    total = _INCHES[words[1].lower()] * 12 + (int(inches) if inches.isdigit() else _INCHES[inches])
    return total * _METRES_PER_INCH, words.start()


def _metric(text: str) -> Measured | None:
    if apart := _METRES_AND.search(text):
        return int(apart[1]) + int(apart[2]) / 100, apart.start()
    if centimetres := _CENTIMETRES.search(text):
        return int(centimetres[1]) / 100, centimetres.start()
    metres = _METRES.search(text)
    return (_number(metres[1]), metres.start()) if metres else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))
