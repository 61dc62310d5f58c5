"""CSV exports of Strong and Hevy as workouts. No I/O: lines in, workouts and reasons out."""

import csv
from collections.abc import Iterable, Iterator
from itertools import count

from src.imports.grouping import WorkoutGrouper
from src.imports.layout import FileLayout, detect_layout
from src.imports.rows import RowReader
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
    "FileLayout",
    "ImportedSet",
    "ImportedWorkout",
    "RejectedRow",
    "TooManyRows",
    "Units",
    "UnknownFormat",
    "detect_layout",
    "read_export",
]


def read_export(text: Iterable[str], units: Units, max_rows: int = 100_000) -> Iterator[ImportedWorkout | RejectedRow]:
    """What the lines of a file (header first, line ends kept) say: first the rows that are no sets, then the workouts.

    Raises UnknownFormat at once, and TooManyRows before any workout when more than max_rows records are not blank.
    """
    lines = iter(text)
    layout = detect_layout(next(lines, ""))
    return _read(lines, layout, RowReader(layout, units), max_rows)


def _read(
    lines: Iterator[str], layout: FileLayout, reader: RowReader, max_rows: int
) -> Iterator[ImportedWorkout | RejectedRow]:
    grouper = WorkoutGrouper(layout.app.name)
    for number, (row, cells) in enumerate(_records(lines, layout.delimiter), 1):
        if number > max_rows:
            raise TooManyRows(f"The file has more than {max_rows:,} rows.")
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


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | BadRow]]:
    """The records that are not blank, with their number; the first after the header is 2."""
    # Strict, or a quote that is never closed would take the rest of the file for a note.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for row in count(2):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield row, BadRow(f"the row is not valid CSV: {str(error).partition(' - ')[0]}")
            continue
        if any(cell.strip() for cell in cells):
            yield row, cells
