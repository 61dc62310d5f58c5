"""What people ask and which intent it is: examples and cues of each language, from `<language>.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from src.chat.intents.spelling import without_accents
from src.language.language import Language

_FOLDER: Final = Path(__file__).parent
# What stands for an exercise and for a food in an example, and what the chooser reads in their place.
EXERCISE_MARK, FOOD_MARK = "…", "***"
_EXERCISES: Final = {
    Language.EN: "bench press",
    Language.DE: "Bankdrücken",
    Language.ES: "press de banca",
    Language.NB: "benkpress",
}
_FOODS: Final = {Language.EN: "pasta", Language.DE: "Nudeln", Language.ES: "pasta", Language.NB: "pasta"}


@dataclass(frozen=True)
class Catalogue:
    """One language's examples by intent, and its cues: patterns, without accents, that speak for an intent."""

    examples: Mapping[str, list[str]]
    cues: Mapping[str, list[re.Pattern[str]]]


@cache
def load(language: Language) -> Catalogue:
    """The catalogue of a language."""
    document = tomllib.loads((_FOLDER / f"{language.value}.toml").read_text("utf-8"))
    cues = {
        intent: [re.compile(without_accents(pattern), re.IGNORECASE) for pattern in patterns]
        for intent, patterns in document["cues"].items()
    }
    return Catalogue(document["examples"], cues)


def unmarked(marked: str, language: Language) -> str:
    """A text whose marks are replaced by one exercise and one food, so that which one is named does not count."""
    return marked.replace(EXERCISE_MARK, _EXERCISES[language]).replace(FOOD_MARK, _FOODS[language])
