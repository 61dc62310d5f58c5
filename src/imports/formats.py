"""CSV exports of Strong and Hevy as sessions. No I/O: lines in, sessions and reasons out."""

import csv
from collections.abc import Iterable, Iterator
from itertools import count

from src.imports.columns import Format, detect
from src.imports.grouping import Gathering
from src.imports.records import RecordReader
from src.imports.sessions import (
    BadRow,
    ImportedSession,
    ImportedSet,
    RejectedRow,
    TooManyRows,
    Units,
    UnknownFormat,
)

__all__ = [
    "Format",
    "ImportedSession",
    "ImportedSet",
    "RejectedRow",
    "TooManyRows",
    "Units",
    "UnknownFormat",
    "detect",
    "read",
]


def read(text: Iterable[str], units: Units, max_rows: int = 100_000) -> Iterator[ImportedSession | RejectedRow]:
    """What the lines of a file (header first, line ends kept) say: first the rows that are no sets, then the sessions.

    Raises UnknownFormat at once, and TooManyRows before any session when more than max_rows records are not blank.
    """
    lines = iter(text)
    layout = detect(next(lines, ""))
    return _read(lines, layout, RecordReader(layout, units), max_rows)


def _read(
    lines: Iterator[str], layout: Format, reader: RecordReader, max_rows: int
) -> Iterator[ImportedSession | RejectedRow]:
    gathering = Gathering(layout.app.name)
    for number, (row, cells) in enumerate(_records(lines, layout.delimiter), 1):
        if number > max_rows:
            raise TooManyRows(f"The file has more than {max_rows:,} rows.")
        try:
            if isinstance(cells, BadRow):
                raise cells
            record = reader.read(row, cells)
        except BadRow as bad:
            yield RejectedRow(row, str(bad))
            continue
        gathering.add(record)
        if record.done is None:
            yield RejectedRow(row, "not a set: note")
    yield from gathering.sessions()


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
