"""Which app wrote a file, and what its columns hold, by the header line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from src.imports.apps import APPS, App, required_names
from src.imports.csv_records import read_header
from src.imports.units import METRES_PER_UNIT, WEIGHT_UNITS, unit_of
from src.imports.values import quote
from src.imports.words import COLUMNS, Column, header_words
from src.imports.workouts import UnknownFormat

_DELIMITERS = ",;\t"
_TIME_UNITS = ("s", "min", "h")
UNSAID = "unsaid"
"""The unit of a duration that may be minutes as well as seconds."""
# What a column of one measure may be counted in.
_UNITS: Mapping[Column, Sequence[str]] = {
    Column.WEIGHT: tuple(WEIGHT_UNITS),
    Column.DISTANCE: tuple(METRES_PER_UNIT),
    Column.SECONDS: _TIME_UNITS,
    Column.DURATION: _TIME_UNITS,
}
_DONE = (Column.REPS, Column.SECONDS, Column.DISTANCE)
_MAX_NAMES_QUOTED = 8
Meaning = tuple[Column | None, str | None]


@dataclass(frozen=True, slots=True)
class MeasureColumn:
    """A column of values in a unit that its name has, or None."""

    position: int
    unit: str | None


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The layout of a file. `columns` are positions; `measures` those that have a unit, of which there may be several.

    `unknown` are the columns that nobody understood, `ignorable` those that hold nothing that is kept.
    """

    app: App
    delimiter: str
    names: Sequence[str]
    columns: Mapping[Column, int]
    measures: Mapping[Column, Sequence[MeasureColumn]]
    unknown: Sequence[int]
    ignorable: Sequence[int]

    @property
    def width(self) -> int:
        return len(self.names)


def detect_layout(header: str) -> FileLayout:
    """The format of a file that begins with this line. Raises UnknownFormat."""
    headers = [(delimiter, _names(header, delimiter)) for delimiter in _DELIMITERS]
    for delimiter, names in headers:
        for app in APPS:
            read = [_meaning(app, name) for name in names]
            if app.is_own_table:
                read = _clear_in_own_table(names, read)
            if app.mark and app.mark not in map(header_words, names):
                continue
            if set(app.required.values()) <= {column for column, _ in read}:
                return _layout(app, delimiter, names, read)
    expected = " or ".join(required_names(app) for app in APPS)
    found = quoted(name for name in max((names for _, names in headers), key=len) if name)
    raise UnknownFormat(
        f"The file does not begin with the columns of an export that is known: {expected}, or JEFIT. "
        f"Its columns: {found or 'none'}."
    )


def _clear_in_own_table(names: Sequence[str], read: Sequence[Meaning]) -> list[Meaning]:
    """What is clear of the columns of somebody's own table; what is not is refused by name if it holds numbers.

    A duration may be a set's or the workout's: beside seconds it is the workout's, without repetitions the set's. A
    single word for set may count them as well: Serie, Set and 组 are also many.
    """
    columns = {column for column, _ in read}
    is_unclear = {
        Column.DURATION: Column.REPS in columns and Column.SECONDS not in columns,
        Column.SET_ORDER: True,
    }
    clear: list[Meaning] = []
    for name, (column, unit) in zip(names, read, strict=True):
        if column is Column.SET_ORDER and len(header_words(name).split()) > 1:
            clear.append((column, unit))
        elif column and is_unclear.get(column):
            clear.append((None, None))
        elif column is Column.DURATION and Column.SECONDS not in columns:
            clear.append((Column.SECONDS, unit or UNSAID))
        else:
            clear.append((column, unit))
    return clear


def _names(header: str, delimiter: str) -> list[str]:
    names = read_header(header, delimiter)
    while names and not names[-1]:
        # A mark at the end of the line makes no column: what stands there in a row went astray.
        names.pop()
    return names


def _layout(
    app: App, delimiter: str, names: Sequence[str], read: Sequence[tuple[Column | None, str | None]]
) -> FileLayout:
    columns: dict[Column, int] = {}
    measures: dict[Column, list[MeasureColumn]] = {}
    unknown: list[int] = []
    ignorable: list[int] = []
    for position, (column, unit) in enumerate(read):
        if column is None:
            (ignorable if header_words(names[position]) in app.ignorable else unknown).append(position)
        elif column in _UNITS:
            measures.setdefault(column, []).append(MeasureColumn(position, unit))
        elif column in columns:
            raise UnknownFormat(_twice(column, names[columns[column]], names[position]))
        else:
            columns[column] = position
    for column, found in measures.items():
        if len({measure.unit for measure in found}) < len(found):
            raise UnknownFormat(_twice(column, *(names[measure.position] for measure in found)))
    layout = FileLayout(app, delimiter, names, columns, measures, unknown, ignorable)
    _check_something_done(layout)
    return layout


def _meaning(app: App, name: str) -> Meaning:
    """What a column holds, None for one that nobody understands, and the unit that its name has."""
    words = header_words(name)
    column = app.columns.get(words) or COLUMNS.get(words)
    if column:
        return app.means.get(column, column), None
    parts = words.split()
    if len(parts) == 1:
        return _alone(parts[0])
    for first in (len(parts) - 1, 0) if parts else ():
        rest = " ".join(part for part in parts[:first] + parts[first + 1 :] if part != "in")
        column, unit = app.columns.get(rest) or COLUMNS.get(rest), unit_of(parts[first])
        if column and unit in _UNITS.get(column, ()):
            return app.means.get(column, column), unit
    return None, None


def _alone(word: str) -> Meaning:
    """A name that is nothing but a unit: `kg`, `mi.`. A minute could be anything's."""
    unit = unit_of(word)
    for column in (Column.WEIGHT, Column.DISTANCE):
        if unit in _UNITS[column]:
            return column, unit
    return None, None


def _check_something_done(layout: FileLayout) -> None:
    """Raises UnknownFormat when no row can be a set, or a load or a distance is in a unit that nobody knows."""
    for position in layout.unknown:
        first, *unit = header_words(layout.names[position]).split() or [""]
        column = COLUMNS.get(first)
        if column not in {Column.WEIGHT, Column.DISTANCE} or column in layout.measures:
            continue
        # Of `Weight 1 (kg)` it is not the unit that is unknown.
        if unit and not any(unit_of(word) in _UNITS[column] for word in unit):
            known = "kg or lb" if column is Column.WEIGHT else "km, miles or meters"
            raise UnknownFormat(f'The unit of the column "{layout.names[position]}" is not known: expected {known}.')
    if not any(column in layout.columns or column in layout.measures for column in _DONE):
        names = quoted(layout.names[position] for position in range(layout.width))
        raise UnknownFormat(
            f"The file has no column for repetitions, durations or distances that is understood. Its columns: {names}."
        )


def quoted(names: Iterable[str]) -> str:
    """Names of columns for a sentence, so many that it stays one."""
    listed = list(names)
    more = ", …" if len(listed) > _MAX_NAMES_QUOTED else ""
    return ", ".join(quote(name) for name in listed[:_MAX_NAMES_QUOTED]) + more


def _twice(column: Column, *names: str) -> str:
    return f"The file has two columns for {column.replace('_', ' ')}: {quoted(names)}."
