"""When a workout was and how long it took, whatever the locale of this process."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from src.imports.dates import DateOrder, parse_date
from src.imports.units import unit_of
from src.imports.values import quote
from src.imports.words import fold
from src.imports.workouts import BadRow

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_CLOCK_SPAN = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)(?:[.,]\d*)?", re.ASCII)
_NUMBER_SPAN = re.compile(r"\d{1,8}(?:[.,]\d*)?", re.ASCII)
_WORD_SPAN = re.compile(r"(?:\d{1,8}(?:[.,]\d+)? ?[^\W\d_]+\.? ?)+")
_PART = re.compile(r"(\d{1,8}(?:[.,]\d+)?) ?([^\W\d_]+)")
SECONDS_PER_UNIT = {"s": 1, "min": 60, "h": 3600}


def to_utc(clock: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """In UTC. In `zone`, a time that its clocks skip is taken forward; one that they repeat is the first.

    Raises BadRow for a day before 1970 or after 2199.
    """
    # Far from the ends of the calendar, or the conversion itself would overflow.
    if 1969 <= clock.year <= 2200:
        aware = clock if clock.tzinfo else clock.replace(tzinfo=zone, fold=fold)
        moment = aware.astimezone(UTC)
        if _EARLIEST <= moment < _LATEST:
            return moment
    raise BadRow(f"the date {quote(str(clock.date()))} is not between 1970 and 2199")


def parse_end(started_at: datetime, text: str, zone: ZoneInfo, order: DateOrder | None = None) -> datetime | None:
    """The end in UTC, or None when the text is no time within the day after the start."""
    clock = parse_date(text, order)
    if clock is None:
        return None
    try:
        ends = (to_utc(clock, zone, fold=fold) for fold in (0, 1))
        # Of a time that the clocks repeat, the second when the first is over before it began.
        return next((end for end in ends if started_at <= end <= started_at + _DAY), None)
    except BadRow:
        return None


def end_after(started_at: datetime, text: str, seconds_per_unit: int = 1) -> datetime | None:
    """The end in UTC of a workout that took so long; None for 0 and more than a day."""
    # Of a set it is minutes; of a workout, `1:05` may as well be hours.
    seconds = None if text.count(":") == 1 else parse_span(text, seconds_per_unit)
    if seconds is None or not 0 < seconds <= _DAY.total_seconds():
        return None
    return started_at + timedelta(seconds=int(seconds))


def parse_span(text: str, seconds_per_unit: int = 1) -> Decimal | None:
    """The seconds of `1h 23m`, `1:05:00`, `9:21`, `1 Std. 5 Min.` or a number of the unit; None for others."""
    text = fold(text)
    if _NUMBER_SPAN.fullmatch(text):
        return Decimal(text.replace(",", ".").rstrip(".")) * seconds_per_unit
    if found := _CLOCK_SPAN.fullmatch(text):
        hours, minutes, seconds = (int(group or 0) for group in found.groups())
        return Decimal(hours * 3600 + minutes * 60 + seconds)
    return _word_span(text) if _WORD_SPAN.fullmatch(text) else None


def _word_span(text: str) -> Decimal | None:
    total = Decimal(0)
    for number, word in _PART.findall(text):
        seconds = SECONDS_PER_UNIT.get({"m": "min"}.get(word, unit_of(word) or ""))
        if seconds is None:
            return None
        total += Decimal(number.replace(",", ".")) * seconds
    return total
