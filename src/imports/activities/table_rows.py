"""A row of an activity list as an activity."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from src.imports.activities.activity import Activity, Lap, Totals
from src.imports.activities.sports import SWIMMING, ActivitySport, sport_named
from src.imports.activities.tables import STRAVA, ListColumn, ListLayout
from src.imports.dates import DateOrder, parse_date
from src.imports.times import parse_span, to_utc
from src.imports.values import clean_cell, quote
from src.imports.workouts import BadRow, Units
from src.vocabulary import DistanceUnit

_METRES = {DistanceUnit.KM: 1000.0, DistanceUnit.MI: 1609.344}
_METRES_OF_POOL = {DistanceUnit.KM: 1.0, DistanceUnit.MI: 0.9144}
_WHOLE = re.compile(r"\d+(?:[.,\s\u00a0\u202f]\d{3})*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Nobody moves so fast by own power: then the unit is another one than it seems.
_FASTEST_MPS = 40
_OWN_POWER = frozenset({"running", "walking", "cycling", SWIMMING, "rowing", "paddling", "skating", "skiing"})


class ListReader:
    """Reads the rows of one list."""

    def __init__(self, layout: ListLayout, units: Units) -> None:
        self._layout = layout
        self._units = units
        self._zone = ZoneInfo(units.timezone)
        self._default = sport_named(units.sport)

    def read(self, cells: Sequence[str]) -> Activity:
        """Raises BadRow for what is no activity."""
        if len(cells) != len(self._layout.names):
            raise BadRow(f"the row has {len(cells)} columns and not {len(self._layout.names)} like the header")
        sport = sport_named(self._text(cells, ListColumn.TYPE)) or self._default
        if sport is None:
            raise BadRow("the row does not say which sport it was: say so (sport)")
        seconds, elapsed = self._times(cells)
        metres = self._metres(cells, sport, seconds)
        if _is_too_fast(sport, metres, seconds):
            raise BadRow("the distance is too long for the time: its unit is not clear")
        totals = Totals(
            seconds=seconds,
            metres=metres,
            average_heart_rate=self._number(cells, ListColumn.AVERAGE_HEART_RATE),
            max_heart_rate=self._number(cells, ListColumn.MAX_HEART_RATE),
        )
        return Activity(
            sport=sport,
            started_at=self._started_at(cells),
            elapsed_seconds=elapsed,
            laps=[Lap(totals)],
            name=self._text(cells, ListColumn.TITLE),
            notes=self._text(cells, ListColumn.NOTES),
        )

    def _text(self, cells: Sequence[str], column: ListColumn) -> str | None:
        """The last of its columns that is not empty: of two, the second is the measured one."""
        positions = self._layout.columns.get(column, [])
        texts = (clean_cell(cells[position]) for position in reversed(positions))
        return next((text for text in texts if text and text != "--"), None)

    def _started_at(self, cells: Sequence[str]) -> datetime:
        text = self._text(cells, ListColumn.DATE)
        clock = parse_date(text, self._units.date_order or DateOrder.DAY_FIRST) if text else None
        if clock is None:
            raise BadRow(f"the date {quote(text)} cannot be read" if text else "the activity has no date")
        if self._layout.app == STRAVA:
            # Strava's times are in UTC, Garmin's on the clock of where it was.
            clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
        return to_utc(clock, self._zone)

    def _times(self, cells: Sequence[str]) -> tuple[float | None, float | None]:
        """Without pauses, and with them."""
        elapsed = self._span(cells, ListColumn.ELAPSED)
        active = self._span(cells, ListColumn.MOVING if self._layout.app == STRAVA else ListColumn.TIME)
        return active or elapsed, elapsed or active

    def _span(self, cells: Sequence[str], column: ListColumn) -> float | None:
        text = self._text(cells, column)
        if text is None:
            return None
        span = parse_span(text)
        if span is None:
            raise BadRow(f"the time {quote(text)} cannot be read")
        return float(span) or None

    def _metres(self, cells: Sequence[str], sport: ActivitySport, seconds: float | None) -> float | None:
        positions = self._layout.columns[ListColumn.DISTANCE]
        if self._layout.app == STRAVA:
            if self._layout.is_old:
                return self._distance(cells[positions[0]], 1.0)
            # The first is in km, as it is shown; the second in metres, as it was measured.
            if len(positions) > 1 and (measured := _measured(cells[positions[-1]])) is not None:
                return measured or None
            return self._distance(cells[positions[0]], _METRES[DistanceUnit.KM])
        cell = cells[positions[0]]
        per_unit = _METRES_OF_POOL if sport.family == SWIMMING else _METRES
        metres = self._distance(cell, per_unit[self._units.distance])
        # On a track it is metres, too. Other distances have two decimals.
        if _WHOLE.fullmatch(cell.strip()) and _is_too_fast(sport, metres, seconds):
            return self._distance(cell, _METRES_OF_POOL[self._units.distance])
        return metres

    def _distance(self, cell: str, metres_per_unit: float) -> float | None:
        text = clean_cell(cell)
        if text is None or text == "--":
            return None
        value = _number(text)
        if value is None:
            raise BadRow(f"distance is not a number: {quote(text)}")
        return value * metres_per_unit or None

    def _number(self, cells: Sequence[str], column: ListColumn) -> float | None:
        text = self._text(cells, column)
        return None if text is None else _measured(text)


def _is_too_fast(sport: ActivitySport, metres: float | None, seconds: float | None) -> bool:
    return bool(sport.family in _OWN_POWER and metres and seconds and metres / seconds > _FASTEST_MPS)


def _number(text: str) -> float | None:
    """`5.48`, `5,48`, `1,500`, `1.234,56`. Garmin writes two decimals: three figures after a mark are thousands."""
    text = re.sub(r"[\s\u00a0\u202f'\u2019]", "", text)
    if not _NUMBER.fullmatch(text):
        return None
    marks = [character for character in text if character in ".,"]
    head, mark, tail = text.rpartition(marks[-1]) if marks else (text, "", "")
    is_decimal = bool(marks) and (len(tail) != 3 or len(set(marks)) > 1) and marks.count(mark) == 1
    digits = "".join(character for character in head if character.isdecimal())
    return float(f"{digits}.{tail}") if is_decimal else float("".join(c for c in text if c.isdecimal()))


def _measured(text: str) -> float | None:
    """A plain number, as programs write them: no thousands, whatever the mark of the decimals."""
    try:
        return float(text.strip().replace(",", ".")) if len(text) <= 40 and text.strip()[:1].isdecimal() else None
    except ValueError:
        return None
