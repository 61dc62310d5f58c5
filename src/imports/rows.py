"""One record of a file as a set of a workout."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from src.imports import times, values
from src.imports.apps import Column
from src.imports.layout import FileLayout
from src.imports.workouts import BadRow, ImportedSet, Units
from src.vocabulary import SetType, WeightUnit

Texts = dict[Column, str | None]
_OF_WORKOUT = (
    *(Column.START, Column.END, Column.DURATION),
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


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A set, or a note on an exercise (then `imported_set` is None). `superset` is the app's own name of the group."""

    workout: WorkoutDetails
    exercise: str
    superset: str | None
    note: str | None
    imported_set: ImportedSet | None


class RowReader:
    """Reads the records of one file."""

    def __init__(self, layout: FileLayout, units: Units) -> None:
        self._layout = layout
        self._units = units
        self._zone = ZoneInfo(units.timezone)
        self._latest: tuple[list[str | None], WorkoutDetails] | None = None

    def read(self, row: int, cells: Sequence[str]) -> ExportRow:
        """Raises BadRow for what is neither a set nor a note."""
        if len(cells) != self._layout.width:
            raise BadRow(f"the row has {len(cells)} columns and not {self._layout.width} like the header")
        texts = {column: values.clean_cell(cells[position]) for column, position in self._layout.columns.items()}
        kind = (texts.get(Column.SET_TYPE) or "").casefold()
        if kind in self._layout.app.not_sets and kind != "note":
            raise BadRow(f"not a set: {kind}")
        workout, exercise = self._workout_of(texts), _exercise(texts)
        superset = texts.get(Column.SUPERSET)
        note = values.cut_notes(texts.get(Column.EXERCISE_NOTES))
        if kind in self._layout.app.not_sets:
            return ExportRow(workout, exercise, superset, note, imported_set=None)
        return ExportRow(workout, exercise, superset, note, imported_set=self._set(row, exercise, note, texts))

    def _workout_of(self, texts: Texts) -> WorkoutDetails:
        # Nearly every row says the same of its workout as the one before.
        details = [texts.get(column) for column in _OF_WORKOUT]
        if self._latest is None or self._latest[0] != details:
            self._latest = (details, self._workout(texts))
        return self._latest[1]

    def _workout(self, texts: Texts) -> WorkoutDetails:
        date = texts.get(Column.START)
        clock = times.parse_clock_time(date) if date else None
        if clock is None:
            raise BadRow(f"the date {values.quote(date)} cannot be read" if date else "the workout has no date")
        started_at = times.to_utc(clock, self._zone)
        name = values.to_one_line(texts.get(Column.WORKOUT_NAME)) or ""
        return WorkoutDetails(
            clock=clock.replace(tzinfo=None).isoformat(timespec=self._layout.app.start_precision),
            number=texts.get(Column.WORKOUT_NUMBER),
            name=name[: values.MAX_NAME].strip() or None,
            started_at=started_at,
            ended_at=self._ended_at(started_at, texts),
            notes=values.cut_notes(texts.get(Column.WORKOUT_NOTES)),
        )

    def _ended_at(self, started_at: datetime, texts: Texts) -> datetime | None:
        if end := texts.get(Column.END):
            return times.parse_end(started_at, end, self._zone)
        if duration := texts.get(Column.DURATION):
            return times.end_after(started_at, duration)
        return None

    def _set(self, row: int, exercise: str, note: str | None, texts: Texts) -> ImportedSet:
        weight = self._number(Column.WEIGHT, texts)
        unit = self._weight_unit(texts if weight else {})
        rpe = values.parse_rpe(texts.get(Column.RPE))
        imported_set = ImportedSet(
            row=row,
            exercise=exercise,
            superset=None,
            notes=note,
            set_type=self._set_type(texts.get(Column.SET_TYPE)),
            reps=values.check_reps(self._number(Column.REPS, texts)),
            weight=values.check_weight(weight, unit),
            weight_unit=unit,
            rpe=rpe,
            duration_seconds=values.check_seconds(self._number(Column.SECONDS, texts)),
            distance_m=self._distance_m(texts),
            left_out=("rpe",) if rpe is None and values.says_more_than_zero(texts.get(Column.RPE)) else (),
        )
        if imported_set.reps is None and imported_set.duration_seconds is None and imported_set.distance_m is None:
            raise BadRow("nothing was done in this set")
        return imported_set

    def _set_type(self, text: str | None) -> SetType:
        # Without a word for it, or with only its number, it is a set like most.
        if text is None or (text.isdecimal() and self._layout.app.numbers_sets):
            return SetType.WORKING
        if text.casefold() not in self._layout.app.set_types:
            raise BadRow(f"the kind of set {values.quote(text)} is not known")
        return self._layout.app.set_types[text.casefold()]

    def _weight_unit(self, texts: Texts) -> WeightUnit:
        if self._layout.weight_unit is not None:
            return self._layout.weight_unit
        return values.parse_weight_unit(texts.get(Column.WEIGHT_UNIT), self._units.weight)

    def _distance_m(self, texts: Texts) -> Decimal | None:
        distance = self._number(Column.DISTANCE, texts)
        if distance is None:
            return None
        per_unit = self._layout.metres_per_unit
        if per_unit is None:
            per_unit = values.parse_distance_unit(texts.get(Column.DISTANCE_UNIT), self._units.distance)
        return values.to_metres(distance, per_unit)

    def _number(self, column: Column, texts: Texts) -> Decimal | None:
        return values.parse_number(column, texts.get(column), self._layout.delimiter)


def _exercise(texts: Texts) -> str:
    name = values.to_one_line(texts.get(Column.EXERCISE))
    if name is None:
        raise BadRow("the exercise has no name")
    if len(name) > values.MAX_NAME:
        raise BadRow(f"the name of the exercise is longer than {values.MAX_NAME} characters")
    return name
