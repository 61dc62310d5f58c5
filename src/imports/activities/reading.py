"""Files of activities: which kind one is, by how it begins, and what it says."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import BinaryIO

from src.imports.activities.activity import Activity
from src.imports.activities.fit import read_fit
from src.imports.activities.gpx import read_gpx
from src.imports.activities.sports import ActivitySport, sport_named
from src.imports.activities.table_rows import ListReader
from src.imports.activities.tables import find_list_layout
from src.imports.activities.tcx import read_tcx
from src.imports.csv_records import bounded, read_records
from src.imports.text import encoding_of
from src.imports.workouts import BadRow, ImportedWorkout, RejectedRow, Units

_ROOT = re.compile(r"<\s*(?:[\w.-]+:)?(gpx|TrainingCenterDatabase)\b")


class ActivityFormat(StrEnum):
    """Formats of activities."""

    FIT = "fit"
    GPX = "gpx"
    TCX = "tcx"
    LIST = "activity list"


Found = Iterator[ImportedWorkout | RejectedRow]
_READERS: dict[ActivityFormat, Callable[[BinaryIO, ActivitySport | None], Iterator[Activity | str]]] = {
    ActivityFormat.FIT: read_fit,
    ActivityFormat.GPX: read_gpx,
    ActivityFormat.TCX: read_tcx,
}


def detect_activities(head: bytes) -> ActivityFormat | None:
    """The format of a file that begins with these bytes. None for other files."""
    if head[8:12] == b".FIT":
        return ActivityFormat.FIT
    text = head.decode(encoding_of(head), errors="replace")
    if text.lstrip().startswith("<"):
        root = _ROOT.search(text)
        return None if root is None else ActivityFormat.GPX if root[1] == "gpx" else ActivityFormat.TCX
    return ActivityFormat.LIST if find_list_layout(text.split("\n", 1)[0]) else None


def read_activities(file: BinaryIO, kind: ActivityFormat, sport_word: str | None) -> Found:
    """What a FIT, GPX or TCX file says. A row is a lap, or an activity that cannot be used. Raises ValueError."""
    row = 1
    for found in _READERS[kind](file, sport_named(sport_word)):
        workout = _workout(row, found)
        yield workout
        row += len(workout.sets) if isinstance(workout, ImportedWorkout) else 1


def _workout(row: int, found: Activity | str) -> ImportedWorkout | RejectedRow:
    if isinstance(found, str):
        return RejectedRow(row, found)
    try:
        return found.workout(row)
    except BadRow as bad:
        return RejectedRow(row, str(bad))


class ActivityList:
    """An activity list; `ignored` are the columns that are left out."""

    def __init__(self, lines: Iterator[str], units: Units, max_rows: int = 100_000) -> None:
        layout = find_list_layout(next(lines, ""))
        assert layout is not None  # noqa: S101  # detect_activities found one
        self.app = layout.app
        self.ignored = layout.ignored()
        self._lines, self._layout, self._max_rows = lines, layout, max_rows
        self._reader = ListReader(layout, units)

    def __iter__(self) -> Found:
        """Raises TooManyRows before any workout of a file that has too many."""
        seen: dict[str, int] = {}
        for row, cells in list(bounded(read_records(self._lines, self._layout.delimiter), self._max_rows)):
            try:
                if isinstance(cells, BadRow):
                    raise cells
                workout = self._reader.read(cells).workout(row)
            except BadRow as bad:
                yield RejectedRow(row, str(bad))
                continue
            seen[workout.key] = times = seen.get(workout.key, 0) + 1
            yield workout if times == 1 else workout.again(times)
