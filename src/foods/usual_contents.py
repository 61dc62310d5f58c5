"""What well-known dishes and brands usually contain: for questions, never for plans."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from src.core.search import split_words
from src.vocabulary import Allergen, Diet

_TABLE: Final = Path(__file__).parent / "usual_contents.tsv"
_STRICTNESS: Final = (Diet.OMNIVORE, Diet.PESCATARIAN, Diet.VEGETARIAN, Diet.VEGAN)


@dataclass(frozen=True)
class UsualContents:
    """Allergens that a food usually has, and the strictest diet that it usually suits."""

    allergens: frozenset[Allergen]
    diet: Diet

    def suits(self, diet: Diet) -> bool:
        """Whether it usually suits somebody with this diet."""
        return _STRICTNESS.index(diet) <= _STRICTNESS.index(self.diet)


def usual_contents(food: str) -> UsualContents | None:
    """By the longest name of the table whose words follow each other in the text; None when there is none."""
    words = split_words(food)
    spans = [(start, end) for start in range(len(words)) for end in range(start + 1, min(start + 5, len(words) + 1))]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        if (found := _table().get(" ".join(words[start:end]))) is not None:
            return found
    return None


def usual_names() -> list[str]:
    """Every name of the table."""
    return list(_table())


@cache
def _table() -> dict[str, UsualContents]:
    rows = [line.split("\t") for line in _TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {
        " ".join(split_words(name)): UsualContents(frozenset(map(Allergen, allergens.split())), Diet(diet))
        for names, allergens, diet in rows[1:]
        for name in names.split("|")
    }
