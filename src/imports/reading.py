"""Files that other apps export, as workouts. No I/O: lines in, workouts and reasons out."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from src.imports.csv_records import Record, bounded, read_records
from src.imports.grouping import WorkoutGrouper
from src.imports.jefit import APP as JEFIT
from src.imports.jefit import read_jefit
from src.imports.jefit_tables import is_jefit
from src.imports.layout import FileLayout, detect_layout
from src.imports.rows import RowReader
from src.imports.survey import Survey
from src.imports.workouts import (
    BadRow,
    ImportedSet,
    ImportedWorkout,
    RejectedRow,
    TooManyRows,
    Units,
    UnknownFormat,
)

__all__ = [
    "Export",
    "FileLayout",
    "ImportedSet",
    "ImportedWorkout",
    "RejectedRow",
    "TooManyRows",
    "Units",
    "UnknownFormat",
    "check_beginning",
    "detect_layout",
    "read_export",
]
_SEPARATOR = re.compile(r"\ufeff?\"?sep=.\"?\s*", re.IGNORECASE)
OpenLines = Callable[[], Iterable[str]]
"""The lines of a file from its beginning, line ends kept; a file is gone through twice."""


@dataclass(slots=True)
class Export:
    """A file that is understood: first its rows that are no sets, then its workouts.

    `ignored` are the columns that are left out.
    """

    app: str
    ignored: list[str]
    found: Iterator[ImportedWorkout | RejectedRow] = field(repr=False)

    def __iter__(self) -> Iterator[ImportedWorkout | RejectedRow]:
        return self.found


def read_export(open_lines: OpenLines, units: Units, max_rows: int = 100_000) -> Export:
    """What a file says.

    Raises UnknownFormat when nobody knows what its columns hold, and TooManyRows when more than max_rows records are
    not blank.
    """
    lines = _without_mark(open_lines())
    header = next(lines, "")
    if is_jefit(_first_text(header, lines)):
        ignored, found = read_jefit(open_lines(), units, max_rows)
        return Export(JEFIT, ignored, found)
    layout = detect_layout(header)
    survey = Survey(layout)
    for _, cells in bounded(read_records(lines, layout.delimiter), max_rows):
        if not isinstance(cells, BadRow):
            survey.add(cells)
    survey.check_columns()
    reader = RowReader(layout, units, survey.numbers, units.date_order or survey.date_order())
    lines = _without_mark(open_lines())
    next(lines, None)
    found = _read(read_records(lines, layout.delimiter), reader, WorkoutGrouper(layout.app.name))
    return Export(layout.app.name, survey.ignored(), found)


def check_beginning(text: str) -> None:
    """Raises UnknownFormat for a file whose beginning tells already that it cannot be read."""
    header, *lines = list(_without_mark(io.StringIO(text, newline=""))) or [""]
    if is_jefit(_first_text(header, iter(lines))):
        return
    layout = detect_layout(header)
    survey = Survey(layout)
    # The last line may be half of one.
    for _, cells in read_records(iter(lines[:-1]), layout.delimiter):
        if not isinstance(cells, BadRow):
            survey.add(cells)
    survey.check_columns()


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    """The lines without Excel's own first one, `sep=;`, which it does not count as a row either."""
    lines = iter(lines)
    first = next(lines, "")
    return lines if _SEPARATOR.fullmatch(first) else chain([first], lines)


def _first_text(header: str, lines: Iterator[str]) -> str:
    """The first line that is not blank; JEFIT begins with a blank one."""
    return header if header.strip("\ufeff\r\n ") else next((line for line in islice(lines, 10) if line.strip()), "")


def _read(
    records: Iterable[Record], reader: RowReader, grouper: WorkoutGrouper
) -> Iterator[ImportedWorkout | RejectedRow]:
    for row, cells in records:
        try:
            if isinstance(cells, BadRow):
                raise cells
            export_row = reader.read(row, cells)
        except BadRow as bad:
            yield RejectedRow(row, str(bad))
            continue
        grouper.add(export_row)
        if export_row.imported_set is None:
            yield RejectedRow(row, "not a set: note")
    yield from grouper.workouts()
