"""One record of a file as a set of a workout."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from src.imports import times, values
from src.imports.dates import DateOrder, parse_date
from src.imports.layout import FileLayout
from src.imports.numbers import NumberFormat
from src.imports.sets import Cells, SetReader, Texts
from src.imports.words import ROWS, Column, run_together
from src.imports.workouts import BadRow, ImportedSet, Units

_OF_WORKOUT = (
    *(Column.START, Column.END),
    *(Column.WORKOUT_NUMBER, Column.WORKOUT_NAME, Column.WORKOUT_NOTES),
)


@dataclass(frozen=True, slots=True)
class WorkoutDetails:
    """What each record says of the workout it belongs to. `clock` is its start as the file has it."""

    clock: str
    number: str | None
    name: str | None
    started_at: datetime
    ended_at: datetime | None
    notes: str | None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A set, or a note on an exercise (then `imported_set` is None). `superset` is the app's own name of the group."""

    workout: WorkoutDetails
    exercise: str
    superset: str | None
    note: str | None
    imported_set: ImportedSet | None
    count: int = 1
    """How many sets like this one there were."""


class RowReader:
    """Reads the records of one file."""

    def __init__(self, layout: FileLayout, units: Units, numbers: NumberFormat, order: DateOrder | None) -> None:
        self._layout = layout
        self._sets = SetReader(layout, units, numbers)
        self._order = order
        self._zone = ZoneInfo(units.timezone)
        self._latest: tuple[list[str | None], WorkoutDetails] | None = None

    def read(self, row: int, cells: Cells) -> ExportRow:
        """Raises BadRow for what is neither a set nor a note."""
        cells = self._aligned(cells)
        texts = {column: values.clean_cell(cells[position]) for column, position in self._layout.columns.items()}
        kind = ROWS.get(run_together(texts.get(Column.SET_ORDER) or "")) if self._layout.app.numbers_sets else None
        if kind == "rest":
            raise BadRow("not a set: rest timer")
        workout, exercise = self._workout_of(texts, cells), _exercise(texts)
        superset = texts.get(Column.SUPERSET)
        note = values.cut_notes(texts.get(Column.EXERCISE_NOTES))
        if kind == "note":
            return ExportRow(workout, exercise, superset, note, imported_set=None)
        imported_set = self._sets.read(row, exercise, note, texts, cells)
        return ExportRow(workout, exercise, superset, note, imported_set, count=self._sets.count(texts))

    def _aligned(self, cells: Cells) -> Cells:
        """The cells of the header's columns: empty ones beyond them say nothing."""
        width = self._layout.width
        extra = len(cells) - width
        if extra > 0 and not self._layout.app.quotes_exercises and not self._is_readable(cells[:width]):
            first = self._layout.columns[Column.EXERCISE]
            joined = [*cells[:first], ",".join(cells[first : first + extra + 1]), *cells[first + extra + 1 :]]
            if self._is_readable(joined):
                return joined
        if extra > 0 and not any(cell.strip() for cell in cells[width:]):
            return cells[:width]
        if extra:
            raise BadRow(f"the row has {len(cells)} columns and not {width} like the header")
        return cells

    def _is_readable(self, cells: Cells) -> bool:
        """Whether every column of numbers holds one, as it does when an unquoted comma was put back into its name."""
        positions = [measure.position for found in self._layout.measures.values() for measure in found]
        positions += [self._layout.columns[column] for column in (Column.REPS,) if column in self._layout.columns]
        texts = [text for position in positions if (text := cells[position].strip())]
        return bool(texts) and all(times.parse_span(text) is not None for text in texts)

    def _workout_of(self, texts: Texts, cells: Cells) -> WorkoutDetails:
        # Nearly every row says the same of its workout as the one before.
        details = [texts.get(column) for column in _OF_WORKOUT]
        duration = self._sets.filled(Column.DURATION, cells)
        details += duration or ()
        if self._latest is None or self._latest[0] != details:
            self._latest = (details, self._workout(texts, duration))
        return self._latest[1]

    def _workout(self, texts: Texts, duration: tuple[str, str | None] | None) -> WorkoutDetails:
        date = texts.get(Column.START)
        clock = parse_date(date, self._order) if date else None
        if clock is None:
            raise BadRow(f"the date {values.quote(date)} cannot be read" if date else "the workout has no date")
        started_at = times.to_utc(clock, self._zone)
        name = values.to_one_line(texts.get(Column.WORKOUT_NAME)) or ""
        ended_at = self._ended_at(started_at, texts, duration)
        return WorkoutDetails(
            clock=clock.replace(tzinfo=None).isoformat(timespec=self._layout.app.start_precision),
            number=texts.get(Column.WORKOUT_NUMBER),
            name=name[: values.MAX_NAME].strip() or None,
            started_at=started_at,
            ended_at=ended_at,
            notes=values.cut_notes(texts.get(Column.WORKOUT_NOTES)),
            left_out=(
                *(_end_left_out(texts, duration) if ended_at is None else ()),
                *values.cut_off("workout name", name, values.MAX_NAME),
                *values.cut_off("workout notes", texts.get(Column.WORKOUT_NOTES), values.MAX_NOTES),
            ),
        )

    def _ended_at(self, started_at: datetime, texts: Texts, duration: tuple[str, str | None] | None) -> datetime | None:
        if end := texts.get(Column.END):
            return times.parse_end(started_at, end, self._zone, self._order)
        if duration:
            text, unit = duration
            return times.end_after(started_at, text, times.SECONDS_PER_UNIT[unit or "s"])
        return None


def _exercise(texts: Texts) -> str:
    name = values.to_one_line(texts.get(Column.EXERCISE))
    if name is None:
        raise BadRow("the exercise has no name")
    if len(name) > values.MAX_NAME:
        raise BadRow(f"the name of the exercise is longer than {values.MAX_NAME} characters")
    return name


def _end_left_out(texts: Texts, duration: tuple[str, str | None] | None) -> tuple[str, ...]:
    said = texts.get(Column.END) or (duration and duration[0])
    name = "end" if texts.get(Column.END) else "duration"
    # A workout that took no time was not timed.
    return (name,) if said and said.strip("0., hms") else ()
