"""The cells of a row as values. Everything raises BadRow with the reason."""

import re
from decimal import ROUND_HALF_UP, Decimal

from src.core.units import KG_PER_LB
from src.imports.workouts import BadRow
from src.vocabulary import DistanceUnit, WeightUnit

MAX_NAME = 120
_MAX_NOTES = 2000
_MAX_REPS = 1000
_MAX_WEIGHT_KG = 1000
_MAX_SECONDS = 86_400
_MAX_DISTANCE_M = 1_000_000
_MAX_QUOTED_CHARACTERS = 40

_METRES = {
    "m": Decimal(1),
    "km": Decimal(1000),
    "mi": Decimal("1609.344"),
    "ft": Decimal("0.3048"),
    "yd": Decimal("0.9144"),
}
_WEIGHT_WORDS = {
    WeightUnit.KG: ("kg", "kgs", "kilogram", "kilograms"),
    WeightUnit.LB: ("lb", "lbs", "pound", "pounds"),
}
_DISTANCE_WORDS = {
    "m": ("m", "meter", "meters", "metre", "metres"),
    "km": ("km", "kms", "kilometer", "kilometers", "kilometre", "kilometres"),
    "mi": ("mi", "mile", "miles"),
    "ft": ("ft", "foot", "feet"),
    "yd": ("yd", "yds", "yard", "yards"),
}
WEIGHT_UNITS = {word: unit for unit, words in _WEIGHT_WORDS.items() for word in words}
METRES_PER_UNIT = {word: _METRES[unit] for unit, words in _DISTANCE_WORDS.items() for word in words}

# Postgres stores neither NUL nor half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


def clean_cell(cell: str) -> str | None:
    """The text of a cell, or None for a blank one."""
    return _UNSTORABLE.sub("", cell).strip() or None


def to_one_line(text: str | None) -> str | None:
    """A name: white space within it is single spaces."""
    return " ".join(text.split()) or None if text else None


def cut_notes(text: str | None) -> str | None:
    """At most 2000 characters of it."""
    return text[:_MAX_NOTES].strip() or None if text else None


def quote(text: str) -> str:
    """What a reason repeats of a cell."""
    return f'"{text}"' if len(text) <= _MAX_QUOTED_CHARACTERS else f'"{text[:_MAX_QUOTED_CHARACTERS]}…"'


def parse_number(what: str, text: str | None, delimiter: str) -> Decimal | None:
    """A number that is more than 0. None for 0 and a blank cell: both apps write 0 for what was not recorded.

    A decimal comma is fine. Where the delimiter is a comma, `1,500` may be thousands, and nobody can tell.
    """
    if text is None:
        return None
    if not _NUMBER.fullmatch(text) or (delimiter == "," and _THOUSANDS.fullmatch(text)):
        raise BadRow(f"{what} is not a number: {quote(text)}")
    value = Decimal(text.replace(",", "."))
    if value < 0:
        raise BadRow(f"{what} must not be negative")
    return value or None


def check_reps(value: Decimal | None) -> int | None:
    """1 to 1000, whole."""
    if value is None:
        return None
    if value > _MAX_REPS:
        raise BadRow(f"reps must be at most {_MAX_REPS}")
    if value % 1:
        raise BadRow("reps must be a whole number")
    return int(value)


def check_weight(value: Decimal | None, unit: WeightUnit) -> Decimal | None:
    """At most 1000 kg, in its own unit, to the thousandth."""
    if value is None:
        return None
    if value * (KG_PER_LB if unit is WeightUnit.LB else 1) > _MAX_WEIGHT_KG:
        raise BadRow(f"weight must be at most {_MAX_WEIGHT_KG} kg")
    return _rounded(value, "0.001")


def check_seconds(value: Decimal | None) -> int | None:
    """At most a day, to the second."""
    if value is None:
        return None
    if value > _MAX_SECONDS:
        raise BadRow(f"seconds must be at most {_MAX_SECONDS}")
    return int(_rounded(value, "1") or 0) or None


def to_metres(value: Decimal | None, metres_per_unit: Decimal) -> Decimal | None:
    """Metres, at most 1,000 km, to the centimetre."""
    if value is None:
        return None
    metres = value * metres_per_unit
    if metres > _MAX_DISTANCE_M:
        raise BadRow(f"distance must be at most {_MAX_DISTANCE_M} m")
    return _rounded(metres, "0.01")


def parse_rpe(text: str | None) -> Decimal | None:
    """A half step from 1 to 10; None for anything else, which is no reason to lose a set."""
    if text is None or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text.replace(",", "."))
    return Decimal(int(value * 2)) / 2 if 1 <= value <= 10 and value * 2 % 1 == 0 else None


def says_more_than_zero(text: str | None) -> bool:
    """Whether a cell holds anything: apps write 0 for what was not recorded."""
    return text is not None and text.strip("0.,") != ""


def parse_weight_unit(text: str | None, default: WeightUnit) -> WeightUnit:
    """kg or lb."""
    if text is None:
        return default
    if text.casefold() not in WEIGHT_UNITS:
        raise BadRow(f"the weight unit {quote(text)} is not known")
    return WEIGHT_UNITS[text.casefold()]


def parse_distance_unit(text: str | None, default: DistanceUnit) -> Decimal:
    """How long one of the unit is."""
    if text is None:
        return _METRES[default]
    if text.casefold() not in METRES_PER_UNIT:
        raise BadRow(f"the distance unit {quote(text)} is not known")
    return METRES_PER_UNIT[text.casefold()]


def _rounded(value: Decimal, step: str) -> Decimal | None:
    if value % Decimal(step):
        value = value.quantize(Decimal(step), ROUND_HALF_UP)
    return value or None
