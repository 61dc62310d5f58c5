"""Exercises by what they are called: the same words, never similar ones."""

import unicodedata
from typing import Any


def label_words(label: str) -> list[str]:
    """Lower-case words without punctuation: `Pull-Up` and `pull up` are the same.

    Accents stay, and so do signs such as °: in many scripts words without their marks are other words.
    """
    text = unicodedata.normalize("NFKC", label).casefold().replace("&", " and ")
    # A possessive is one word with or without its apostrophe.
    text = text.replace("'", "").replace("\u2019", "")
    return "".join(" " if unicodedata.category(char)[0] in "PZC" else char for char in text).split()


class LabelIndex:
    """Exercises rows by label. A label of two exercises names neither, unless it is written like just one of them."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self._loose: dict[str, list[tuple[str, dict[str, Any]]]] = {}

    def add(self, label: str, row: dict[str, Any]) -> None:
        entry = (label.strip().casefold(), row)
        self._exact.setdefault(_exact_key(label), []).append(entry)
        self._loose.setdefault(_loose_key(label), []).append(entry)

    def find_exact(self, label: str) -> dict[str, Any] | None:
        """The exercise of these words."""
        return _only(self._exact.get(_exact_key(label), []), label)

    def find_loose(self, label: str) -> dict[str, Any] | None:
        """The exercise of these words, apart from plurals and words written together (`skullcrushers`)."""
        return _only(self._loose.get(_loose_key(label), []), label)

    def find(self, label: str) -> dict[str, Any] | None:
        """The exercise of exactly these words, or else of nearly these."""
        return self.find_exact(label) or self.find_loose(label)


def _only(entries: list[tuple[str, dict[str, Any]]], label: str) -> dict[str, Any] | None:
    if len({row["id"] for _, row in entries}) > 1:
        entries = [entry for entry in entries if entry[0] == label.strip().casefold()]
    rows = {row["id"]: row for _, row in entries}
    return next(iter(rows.values())) if len(rows) == 1 else None


def _exact_key(label: str) -> str:
    # A name of nothing but signs is still a name, and not the same as another.
    return " ".join(label_words(label)) or label.strip().casefold()


def _loose_key(label: str) -> str:
    words = [
        word[:-1] if len(word) > 2 and word[-1] == "s" and word[-2] != "s" else word for word in label_words(label)
    ]
    # Written together, 1 1/2 would be 112.
    apart = any(char.isnumeric() for word in words for char in word)
    return (" " if apart else "").join(words) or label.strip().casefold()


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 2 and word[-1] == "s" and word[-2] != "s" else word
