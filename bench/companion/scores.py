"""What the parts count, and what they missed."""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

ALL = "all"
T = TypeVar("T")


@dataclass
class Count:
    """So many of so many."""

    right: int = 0
    number: int = 0

    def add(self, right: int, number: int = 1) -> None:
        self.right += right
        self.number += number

    def __str__(self) -> str:
        return f"{self.right}/{self.number}"

    @property
    def share(self) -> str:
        return f"{self.right / self.number:.3f}" if self.number else "-"


@dataclass
class Misses:
    """What failed, in full; only a file gets to see it."""

    lines: list[str] = field(default_factory=list)

    def add(self, part: str, item: Any, **what: Any) -> None:
        told = asdict(item) if is_dataclass(item) and not isinstance(item, type) else item
        self.lines.append(json.dumps({"part": part, **what, "line": told}, ensure_ascii=False, default=_plain))

    def write(self, path: Path) -> None:
        path.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def grouped(items: Iterable[T], key: Callable[[T], Hashable]) -> list[tuple[str, Sequence[T]]]:
    """The items by what the key says, in its order of appearance, then all of them."""
    groups: dict[Hashable, list[T]] = {}
    everything = list(items)
    for item in everything:
        groups.setdefault(key(item), []).append(item)
    return [*((str(name), group) for name, group in groups.items()), (ALL, everything)]
