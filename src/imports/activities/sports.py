"""Sports as files name them, as exercises of the library. The words are in sports.tsv."""

from collections import defaultdict
from pathlib import Path
from typing import Final, NamedTuple

from src.imports.labels import label_words
from src.imports.tsv import read_tsv
from src.imports.values import MAX_NAME


class ActivitySport(NamedTuple):
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


def find_sport(*words: str | None) -> ActivitySport | None:
    """The sport that the first known word means. None when none is known."""
    return next((sport for word in words if word and (sport := _SPORTS.get(_key(word)))), None)


def sport_named(word: str | None) -> ActivitySport | None:
    """The sport of a word; one that is not known is an exercise of that name. None for words that say nothing."""
    label = " ".join((word or "").replace("_", " ").split())[:MAX_NAME].strip()
    if not label or _key(label) in UNKNOWN_WORDS:
        return None
    if (known := find_sport(label)) or label.isdecimal():
        return known
    return ActivitySport(label.title() if label.islower() else label, _key(label))


def _key(word: str) -> str:
    return " ".join(label_words(word.replace("_", " "))) or word.casefold()


def _read() -> tuple[dict[str, ActivitySport], dict[str, tuple[str, ...]]]:
    sports: dict[str, ActivitySport] = {}
    families: defaultdict[str, list[str]] = defaultdict(list)
    for family, exercise, words in read_tsv(Path(__file__).with_name("sports.tsv")):
        families[family].append(exercise)
        sports |= {_key(word): ActivitySport(exercise, family) for word in words.split("|")}
    return sports, {family: tuple(exercises) for family, exercises in families.items()}


_SPORTS, _FAMILIES = _read()
