"""What only a whole file says: how it writes decimals, whether days or months come first, which columns hold values."""

import re
from collections import Counter
from collections.abc import Sequence

from src.imports.dates import DateOrder, possible_orders
from src.imports.layout import FileLayout, quoted
from src.imports.numbers import NumberFormat, split_unit
from src.imports.units import unit_of
from src.imports.values import quote
from src.imports.words import YES_OR_NO, Column, run_together
from src.imports.workouts import UnknownFormat

# A number with or without a unit, a clock, sets like 60x5. A day of the calendar is none.
_MEASURED = re.compile(
    r"[+-]?\d[\d.,'\u2019\s]*(?:[^\W\d_]{1,12}\.?)?|\d+:\d\d(?::\d\d)?|\d[\d.,]*\s?[x\u00d7*]\s?\d+.*"
)
_NOTHING = re.compile(r"[+-]?0*[.,]?0*")
_NUMBERS = (Column.REPS, Column.RPE)


class Survey:
    """Takes note of every record of a file before the first is read."""

    def __init__(self, layout: FileLayout) -> None:
        self.numbers = NumberFormat(layout.delimiter)
        self._layout = layout
        self._orders = frozenset(DateOrder)
        self._undecided: str | None = None
        self._latest_date = ""
        self._filled: Counter[int] = Counter()
        self._measured: Counter[int] = Counter()
        self._number_positions = [
            *(layout.columns[column] for column in _NUMBERS if column in layout.columns),
            *(measure.position for found in layout.measures.values() for measure in found),
        ]

    def add(self, cells: Sequence[str]) -> None:
        """A record. Those that are broken say nothing."""
        if len(cells) != self._layout.width:
            return
        for position in self._number_positions:
            if cell := cells[position].strip():
                self.numbers.learn(split_unit(cell)[0] if not cell[-1].isdigit() else cell)
        for position in self._layout.unknown:
            if cell := cells[position].strip():
                self._filled[position] += 1
                self._measured[position] += self._is_value(cell)
        self._add_date(cells[self._layout.columns[Column.START]].strip())

    def _is_value(self, cell: str) -> bool:
        """Whether it may say how much was done: a number, a unit, and in somebody's own table whether it was done."""
        if _MEASURED.fullmatch(cell):
            return not _NOTHING.fullmatch(cell)
        return unit_of(cell) is not None or (self._layout.app.is_own_table and run_together(cell) in YES_OR_NO)

    def _add_date(self, text: str) -> None:
        if text == self._latest_date:
            return
        self._latest_date = text
        orders = possible_orders(text)
        if orders is not None:
            self._orders &= orders
            self._undecided = self._undecided or (text if len(orders) > 1 else None)

    def check_columns(self) -> None:
        """Raises UnknownFormat when a column of values would count as nothing because nobody understood its name."""
        names = [
            self._layout.names[position] or f"column {position + 1}"
            for position, filled in sorted(self._filled.items())
            if self._measured[position] and self._measured[position] * 2 >= filled
        ]
        if names:
            raise UnknownFormat(
                f"The file has columns with values whose meaning is not known: {quoted(names)}. "
                f"{self._advice()}, or remove them."
            )

    def _advice(self) -> str:
        if self._layout.app.is_own_table:
            return "Name them in full, like Weight (kg), Weight Unit, Reps, Set Order, Sets, Seconds, Distance (m), RPE"
        return f"Name them as {self._layout.app.title} does"

    def date_order(self) -> DateOrder | None:
        """Raises UnknownFormat when nothing in the file says whether days or months come first."""
        if len(self._orders) == 1:
            return next(iter(self._orders))
        if self._undecided and self._orders:
            raise UnknownFormat(
                f"Nothing in the file says whether {quote(self._undecided)} begins with the day or the month: "
                "say which (date_order)."
            )
        return None

    def ignored(self) -> list[str]:
        """The names of the columns that are left out and hold something."""
        return [
            self._layout.names[position]
            for position in sorted((*self._layout.ignorable, *self._filled))
            if self._layout.names[position]
        ]
