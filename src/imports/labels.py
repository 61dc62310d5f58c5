"""Exercises by what they are called: the same words, never similar ones."""

import unicodedata

from src.imports.context import KnownExercise


def label_words(label: str) -> list[str]:
    """Lower-case words without punctuation: `Pull-Up` and `pull up` are the same.

    Accents stay, and so do signs such as °: in many scripts words without their marks are other words.
    """
    text = unicodedata.normalize("NFKC", label).casefold().replace("&", " and ")
    # A possessive is one word with or without its apostrophe.
    text = text.replace("'", "").replace("\u2019", "")
    return "".join(" " if unicodedata.category(char)[0] in "PZC" else char for char in text).split()


class LabelIndex:
    """Exercises by label. A label of two exercises names neither, unless it is written like just one of them."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[str, KnownExercise]]] = {}
        self._loose: dict[str, list[tuple[str, KnownExercise]]] = {}

    def add(self, label: str, exercise: KnownExercise) -> None:
        entry = (label.strip().casefold(), exercise)
        self._exact.setdefault(_exact_key(label), []).append(entry)
        self._loose.setdefault(_loose_key(label), []).append(entry)

    def find_exact(self, label: str) -> KnownExercise | None:
        """The exercise of these words."""
        return _only(self._exact.get(_exact_key(label), []), label)

    def find_loose(self, label: str) -> KnownExercise | None:
        """The exercise of these words, apart from plurals and words written together (`skullcrushers`)."""
        return _only(self._loose.get(_loose_key(label), []), label)

    def find(self, label: str) -> KnownExercise | None:
        """The exercise of exactly these words, or else of nearly these."""
        return self.find_exact(label) or self.find_loose(label)


def _only(entries: list[tuple[str, KnownExercise]], label: str) -> KnownExercise | None:
    if len({exercise.id for _, exercise in entries}) > 1:
        entries = [entry for entry in entries if entry[0] == label.strip().casefold()]
    found = {exercise.id: exercise for _, exercise in entries}
    return next(iter(found.values())) if len(found) == 1 else None


def _exact_key(label: str) -> str:
    # A name of nothing but signs is still a name, and not the same as another.
    return " ".join(label_words(label)) or label.strip().casefold()


def _loose_key(label: str) -> str:
    words = list(map(_singular, label_words(label)))
    # Written together, 1 1/2 would be 112.
    apart = any(char.isnumeric() for word in words for char in word)
    return (" " if apart else "").join(words) or label.strip().casefold()


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 2 and word[-1] == "s" and word[-2] != "s" else word
