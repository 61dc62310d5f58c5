"""Dates and durations as Strong and Hevy write them, whatever the locale of this process."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from src.imports.values import quote
from src.imports.workouts import BadRow

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)? ?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d))?( ?(?P<half>[AP])\.?M\.?)?"
_IN_WORDS = tuple(
    re.compile(rf"{day},? {_CLOCK}", re.ASCII | re.IGNORECASE)
    for day in (
        r"(?P<day>\d\d?) (?P<month>[A-Z]{3,9})\.?,? (?P<year>\d{4})",
        r"(?P<month>[A-Z]{3,9})\.? (?P<day>\d\d?),? (?P<year>\d{4})",
    )
)
_CLOCK_SPAN = re.compile(r"(?P<h>\d{1,4}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)", re.ASCII)
_WORD_SPAN = re.compile(
    r"((?P<h>\d{1,4}) ?h(ours?|rs?)?)? ?((?P<m>\d{1,6}) ?m(in(ute)?s?)?)? ?((?P<s>\d{1,8}) ?s(ec(ond)?s?)?)?",
    re.ASCII | re.IGNORECASE,
)
_SECONDS = re.compile(r"(?P<s>\d{1,8})([.,]\d*)?", re.ASCII)


def parse_clock_time(text: str) -> datetime | None:
    """The date and time, to the second; aware only when the text has an offset. None when it is no date."""
    text = " ".join(text.split())
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(f"{text[:10]}T{text[11:].replace(' ', '')}").replace(microsecond=0)
        for pattern in _IN_WORDS:
            if found := pattern.fullmatch(text):
                return _in_words(found)
    except ValueError:
        pass
    return None


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


def parse_end(started_at: datetime, text: str, zone: ZoneInfo) -> datetime | None:
    """The end in UTC, or None when the text is no time within the day after the start."""
    clock = parse_clock_time(text)
    if clock is None:
        return None
    try:
        ends = (to_utc(clock, zone, fold=fold) for fold in (0, 1))
        # Of a time that the clocks repeat, the second when the first is over before it began.
        return next((end for end in ends if started_at <= end <= started_at + _DAY), None)
    except BadRow:
        return None


def end_after(started_at: datetime, text: str) -> datetime | None:
    """The end in UTC of a session that took `1h 23m`, `1:05:00` or some seconds; None for 0 and more than a day."""
    text = " ".join(text.split())
    for pattern in (_SECONDS, _CLOCK_SPAN, _WORD_SPAN):
        if found := pattern.fullmatch(text):
            hours, minutes, seconds = (int(found.groupdict().get(unit) or 0) for unit in "hms")
            span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return started_at + span if timedelta() < span <= _DAY else None
    return None


def _in_words(found: re.Match[str]) -> datetime:
    month, half = found["month"].lower(), (found["half"] or "").upper()
    months = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(month)]
    hour = int(found["hour"])
    if len(months) != 1 or (half and not 1 <= hour <= 12):
        raise ValueError("no such month or hour")
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    return datetime(  # noqa: DTZ001  # the zone is the reader's, not the text's
        int(found["year"]), months[0], int(found["day"]), hour, int(found["minute"]), int(found["second"] or 0)
    )
