"""Sports as files name them, as exercises of the library. The words are in sports.tsv."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from src.imports.labels import label_words
from src.imports.values import MAX_NAME


class Sport(NamedTuple):
    """A sport: the name of its exercise, and the family of sports that one file tells apart and another does not."""

    exercise: str
    family: str

    def exercises_of_family(self) -> tuple[str, ...]:
        """The exercises that the same activity may be of in another file."""
        return _FAMILIES.get(self.family, (self.exercise,))


SWIMMING: Final = "swimming"
STRENGTH: Final = "strength"
TRANSITION: Final = "transition"
UNKNOWN_WORDS: Final = frozenset({"generic", "all", "other", "sport", "default"})


def find_sport(*words: str | None) -> Sport | None:
    """The sport that the first known word means. None when none is known."""
    return next((sport for word in words if word and (sport := _SPORTS.get(_key(word)))), None)


def sport_named(word: str | None) -> Sport | None:
    """The sport of a word; one that is not known is an exercise of that name. None for words that say nothing."""
    label = " ".join((word or "").replace("_", " ").split())[:MAX_NAME].strip()
    if not label or _key(label) in UNKNOWN_WORDS:
        return None
    if (known := find_sport(label)) or label.isdecimal():
        return known
    return Sport(label.title() if label.islower() else label, _key(label))


def _key(word: str) -> str:
    return " ".join(label_words(word.replace("_", " "))) or word.casefold()


def _lines() -> Iterator[tuple[str, str, list[str]]]:
    for line in Path(__file__).with_name("sports.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            family, exercise, words = line.split("\t")
            yield family, exercise, words.split("|")


def _read() -> tuple[dict[str, Sport], dict[str, tuple[str, ...]]]:
    sports: dict[str, Sport] = {}
    families: defaultdict[str, list[str]] = defaultdict(list)
    for family, exercise, words in _lines():
        families[family].append(exercise)
        sports |= {_key(word): Sport(exercise, family) for word in words}
    return sports, {family: tuple(exercises) for family, exercises in families.items()}


_SPORTS, _FAMILIES = _read()
