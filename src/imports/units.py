"""Units of weight, distance and time by their names and signs."""

from decimal import Decimal

from src.imports.languages import plain, unit_words
from src.vocabulary import WeightUnit

METRES_PER_UNIT = {
    "m": Decimal(1),
    "km": Decimal(1000),
    "mi": Decimal("1609.344"),
    "ft": Decimal("0.3048"),
    "yd": Decimal("0.9144"),
}
WEIGHT_UNITS = {"kg": WeightUnit.KG, "lb": WeightUnit.LB}
# As the apps write them, beside what each language calls them.
_ENGLISH = {
    word: unit
    for unit, words in {
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
        "lb": "lb lbs pound pounds",
        "m": "m meter meters metre metres mtr mtrs",
        "km": "km kms kilometer kilometers kilometre kilometres",
        "mi": "mi mis mile miles",
        "ft": "ft foot feet",
        "yd": "yd yds yard yards",
        "s": "s sec secs second seconds",
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours",
    }.items()
    for word in words.split()
}


def unit_of(word: str) -> str | None:
    """kg, lb, m, km, mi, ft, yd, s, min or h: `mi.`, `Lbs`, `Kilogramm`, `кг`."""
    word = plain(word)
    return _ENGLISH.get(word) or unit_words().get(word)


def weight_unit(word: str) -> WeightUnit | None:
    """kg or lb."""
    return WEIGHT_UNITS.get(unit_of(word) or "")


def metres_per_unit(word: str) -> Decimal | None:
    """How long one of the unit is."""
    return METRES_PER_UNIT.get(unit_of(word) or "")
