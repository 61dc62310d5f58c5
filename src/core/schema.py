"""What all request and response models share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)


def _no_nul(text: str) -> str:
    # Postgres cannot store it: said here, it is a wrong field and not a failure.
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


# White space, controls, Unicode's Default_Ignorable_Code_Point, and the blank of Braille; as in private.is_nonblank.
_UNSEEN = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]*"
)


def is_visible(text: str) -> bool:
    """Whether any character of the text can be seen."""
    return _UNSEEN.fullmatch(text) is None


def _visible(text: str) -> str:
    if not is_visible(text):
        raise ValueError("must have a character that can be seen")
    return text


def _unique(items: list[Any]) -> list[Any]:
    if len(set(items)) != len(items):
        raise ValueError("must not contain an item twice")
    return items


def _is_number(value: object) -> object:
    # JSON has numbers; "5" and true are something else, whatever Python makes of them.
    if isinstance(value, str | bool):
        raise ValueError("must be a number")  # noqa: TRY004  # Pydantic turns ValueError into a field error
    return value


def _begins_with_day(value: object) -> object:
    # Pydantic takes numbers for seconds since 1970, also where they are written as texts.
    if not isinstance(value, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must begin with a day, YYYY-MM-DD")
    return value


# It walks the disk each time it is asked.
_zones = cache(available_timezones)


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        raise ValueError("must be an IANA time zone such as Europe/Oslo")
    return zone


def _rounded_to(digits: int, words: str) -> AfterValidator:
    """For a number with so many decimals at most, which is what the database keeps."""

    def check(value: float) -> float:
        if round(value, digits) != value:
            raise ValueError(f"must have at most {words}")
        return value

    return AfterValidator(check)


# Constraints stand before these in an Annotated, so that they apply to the value itself and show in the contract.
NoNul = AfterValidator(_no_nul)
"""For any text a person writes; CleanText has it."""


@dataclass(frozen=True)
class CleanText(StringConstraints):
    """For a text without blanks around it and without NUL. Something in it can be seen, unless `min_length` is None."""

    strip_whitespace: bool | None = True
    min_length: int | None = 1

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        yield NoNul
        if self.min_length:
            yield AfterValidator(_visible)


def clean(text: str) -> str:
    """The text as CleanText has it, for what no model has validated; it may be left empty."""
    return text.replace("\x00", "").strip() if is_visible(text) else ""


Unique = AfterValidator(_unique)
"""For a list that is a set."""

JsonNumber = BeforeValidator(_is_number)
"""For a number in a body."""

Name = Annotated[str, CleanText(max_length=120)]

Alias = Annotated[str, CleanText(max_length=80)]
"""Another name of something that has a Name."""

Tenths = _rounded_to(1, "one decimal")
Hundredths = _rounded_to(2, "two decimals")
Thousandths = _rounded_to(3, "three decimals")

Timezone = Annotated[str, Field(max_length=64, description="IANA time zone."), NoNul, AfterValidator(_known_zone)]

ClockTime = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A time of day, HH:MM.")]

StoredClockTime = Annotated[ClockTime, BeforeValidator(lambda text: text[:5])]
"""The same as the database writes it, with seconds that are always 0."""

Flag = Annotated[bool, Strict()]
"""True or false in a body."""

Day = Annotated[date, BeforeValidator(_begins_with_day)]
"""A calendar day, YYYY-MM-DD."""


def _of_the_living(day: date) -> date:
    if day < date(1900, 1, 1):
        raise ValueError("must be in 1900 or later")
    if day > datetime.now(UTC).date():
        raise ValueError("must not be in the future")
    return day


BirthDate = Annotated[Day, AfterValidator(_of_the_living), Field(description="From 1900 on, and not in the future.")]


def _in_calendar(day: date) -> date:
    if not date(1970, 1, 1) <= day <= date(2199, 12, 31):
        raise ValueError("must be from 1970 to 2199")
    return day


CalendarDay = Annotated[Day, AfterValidator(_in_calendar)]
"""A day in a query, from 1970 to 2199."""

Timestamp = Annotated[
    AwareDatetime, BeforeValidator(_begins_with_day), Field(description="RFC 3339 with an offset; answered in UTC.")
]

CLOCK_SKEW = timedelta(minutes=5)
"""How far a phone's clock may be ahead of ours."""


def _has_been(timestamp: datetime) -> datetime:
    if not datetime(1970, 1, 1, tzinfo=UTC) <= timestamp <= datetime.now(UTC) + CLOCK_SKEW:
        raise ValueError("must be in 1970 or later, and not in the future")
    return timestamp


PastTimestamp = Annotated[Timestamp, AfterValidator(_has_been)]
"""The timestamp of something that was done."""


class Input(BaseModel):
    """A request body: unknown fields are rejected, numbers are finite."""

    # Defaults are for requests: in an answer every field is there.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)


class QueryModel(BaseModel):
    """Query parameters: unknown ones are rejected. Requests without a query share one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """A response body. Every field is always there, so there are no defaults."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class PatchBody(Input):
    """The body of a PATCH: what is left out stays, so the contract must not promise a default for it."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)
