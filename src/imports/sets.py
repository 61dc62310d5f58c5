"""The values of one set in a record, in the units that its columns or cells name."""

import re
from collections.abc import Sequence
from decimal import Decimal

from src.imports import times, values
from src.imports.layout import UNSAID, FileLayout
from src.imports.numbers import NumberFormat, split_unit
from src.imports.units import METRES_PER_UNIT, WEIGHT_UNITS
from src.imports.words import SET_TYPES, YES_OR_NO, Column, run_together, without_body_weight
from src.imports.workouts import BadRow, ImportedSet, Units
from src.vocabulary import SetType, WeightUnit

Texts = dict[Column, str | None]
Cells = Sequence[str]
_MAX_COUNT = 100
_SETS_OF_REPS = re.compile(r"(\d{1,3}) ?[xX*\u00d7] ?(\d{1,4})", re.ASCII)


class SetReader:
    """Reads what the records of one file say of their sets."""

    def __init__(self, layout: FileLayout, units: Units, numbers: NumberFormat) -> None:
        self._layout = layout
        self._units = units
        self._numbers = numbers

    def read(self, row: int, exercise: str, note: str | None, texts: Texts, cells: Cells) -> ImportedSet:
        """Raises BadRow when a value cannot be kept, or there is none."""
        weight, unit = self._weight(texts, cells)
        rpe = values.parse_rpe(texts.get(Column.RPE), self._numbers)
        imported_set = ImportedSet(
            row=row,
            exercise=exercise,
            superset=None,
            notes=note,
            set_type=self._set_type(texts),
            reps=values.check_reps(values.parse_number(Column.REPS, self._sets_of_reps(texts)[1], self._numbers)),
            weight=values.check_weight(weight, unit),
            weight_unit=unit,
            rpe=rpe,
            duration_seconds=self._seconds(cells),
            distance_m=self._distance_m(texts, cells),
            left_out=(
                *(_rpe_left_out(texts, self._numbers) if rpe is None else ()),
                *values.cut_off("notes", texts.get(Column.EXERCISE_NOTES), values.MAX_NOTES),
            ),
        )
        if imported_set.reps is None and imported_set.duration_seconds is None and imported_set.distance_m is None:
            raise BadRow("nothing was done in this set")
        return imported_set

    def _set_type(self, texts: Texts) -> SetType:
        warmup = texts.get(Column.WARMUP)
        if warmup is not None and run_together(warmup) not in YES_OR_NO:
            raise BadRow(f"whether the set was a warm-up is not known: {values.quote(warmup)}")
        if warmup is not None and YES_OR_NO[run_together(warmup)]:
            return SetType.WARMUP
        return self._kind_named(texts.get(Column.SET_TYPE) or texts.get(Column.SET_ORDER))

    def _kind_named(self, text: str | None) -> SetType:
        # Without a word for it, or with only its number, it is a set like most.
        if text is None or (text.isdecimal() and self._layout.app.numbers_sets):
            return SetType.WORKING
        if run_together(text) not in SET_TYPES:
            raise BadRow(f"the kind of set {values.quote(text)} is not known")
        return SET_TYPES[run_together(text)]

    def count(self, texts: Texts) -> int:
        """How many sets like this one the row stands for."""
        sets, _ = self._sets_of_reps(texts)
        count = values.parse_number("the number of sets", texts.get(Column.SET_COUNT) or sets, self._numbers)
        if count is None:
            return 1
        if count % 1 or count > _MAX_COUNT:
            raise BadRow(f"the number of sets must be a whole number up to {_MAX_COUNT}")
        return int(count)

    def _sets_of_reps(self, texts: Texts) -> tuple[str | None, str | None]:
        """`3x10` as 3 sets of 10 repetitions, where no column says how many sets there were."""
        reps = texts.get(Column.REPS)
        if not (reps and self._layout.app.is_own_table) or texts.get(Column.SET_COUNT):
            return None, reps
        found = _SETS_OF_REPS.fullmatch(reps)
        return (found[1], found[2]) if found else (None, reps)

    def filled(self, column: Column, cells: Cells) -> tuple[str, str | None] | None:
        """What a measure's column says, and the unit of its name: of several, the one that says something.

        Raises BadRow when two say something: they need not agree.
        """
        found = [
            (text, measure.unit)
            for measure in self._layout.measures.get(column, ())
            if (text := values.clean_cell(cells[measure.position]))
        ]
        if len(found) > 1:
            found = [(text, unit) for text, unit in found if self._numbers.parse(text) != 0] or found[:1]
        if len(found) > 1:
            raise BadRow(f"two columns say the {column}: {' and '.join(values.quote(text) for text, _ in found)}")
        return found[0] if found else None

    def _measure(self, column: Column, cells: Cells) -> tuple[Decimal | None, str | None, str | None]:
        """A measure's number, the unit that its cell names and the unit of its column."""
        text, column_unit = self.filled(column, cells) or (None, None)
        if text and column is Column.WEIGHT:
            text = without_body_weight(text)
        number, cell_unit = split_unit(text) if text else (None, None)
        return values.parse_number(column, number, self._numbers), cell_unit, column_unit

    def _weight(self, texts: Texts, cells: Cells) -> tuple[Decimal | None, WeightUnit]:
        weight, cell_unit, column_unit = self._measure(Column.WEIGHT, cells)
        named = cell_unit or (None if column_unit else texts.get(Column.WEIGHT_UNIT))
        if weight and named:
            return weight, values.parse_weight_unit(named)
        return weight, WEIGHT_UNITS[column_unit] if column_unit else self._units.weight

    def _distance_m(self, texts: Texts, cells: Cells) -> Decimal | None:
        distance, cell_unit, column_unit = self._measure(Column.DISTANCE, cells)
        if distance is None:
            return None
        named = cell_unit or (None if column_unit else texts.get(Column.DISTANCE_UNIT))
        if not (named or column_unit) and self._layout.app.is_own_table:
            said = values.quote(f"{distance:f}")
            raise BadRow(f"the distance {said} has no unit: name the column Distance (m) or Distance (km)")
        metres = values.parse_distance_unit(named) if named else METRES_PER_UNIT[column_unit or self._units.distance]
        return values.to_metres(distance, metres)

    def _seconds(self, cells: Cells) -> int | None:
        text, unit = self.filled(Column.SECONDS, cells) or (None, None)
        if text is None:
            return None
        number = self._numbers.parse(text)
        if number is None:
            number = times.parse_span(text)
        elif unit == UNSAID:
            raise BadRow(f"the duration {values.quote(text)} has no unit: name the column Seconds or Duration (min)")
        elif unit:
            number *= times.SECONDS_PER_UNIT[unit]
        if number is None:
            raise BadRow(f"seconds is not a number: {values.quote(text)}")
        if number < 0:
            raise BadRow("seconds must not be negative")
        return values.check_seconds(number or None)


def _rpe_left_out(texts: Texts, numbers: NumberFormat) -> tuple[str, ...]:
    said = texts.get(Column.RPE)
    return ("rpe",) if said and numbers.parse(said) != 0 else ()
