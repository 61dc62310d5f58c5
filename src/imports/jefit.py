"""JEFIT's export: many tables in one text, each after a line like `### EXERCISE LOGS ####`.

Seen in exports of 2020 to 2026. A record of EXERCISE LOGS is an exercise of a workout, its sets `100x5,100x5` in the
unit of SETTING; EXERCISE SET LOGS says more of the newer ones, a row each. Moments are seconds since 1970.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from src.imports import times, values
from src.imports.dates import parse_date
from src.imports.grouping import WorkoutGrouper
from src.imports.jefit_tables import CARDIO, CUSTOM, LOGS, NOTES, SESSIONS, SET_LOGS, SETTING, Tables, read_tables
from src.imports.numbers import NumberFormat
from src.imports.rows import ExportRow, WorkoutDetails
from src.imports.units import METRES_PER_UNIT, weight_unit
from src.imports.words import SET_TYPES, run_together
from src.imports.workouts import BadRow, ImportedSet, ImportedWorkout, RejectedRow, Units, UnknownFormat
from src.vocabulary import SetType, WeightUnit

APP = "jefit"
_SETS = re.compile(r"\d[\d.]*x\d[\d.]*(?:,\s*\d[\d.]*x\d[\d.]*)*", re.ASCII)
_NUMBERS = NumberFormat(".")
_MILE = METRES_PER_UNIT["mi"]
_Found = ImportedWorkout | RejectedRow


def read_jefit(lines: Iterable[str], units: Units, max_rows: int) -> tuple[list[str], Iterator[_Found]]:
    """The names of the tables that are left out, and what the others say. Raises UnknownFormat, TooManyRows."""
    tables = read_tables(lines, max_rows)
    if LOGS not in tables.rows and CARDIO not in tables.rows:
        raise UnknownFormat("The file has no table EXERCISE LOGS, where JEFIT keeps what was done.")
    return tables.ignored, _read(tables, _Reader(tables, units))


def _read(tables: Tables, reader: "_Reader") -> Iterator[_Found]:
    grouper = WorkoutGrouper(APP)
    yield from tables.bad
    for name, read in ((LOGS, reader.exercise), (CARDIO, reader.cardio)):
        for number, row in tables[name]:
            for found in read(number, row):
                if isinstance(found, RejectedRow):
                    yield found
                else:
                    grouper.add(found)
    yield from reader.unused_notes()
    yield from grouper.workouts()


class _Reader:
    """Reads the records of what was done, with what the other tables say of them."""

    def __init__(self, tables: Tables, units: Units) -> None:
        self._units = units
        self._zone = ZoneInfo(units.timezone)
        self._sessions = tables.by(SESSIONS, "_id")
        self._set_logs: dict[str, list[Mapping[str, str]]] = {}
        for _, row in tables[SET_LOGS]:
            self._set_logs.setdefault(row.get("exercise_log_id", ""), []).append(row)
        named = chain(
            (((row.get("_id"), "0"), row.get("name")) for _, row in tables[CUSTOM]),
            (((row.get("eid"), row.get("belongSys")), row.get("ename")) for _, row in tables[LOGS]),
        )
        self._names = {key: name for key, name in named if name}
        self._notes = {(row.get("mydate"), row.get("eid")): (number, row) for number, row in tables[NOTES]}
        self._weight_unit = self._unit(tables)

    def _unit(self, tables: Tables) -> WeightUnit:
        """That of the loads in EXERCISE LOGS: as SETTING says, and else as the same loads in pounds tell."""
        for _, row in tables[SETTING]:
            if unit := weight_unit(row.get("mass", "")):
                return unit
        for _, row in tables[LOGS]:
            details, sets = self._set_logs.get(row.get("_id", ""), []), _sets(row.get("logs", ""))
            for detail, (weight, _) in zip(details, sets, strict=False):
                pounds = _number(detail, "weight_lbs")
                if pounds and weight:
                    return WeightUnit.KG if pounds / weight > Decimal("1.5") else WeightUnit.LB
        return self._units.weight

    def exercise(self, number: int, row: Mapping[str, str]) -> Iterator[ExportRow | RejectedRow]:
        try:
            workout, name = self._workout(row), self._name(row, row.get("ename"))
            sets = _sets(row.get("logs", ""))
        except BadRow as bad:
            yield RejectedRow(number, str(bad))
            return
        note = self._note(row)
        details = self._set_logs.get(row.get("_id", ""), [])
        if len(details) != len(sets):
            details = [{}] * len(sets)
        for (weight, reps), detail in zip(sets, details, strict=True):
            try:
                done = self._set(
                    number, name, note, reps, weight if not detail or _number(detail, "weight_lbs") else None
                )
                yield ExportRow(workout, name, None, None, _detailed(done, detail))
            except BadRow as bad:
                yield RejectedRow(number, str(bad))
            note = None

    def cardio(self, number: int, row: Mapping[str, str]) -> Iterator[ExportRow | RejectedRow]:
        try:
            name = self._name(row, None)
            done = self._set(number, name, self._note(row), None, None)
            metres = values.to_metres(_number(row, "distance"), METRES_PER_UNIT[self._units.distance])
            done = replace(done, duration_seconds=values.check_seconds(_number(row, "duration")), distance_m=metres)
            yield ExportRow(self._workout(row), name, None, None, _something(done))
        except BadRow as bad:
            yield RejectedRow(number, str(bad))

    def unused_notes(self) -> Iterator[RejectedRow]:
        """Those of days or exercises without a set."""
        yield from (RejectedRow(number, "a note on an exercise without a set") for number, _ in self._notes.values())

    def _note(self, row: Mapping[str, str]) -> str | None:
        _, note = self._notes.pop((row.get("mydate"), row.get("eid")), (0, {}))
        return values.cut_notes(note.get("mynote"))

    def _set(
        self, number: int, name: str, note: str | None, reps: Decimal | None, weight: Decimal | None
    ) -> ImportedSet:
        return ImportedSet(
            row=number,
            exercise=name,
            superset=None,
            notes=note,
            set_type=SetType.WORKING,
            reps=values.check_reps(reps or None),
            weight=values.check_weight(weight or None, self._weight_unit),
            weight_unit=self._weight_unit,
            rpe=None,
            duration_seconds=None,
            distance_m=None,
        )

    def _name(self, row: Mapping[str, str], name: str | None) -> str:
        found = values.to_one_line(name or self._names.get((row.get("eid"), row.get("belongSys"))))
        if found is None:
            raise BadRow("the exercise has no name in the file")
        if len(found) > values.MAX_NAME:
            raise BadRow(f"the name of the exercise is longer than {values.MAX_NAME} characters")
        return found

    def _workout(self, row: Mapping[str, str]) -> WorkoutDetails:
        session = self._sessions.get(row.get("belongsession", ""), {})
        start = _moment(session, "starttime") or self._day(row) or _moment(row, "logTime")
        if start is None:
            raise BadRow("the workout has no date")
        started_at = times.to_utc(start, self._zone)
        end = _moment(session, "endtime") if _moment(session, "starttime") else None
        within_a_day = end is not None and 0 < (end - started_at).total_seconds() <= 86_400
        clock = start.astimezone(UTC).replace(tzinfo=None) if start.tzinfo else start
        return WorkoutDetails(
            clock=clock.isoformat(timespec="seconds"),
            number=None,
            name=None,
            started_at=started_at,
            ended_at=end if within_a_day else None,
            notes=None,
        )

    def _day(self, row: Mapping[str, str]) -> datetime | None:
        return parse_date(row["mydate"]) if "mydate" in row else None


def _sets(logs: str) -> list[tuple[Decimal, Decimal]]:
    """Weight and repetitions of each set. Raises BadRow."""
    if not _SETS.fullmatch(logs):
        raise BadRow(f"the sets {values.quote(logs)} cannot be read")
    pairs = []
    for item in logs.split(","):
        weight, reps = (_NUMBERS.parse(text.strip()) for text in item.split("x"))
        if weight is None or reps is None:
            raise BadRow(f"the sets {values.quote(logs)} cannot be read")
        pairs.append((weight, reps))
    return pairs


def _detailed(done: ImportedSet, detail: Mapping[str, str]) -> ImportedSet:
    """The set with what EXERCISE SET LOGS says of it."""
    kind = run_together(detail.get("set_type", "")) or "default"
    if kind not in SET_TYPES:
        raise BadRow(f"the kind of set {values.quote(kind)} is not known")
    return _something(
        replace(
            done,
            set_type=SET_TYPES[kind],
            duration_seconds=values.check_seconds(_number(detail, "duration")),
            distance_m=values.to_metres(_number(detail, "distance_mi"), _MILE),
        )
    )


def _something(done: ImportedSet) -> ImportedSet:
    if done.reps is None and done.duration_seconds is None and done.distance_m is None:
        raise BadRow("nothing was done in this set")
    return done


def _number(row: Mapping[str, Any], column: str) -> Decimal | None:
    return values.parse_number(column, row.get(column), _NUMBERS)


def _moment(row: Mapping[str, str], column: str) -> datetime | None:
    seconds = row.get(column, "")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() and 0 < int(seconds[:11]) < 7e9 else None
