"""The header and the records of a CSV file, strictly: a quote that is never closed would take the rest for a note."""

import csv
from collections.abc import Iterable, Iterator
from itertools import count

from src.imports.values import clean_cell
from src.imports.workouts import BadRow, TooManyRows

Record = tuple[int, list[str] | BadRow]


def read_header(line: str, delimiter: str) -> list[str]:
    """The names of the columns; none for a line that is no CSV."""
    try:
        cells = next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [" ".join((clean_cell(cell) or "").split()) for cell in cells]


def read_records(lines: Iterator[str], delimiter: str) -> Iterator[Record]:
    """The records that are not blank, with their number; the first after the header is 2."""
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


def bounded(records: Iterable[Record], max_rows: int) -> Iterator[Record]:
    """Raises TooManyRows after so many."""
    for number, record in enumerate(records, 1):
        if number > max_rows:
            raise TooManyRows(f"The file has more than {max_rows:,} rows.")
        yield record
