"""The cells of a row as values. Everything raises BadRow with the reason."""

import re
from decimal import ROUND_HALF_UP, Decimal

from src.core.units import KG_PER_LB
from src.imports.numbers import NumberFormat
from src.imports.units import metres_per_unit, weight_unit
from src.imports.workouts import BadRow
from src.vocabulary import WeightUnit

MAX_NAME = 120
MAX_NOTES = 2000
_MAX_REPS = 1000
_MAX_WEIGHT_KG = 1000
_MAX_SECONDS = 86_400
_MAX_DISTANCE_M = 1_000_000
_MAX_QUOTED_CHARACTERS = 40

# Postgres stores neither NUL nor half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_cell(cell: str) -> str | None:
    """The text of a cell, or None for a blank one."""
    return _UNSTORABLE.sub("", cell).strip() or None


def to_one_line(text: str | None) -> str | None:
    """A name: white space within it is single spaces."""
    return " ".join(text.split()) or None if text else None


def cut_notes(text: str | None) -> str | None:
    """At most 2000 characters of it."""
    return text[:MAX_NOTES].strip() or None if text else None


def cut_off(what: str, text: str | None, limit: int) -> tuple[str, ...]:
    """That the end of a text is not kept, if it is not."""
    return (f"{what} beyond {limit} characters",) if text and len(text) > limit else ()


def quote(text: str) -> str:
    """What a reason repeats of a cell."""
    return f'"{text}"' if len(text) <= _MAX_QUOTED_CHARACTERS else f'"{text[:_MAX_QUOTED_CHARACTERS]}…"'


def parse_number(what: str, text: str | None, numbers: NumberFormat) -> Decimal | None:
    """A number that is more than 0. None for 0 and a blank cell: the apps write 0 for what was not recorded."""
    if text is None:
        return None
    value = numbers.parse(text)
    if value is None:
        raise BadRow(f"{what} is not a number: {quote(text)}")
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


def parse_rpe(text: str | None, numbers: NumberFormat) -> Decimal | None:
    """A half step from 1 to 10; None for anything else, which is no reason to lose a set."""
    value = None if text is None else numbers.parse(text)
    if value is None or not 1 <= value <= 10 or value * 2 % 1:
        return None
    return Decimal(int(value * 2)) / 2


def parse_weight_unit(text: str) -> WeightUnit:
    """kg or lb."""
    unit = weight_unit(text)
    if unit is None:
        raise BadRow(f"the weight unit {quote(text)} is not known")
    return unit


def parse_distance_unit(text: str) -> Decimal:
    """How long one of the unit is."""
    metres = metres_per_unit(text)
    if metres is None:
        raise BadRow(f"the distance unit {quote(text)} is not known")
    return metres


def _rounded(value: Decimal, step: str) -> Decimal | None:
    if value % Decimal(step):
        value = value.quantize(Decimal(step), ROUND_HALF_UP)
    return value or None
