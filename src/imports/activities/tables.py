"""Which app an activity list is of, by its header: the CSV of Garmin Connect, or of a bulk export of Strava."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from src.imports.csv_records import read_header
from src.imports.tsv import read_tsv


class ListColumn(StrEnum):
    """What a column holds."""

    ID = "id"
    TYPE = "type"
    DATE = "date"
    TITLE = "title"
    NOTES = "notes"
    DISTANCE = "distance"
    TIME = "time"
    MOVING = "moving"
    ELAPSED = "elapsed"
    AVERAGE_HEART_RATE = "average_heart_rate"
    MAX_HEART_RATE = "max_heart_rate"


GARMIN: Final = "garmin"
STRAVA: Final = "strava"
_REQUIRED: Final = {
    GARMIN: (ListColumn.TYPE, ListColumn.DATE, ListColumn.TITLE, ListColumn.DISTANCE, ListColumn.TIME),
    STRAVA: (
        ListColumn.ID,
        ListColumn.DATE,
        ListColumn.TITLE,
        ListColumn.TYPE,
        ListColumn.ELAPSED,
        ListColumn.DISTANCE,
    ),
}


@dataclass(frozen=True, slots=True)
class ListLayout:
    """The layout of a list. A column may be there twice: Strava has the distance for people and the one measured."""

    app: str
    delimiter: str
    names: list[str]
    columns: dict[ListColumn, list[int]]

    @property
    def is_old(self) -> bool:
        """Whether it is a list of Strava of before 2019, whose distances are in metres."""
        return self.app == STRAVA and "elapsed_time" in (name.casefold() for name in self.names)

    def ignored(self) -> list[str]:
        """The names of the columns that are left out."""
        used = {position for positions in self.columns.values() for position in positions}
        return list(dict.fromkeys(name for at, name in enumerate(self.names) if at not in used and name))


def find_list_layout(header: str) -> ListLayout | None:
    """The layout of a list that begins with this line, None for other files."""
    for delimiter in ",;\t":
        names = read_header(header, delimiter)
        for app, required in _REQUIRED.items():
            columns: defaultdict[ListColumn, list[int]] = defaultdict(list)
            for position, name in enumerate(names):
                if column := _WORDS[app].get(name.casefold()):
                    columns[column].append(position)
            if all(column in columns for column in required):
                return ListLayout(app, delimiter, names, dict(columns))
    return None


def _read() -> dict[str, dict[str, ListColumn]]:
    words: defaultdict[str, dict[str, ListColumn]] = defaultdict(dict)
    for app, column, names in read_tsv(Path(__file__).with_name("columns.tsv")):
        words[app] |= dict.fromkeys(names.split("|"), ListColumn(column))
    return dict(words)


_WORDS = _read()
