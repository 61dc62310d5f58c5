"""The sets that prove: what bench/companion/proving/README.md describes, read into what the parts ask."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PROVING: Final = Path(__file__).with_name("proving")
NO_FLAG: Final = "none"


@dataclass(frozen=True)
class ExpectedFact:
    """A fact that a message tells; `values` are the right ones."""

    field: str
    op: str
    values: tuple[Any, ...]
    optional: bool


@dataclass(frozen=True)
class Heard:
    """What is to be learned of a message, after what was said before. Without `kinds` it is nothing."""

    id: str
    language: str
    earlier: tuple[str, ...]
    message: str
    kinds: frozenset[str]
    facts: tuple[ExpectedFact, ...]
    superseded: str | None
    to_forget: str | None
    to_remember: bool
    notes: str

    @property
    def is_trap(self) -> bool:
        return not self.kinds and self.to_forget is None


@dataclass(frozen=True)
class Question:
    """A question of somebody with a setup, and what a right answer has."""

    id: str
    language: str
    setup: str
    kind: str
    text: str
    contains: tuple[str, ...]
    forbidden: str | None
    points: int


@dataclass(frozen=True)
class Flag:
    """A message and the class of emergency that it tells of, or `none`."""

    id: str
    language: str
    message: str
    expected: str


@dataclass(frozen=True)
class Told:
    """A memory of one of the people."""

    id: str
    person: str
    language: str
    kind: str
    said: str
    text: str
    replaces: str | None


@dataclass(frozen=True)
class Recalled:
    """A question that one of the memories answers."""

    id: str
    person: str
    language: str
    kind: str
    text: str
    memories: frozenset[str]


def read_learning(folder: Path = PROVING) -> list[Heard]:
    return [_heard(row) for row in _rows(folder / "learning.tsv")]


def read_questions(folder: Path = PROVING) -> list[Question]:
    return [
        Question(
            id=row["id"],
            language=row["language"],
            setup=row["setup"],
            kind=row["kind"],
            text=row["question"],
            contains=tuple(term.strip() for term in row["contains"].split(" && ")),
            forbidden=row["forbidden"] or None,
            points=int(row["points"]),
        )
        for row in _rows(folder / "questions.tsv")
    ]


def read_setups(folder: Path = PROVING) -> dict[str, dict[str, Any]]:
    """What each setup's person has, as the README says."""
    setups: dict[str, dict[str, Any]] = json.loads((folder / "setups.json").read_text(encoding="utf-8"))
    return setups


def read_flags(folder: Path = PROVING) -> list[Flag]:
    return [Flag(**row) for row in _rows(folder / "flags.tsv")]


def read_told(folder: Path = PROVING) -> list[Told]:
    return [
        Told(
            id=row["id"],
            person=row["person"],
            language=row["language"],
            kind=row["kind"],
            said=row["said"],
            text=row["text"],
            replaces=row["replaces"] or None,
        )
        for row in _rows(folder / "memories.tsv")
    ]


def read_recalled(folder: Path = PROVING) -> list[Recalled]:
    return [
        Recalled(
            id=row["id"],
            person=row["person"],
            language=row["language"],
            kind=row["class"],
            text=row["question"],
            memories=frozenset(row["memories"].split(",")),
        )
        for row in _rows(folder / "recall.tsv")
    ]


def _heard(row: dict[str, str]) -> Heard:
    asks, _, what = row["asks"].partition(":")
    return Heard(
        id=row["id"],
        language=row["language"],
        earlier=tuple(row["earlier"].split(" -> ")) if row["earlier"] else (),
        message=row["message"],
        kinds=frozenset(row["kinds"].split("/")) if row["kinds"] else frozenset(),
        facts=tuple(_fact(given) for given in json.loads(row["facts"])),
        superseded=row["superseded"] or None,
        to_forget=what if asks == "forget" else None,
        to_remember=asks == "remember",
        notes=row["notes"],
    )


def _fact(given: dict[str, Any]) -> ExpectedFact:
    values = (given["value"], *given.get("or", ()))
    return ExpectedFact(given["field"], given["op"], values, given.get("optional", False))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            if None in row or None in row.values():
                raise ValueError(f"{path.name}, line {number}: not as many columns as the header")
            yield row
