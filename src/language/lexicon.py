"""Tables of words: one file of tab-separated columns for each topic, in the folder lexicons/."""

from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "lexicons"


@cache
def read_table(topic: str) -> tuple[dict[str, str], ...]:
    """The rows of a topic's file, by the names in its first line. Lines that begin with # say something to readers."""
    lines = [line for line in (_FOLDER / f"{topic}.tsv").read_text(encoding="utf-8").splitlines() if line.strip()]
    names, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


@cache
def word_set(name: str) -> frozenset[str]:
    """A set of lexicons/words.tsv."""
    return next(frozenset(row["words"].split()) for row in read_table("words") if row["name"] == name)
