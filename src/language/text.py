"""A text in small letters without accents."""

import unicodedata
from typing import Final

# Letters of their own, which Unicode does not take apart.
_PLAIN_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "\u2019": "'"})


def fold(text: str) -> str:
    """The text in small letters without accents: `Rücken` is `rucken`, `Skulderøvelse` is `skulderovelse`."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter)).translate(_PLAIN_LETTERS)
