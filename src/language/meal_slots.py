"""The meals of the day by their names in each language."""

import re
from typing import Final

from src.vocabulary import MealSlot

# Spanish "comida" and "comer" are lunch where nothing else is named; Norwegian "middag" is dinner.
_NAMES: Final = {
    MealSlot.BREAKFAST: r"breakfast|frühstück\w*|fruehstueck\w*|desayun\w*|frokost\w*",
    MealSlot.SNACK: r"snacks?|zwischenmahlzeit\w*|merienda|tentempié|mellommåltid\w*|kveldsmat\w*",
    MealSlot.DINNER: r"dinner|supper|tonight|abendessen|abendbrot|heute abend"
    r"|cena\w*|ceno|esta noche|middag\w*|i kveld",
    MealSlot.LUNCH: r"lunch|mittag\w*|almuerz\w*|almorz\w*|lunsj\w*|comida|para comer|al mediodía",
}
_PATTERNS: Final = {slot: re.compile(rf"\b(?:{names})\b", re.IGNORECASE) for slot, names in _NAMES.items()}


def named_slot(text: str) -> MealSlot | None:
    """The meal that a text names."""
    return next((slot for slot, pattern in _PATTERNS.items() if pattern.search(text)), None)
