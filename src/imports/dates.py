"""Dates and times of day in any order and language that the apps write them in."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from src.imports.languages import half_of_day, is_weekday, month_of
from src.imports.words import DATE_FILLERS, fold

NOON = 12
"""The hour of a date without a time of day: the same day in every zone near."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_ZONE = r"(?: ?(?P<zone>z\b|utc\b|gmt\b|(?:utc|gmt)?[+-]\d\d:?\d\d(?!\d)))?"
_CLOCKS = (
    re.compile(
        r"(?<![\d:])(?P<hour>\d\d?) ?[:h] ?(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?![\d:])"
        rf"(?P<half> ?[ap](?:\.? ?m\b\.?|\b))?{_ZONE}",
        re.ASCII,
    ),
    re.compile(r"(?P<hour>\d\d?) ?[時时點点시] ?(?P<minute>\d\d?) ?[分분](?: ?(?P<second>\d\d?) ?[秒초])?", re.ASCII),
)
# Finns and Danes: only what a date has left, or 10.30 would be a day.
_CLOCK_OF_POINTS = re.compile(r"(?P<hour>\d\d?)\.(?P<minute>\d\d)(?:\.(?P<second>\d\d))?", re.ASCII)
_IN_CHARACTERS = re.compile(r"(\d{4}) ?[年년] ?(\d\d?) ?[月월] ?(\d\d?) ?[日일]", re.ASCII)
_IN_FIGURES = re.compile(r"(?<![\d:])(\d{1,4})([./-]) ?(\d\d?)\2 ?(\d{4}|\d\d?)(?![\d:])\.?", re.ASCII)
_ORDINAL = re.compile(r"(\d\d?)(?:st|nd|rd|th|er|o|a|e)?", re.ASCII)


class DateOrder(StrEnum):
    """Which comes first in 03/04/2024."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def parse_date(text: str, order: DateOrder | None = None) -> datetime | None:
    """The date and time, to the second; aware only when the text has an offset; at noon without a time of day.

    None when it is no date, and for 03/04/2024 without an order.
    """
    text = " ".join(text.split())
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(f"{text[:10]}T{text[11:].replace(' ', '')}").replace(microsecond=0)
        # Any digits, full-width ones too, but no others' signs: it is the words that have languages.
        return _parse(fold(text), order) if len(text) <= 80 else None
    except (ValueError, OverflowError):
        return None


def possible_orders(text: str) -> frozenset[DateOrder] | None:
    """The orders in which a date of figures is one; None for a text that says more than that."""
    if _ISO.fullmatch(text):
        return None
    found = _IN_FIGURES.search(fold(text)[:80])
    if not found or len(found[1]) > 2 or len(found[4]) == 1 or found[2] == ".":
        return None
    return frozenset(_readings(found))


def _readings(found: re.Match[str]) -> dict[DateOrder, datetime]:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year = year if len(found[4]) == 4 else 2000 + year
    readings = {}
    for order, day, month in ((DateOrder.DAY_FIRST, first, second), (DateOrder.MONTH_FIRST, second, first)):
        try:
            readings[order] = datetime(year, month, day)  # noqa: DTZ001  # the zone is the reader's, not the text's
        except ValueError:
            continue
    return readings


def _parse(text: str, order: DateOrder | None) -> datetime | None:
    for pattern in _CLOCKS:
        if clock := pattern.search(text):
            break
    rest = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    figures = _IN_CHARACTERS.search(rest) or _IN_FIGURES.search(rest)
    if figures:
        day = _in_figures(figures, order)
        tokens = _tokens(f"{rest[: figures.start()]} {rest[figures.end() :]}")
    else:
        tokens = _tokens(rest)
        day = _in_words(tokens)
    if day is None:
        return None
    if clock is None and len(times := [token for token in tokens if _CLOCK_OF_POINTS.fullmatch(token)]) == 1:
        clock = _CLOCK_OF_POINTS.fullmatch(times[0])
        tokens.remove(times[0])
    half = _half(tokens)
    if any(token not in DATE_FILLERS and not is_weekday(token) for token in tokens):
        return None
    return day + _time(clock, half) if clock is None else _at(day, clock, half)


def _at(day: datetime, clock: re.Match[str], half: str | None) -> datetime:
    groups = clock.groupdict()
    written = (groups.get("half") or "").strip()
    moment = day + _time(clock, {"a": "am", "p": "pm"}.get(written[:1], half))
    return moment.replace(tzinfo=_zone(groups.get("zone")))


def _time(clock: re.Match[str] | None, half: str | None) -> timedelta:
    if clock is None:
        return timedelta(hours=NOON)
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if half:
        if hour > 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    offset = text.removeprefix("utc").removeprefix("gmt").removeprefix("z").replace(":", "")
    if not offset:
        return timezone.utc  # noqa: UP017  # beside timezone(…) below
    span = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
    return timezone(-span if offset[0] == "-" else span)


def _in_figures(found: re.Match[str], order: DateOrder | None) -> datetime | None:
    if len(found[1]) == 4:
        year, month, day = (int(found[group]) for group in ((1, 2, 3) if found.re is _IN_CHARACTERS else (1, 3, 4)))
        return datetime(year, month, day)  # noqa: DTZ001
    if len(found[1]) > 2 or len(found[4]) == 1:
        return None
    readings = _readings(found)
    if found[2] == ".":
        return readings.get(DateOrder.DAY_FIRST)
    if order:
        return readings.get(order)
    return readings.popitem()[1] if len(set(readings.values())) == 1 else None


def _in_words(tokens: list[str]) -> datetime | None:
    """The date of a day, a month's name and a year of four figures, which go from the tokens."""
    months = [token for token in tokens if month_of(token)]
    if len({month_of(token) for token in months}) > 1:
        # `mar. 12 nov. 2024` is a French Tuesday.
        months = [token for token in months if not is_weekday(token)]
    numbers = [token for token in tokens if token[0].isdigit() and token not in months]
    years = [number for number in numbers if len(number) == 4 and number.isdecimal()]
    days = [number for number in numbers if _ORDINAL.fullmatch(number)]
    if len({month_of(token) for token in months}) != 1 or len(years) != 1 or len(days) != 1 or len(numbers) > 3:
        return None
    for token in {*months, years[0], days[0]}:
        tokens.remove(token)
    return datetime(int(years[0]), month_of(months[0]) or 0, int(_digits(days[0])))  # noqa: DTZ001


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _half(tokens: list[str]) -> str | None:
    """The half of the day that one token names, or two (`a. m.`), which go from the tokens."""
    for length in (2, 1):
        for position in range(len(tokens) - length + 1):
            if half := half_of_day("".join(tokens[position : position + length])):
                del tokens[position : position + length]
                return half
    return None


def _tokens(text: str) -> list[str]:
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    for part in re.split(r"[\s,、()/-]+", text):
        token = part if _CLOCK_OF_POINTS.fullmatch(part) else part.strip(".")
        if token:
            yield token
