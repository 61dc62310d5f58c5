"""Words of files in the languages of the apps, written alike: names of columns, kinds of set, yes and no."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from src.imports.tsv import read_tsv
from src.vocabulary import SetType

_BODY_AND = re.compile(r"([^\d+-]+?)\s*(?:([+-])\s*(\d.*))?")
_WORD = re.compile(r"[^\W_]+|#")


class Column(StrEnum):
    """What a column holds, whichever app wrote it."""

    START = "start"
    END = "end"
    DURATION = "duration"
    WORKOUT_NUMBER = "workout_number"
    WORKOUT_NAME = "workout_name"
    WORKOUT_NOTES = "workout_notes"
    EXERCISE = "exercise"
    EXERCISE_NOTES = "exercise_notes"
    CATEGORY = "category"
    SUPERSET = "superset"
    SET_ORDER = "set_order"
    SET_TYPE = "set_type"
    SET_COUNT = "set_count"
    WARMUP = "warmup"
    REPS = "reps"
    RPE = "rpe"
    SECONDS = "seconds"
    WEIGHT = "weight"
    WEIGHT_UNIT = "weight_unit"
    DISTANCE = "distance"
    DISTANCE_UNIT = "distance_unit"


def fold(text: str) -> str:
    """Lower case, plain spaces and digits: full-width letters, narrow spaces and Turkish letters i are alike."""
    # Both Turkish letters i: one loses its dot in lower case, the other keeps it as a mark of its own.
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u0307", "").replace("\u0131", "i")
    return " ".join(plain.split())


def header_words(name: str) -> str:
    """The words of a column's name, without punctuation: `Weight (kg)`, `weight_kg` and `Weight[kg]` are the same."""
    return " ".join(_WORD.findall(fold(name)))


@lru_cache(maxsize=1024)
def run_together(text: str) -> str:
    """The letters and digits of a word of the app: `WARM_UP`, `Warm-up` and `warm up` are the same."""
    return "".join(_WORD.findall(fold(text)))


def without_body_weight(text: str) -> str | None:
    """A load without the body that it was added to: `BW + 10 kg` is `+10 kg`, and `BW` is none."""
    found = _BODY_AND.fullmatch(text)
    if found is None or run_together(found[1]) not in _BODY_WEIGHTS:
        return text
    return f"{found[2]}{found[3]}" if found[2] else None


def _words(about: str) -> Iterator[tuple[str, str]]:
    """What words.tsv says of it: a word and its meaning."""
    for topic, meaning, words in read_tsv(Path(__file__).with_name("words.tsv")):
        if topic == about:
            yield from ((word, meaning) for word in words.split("|"))


COLUMNS: dict[str, Column] = {header_words(word): Column(column) for word, column in _words("column")}
COLUMNS |= {header_words(word): Column.WARMUP for word, kind in _words("set") if kind == "warmup" and len(word) > 1}
"""Columns by their names. What means one thing in one app and another in the next is the app's own."""
SET_TYPES: Mapping[str, SetType] = {run_together(word): SetType(kind) for word, kind in _words("set")}
ROWS: Mapping[str, str] = {run_together(word): kind for word, kind in _words("row")}
"""Rows that are no sets, where others have their number or kind: `rest`, `note`."""
_BODY_WEIGHTS = {run_together(word) for word, _ in _words("load")}
YES_OR_NO: Mapping[str, bool] = {run_together(word): answer == "yes" for word, answer in _words("answer")}
DATE_FILLERS: frozenset[str] = frozenset(fold(word) for word, _ in _words("date"))
"""Words that may stand between the parts of a date and mean nothing: `28 de marzo de 2024 a las 17:29`."""
