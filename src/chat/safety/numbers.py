"""Whom to call, by country: numbers.tsv, each with its source and the day on which it was looked up.

The country is that of the profile's time zone. A number without a source that could be read is kept in the table for
whoever checks it next, and never shown.
"""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from babel.core import get_global

NUMBERS: Final = Path(__file__).parent / "numbers.tsv"


class Purpose(StrEnum):
    """What a number is for."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    CRISIS = "crisis"
    EATING = "eating"
    POISON = "poison"


class Contact(NamedTuple):
    """A number, or an address of the web, and who answers."""

    number: str
    name: str


def country_of(timezone: str) -> str | None:
    """The ISO code of the country that a time zone lies in; None for UTC and the like."""
    zone = get_global("zone_aliases").get(timezone, timezone)
    territory = get_global("zone_territories").get(zone)
    return territory if territory and len(territory) == len("NO") and territory != "ZZ" else None


def find_contact(country: str | None, purpose: Purpose) -> Contact | None:
    """Whom to call there; None when the country or a number with a source is not known."""
    return _contacts().get((country or "", purpose))


@cache
def _contacts() -> Mapping[tuple[str, Purpose], Contact]:
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            (row["country"], Purpose(row["purpose"])): Contact(row["number"], row["name"])
            for row in rows
            if row["verified"] == "yes"
        }
