"""The tables of a JEFIT export: each after a line like `### EXERCISE LOGS ####`, up to a line of signs."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from src.imports.values import clean_cell
from src.imports.workouts import RejectedRow, TooManyRows

LOGS, SET_LOGS, SESSIONS, CARDIO = "EXERCISE LOGS", "EXERCISE SET LOGS", "WORKOUT SESSIONS", "CARDIO LOGS"
SETTING, CUSTOM, NOTES = "SETTING", "CUSTOM EXERCISES", "NOTES"
_READ = frozenset({LOGS, SET_LOGS, SESSIONS, CARDIO, SETTING, CUSTOM, NOTES})
_TABLE = re.compile(r"### ([A-Z][A-Z ]*[A-Z])(?: #*)?\s*")
Row = tuple[int, Mapping[str, str]]
"""The number of a row in the file, and its cells that are not blank by their column."""


def is_jefit(line: str) -> bool:
    """Whether a file that has this as its first line with something in it is JEFIT's."""
    return bool(_TABLE.fullmatch(line.lstrip("\ufeff")))


@dataclass(slots=True)
class Tables:
    """The tables that are read, and the names of the others that hold something."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    bad: list[RejectedRow] = field(default_factory=list)

    def __getitem__(self, name: str) -> list[Row]:
        return self.rows.get(name, [])

    def by(self, name: str, column: str) -> dict[str, Mapping[str, str]]:
        return {row[column]: row for _, row in self[name] if row.get(column)}


def read_tables(lines: Iterable[str], max_rows: int) -> Tables:
    """Raises TooManyRows."""
    tables = Tables()
    numbered = _Numbered(iter(lines))
    name = None
    total = 0
    for line in numbered:
        if found := _TABLE.fullmatch(line.lstrip("\ufeff")):
            name = found[1]
        elif name and not line.startswith("#") and line.strip():
            rows = _table(line, numbered, tables.bad if name in {LOGS, CARDIO} else [])
            total += len(rows)
            if total > max_rows:
                raise TooManyRows(f"The file has more than {max_rows:,} rows.")
            if name in _READ:
                tables.rows[name] = rows
            elif rows:
                tables.ignored.append(name)
            name = None
    return tables


def _table(header: str, numbered: "_Numbered", bad: list[RejectedRow]) -> list[Row]:
    """The rows up to the line of signs that ends a table."""
    names = [name.strip() for name in next(csv.reader([header]))]
    reader = csv.reader(_until_end(numbered), strict=True)
    rows: list[Row] = []
    while True:
        number = numbered.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            bad.append(RejectedRow(number, f"the row is not valid CSV: {error}"))
            continue
        if any(cell.strip() for cell in cells):
            texts = ((name, clean_cell(cell)) for name, cell in zip(names, cells, strict=False))
            rows.append((number, {name: text for name, text in texts if text}))


def _until_end(numbered: Iterator[str]) -> Iterator[str]:
    for line in numbered:
        if line.startswith("####"):
            return
        yield line


class _Numbered(Iterator[str]):
    """Lines, and the number of the latest as a spreadsheet counts."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.line = 0

    def __next__(self) -> str:
        line = next(self._lines)
        self.line += 1
        return line
