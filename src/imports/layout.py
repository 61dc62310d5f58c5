"""Which app wrote a file, and what its columns hold, by the header line."""

import csv
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal

from src.imports.apps import APPS, App, Column
from src.imports.values import METRES_PER_UNIT, WEIGHT_UNITS, clean_cell
from src.imports.workouts import UnknownFormat
from src.vocabulary import WeightUnit

_DELIMITERS = ",;"
_UNITS: Mapping[Column, Container[str]] = {Column.WEIGHT: WEIGHT_UNITS, Column.DISTANCE: METRES_PER_UNIT}
# `Weight`, `Weight (kg)`, `weight_kg`.
_MEASURE = re.compile(r"(?P<column>weight|distance)( ?\((?P<unit>.+)\)|_(?P<suffix>.+))?")


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The layout of a file: `columns` are positions among `width`. A unit that no column names is None."""

    app: App
    delimiter: str
    width: int
    columns: Mapping[Column, int]
    weight_unit: WeightUnit | None
    metres_per_unit: Decimal | None


def detect_layout(header: str) -> FileLayout:
    """The format of a file that begins with this line. Raises UnknownFormat."""
    for delimiter in _DELIMITERS:
        names = _names(header, delimiter)
        for app in APPS:
            if {required.casefold() for required in app.required} <= set(names):
                return _format(app, delimiter, names)
    expected = " or ".join(f"{', '.join(app.required)} ({app.name.title()})" for app in APPS)
    raise UnknownFormat(f"The file does not begin with the columns of an export that is known: {expected}.")


def _names(header: str, delimiter: str) -> list[str]:
    line = header.removeprefix("\ufeff")
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [" ".join((clean_cell(cell) or "").casefold().split()) for cell in cells]


def _format(app: App, delimiter: str, names: list[str]) -> FileLayout:
    columns: dict[Column, int] = {}
    units: dict[Column, str | None] = {}
    for position, name in enumerate(names):
        column, unit = _meaning(app, name)
        if column is None:
            continue
        if column in columns:
            raise UnknownFormat(f"The file has two columns for {column.replace('_', ' ')}.")
        columns[column], units[column] = position, unit
    _check_units(names, columns)
    weight, distance = units.get(Column.WEIGHT), units.get(Column.DISTANCE)
    return FileLayout(
        app=app,
        delimiter=delimiter,
        width=len(names),
        columns=columns,
        weight_unit=WEIGHT_UNITS[weight] if weight else None,
        metres_per_unit=METRES_PER_UNIT[distance] if distance else None,
    )


def _meaning(app: App, name: str) -> tuple[Column | None, str | None]:
    """What a column holds, None for one that is of no use, and the unit that its name has."""
    if name in app.columns:
        return app.columns[name], None
    column, unit = _measure(name)
    return (column, unit) if column and (unit is None or unit in _UNITS[column]) else (None, None)


def _measure(name: str) -> tuple[Column | None, str | None]:
    found = _MEASURE.fullmatch(name)
    return (Column(found["column"]), found["unit"] or found["suffix"]) if found else (None, None)


def _check_units(names: list[str], columns: Mapping[Column, int]) -> None:
    """Raises UnknownFormat when loads or distances would be lost because nobody knows their unit."""
    for name in names:
        column, unit = _measure(name)
        if column and unit and column not in columns:
            known = "kg or lb" if column is Column.WEIGHT else "km, miles or meters"
            raise UnknownFormat(f'The unit of the column "{name}" is not known: expected {known}.')
