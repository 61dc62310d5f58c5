"""What the sets leave open so that they do not age: days, months, ages, and what the API answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from babel.dates import format_date

_PLACEHOLDER: Final = re.compile(r"\{(?P<name>date|weekday|month|age):(?P<argument>[^}]*)\}")
_ASKED: Final = re.compile(r"\{(?P<path>/[^#}]*)#(?P<way>[^}]+)\}")


@dataclass(frozen=True)
class Day:
    """The day that a set counts from, and the language that it speaks."""

    today: date
    language: str

    def text(self, text: str) -> str:
        """A question with its weekdays and months in words."""
        return _PLACEHOLDER.sub(lambda found: self._value(found, pattern=False), text)

    def pattern(self, term: str) -> str:
        """A regular expression with its days as people write them."""
        return _PLACEHOLDER.sub(lambda found: self._value(found, pattern=True), term)

    def _value(self, found: re.Match[str], *, pattern: bool) -> str:
        name, argument = found["name"], found["argument"]
        if name == "age":
            return str(age(date.fromisoformat(argument), self.today))
        if name == "month":
            return str(format_date(month_away(self.today, int(argument)), "MMMM", locale=self.language))
        if name == "weekday":
            return str(format_date(self.today + timedelta(days=int(argument)), "EEEE", locale=self.language))
        day = day_of(argument, self.today)
        return written(day, self.language) if pattern else day.isoformat()


def day_of(argument: str, today: date) -> date:
    """`-5` counts from today, `monday+21` from this week's Monday."""
    if argument.startswith("monday"):
        return today - timedelta(days=today.weekday()) + timedelta(days=int(argument.removeprefix("monday")))
    return today + timedelta(days=int(argument))


def month_away(today: date, months: int) -> date:
    """The twelfth of the month that is so many away."""
    number = today.year * 12 + today.month - 1 + months
    return date(number // 12, number % 12 + 1, 12)


def newest_month(number: int, today: date) -> str:
    """The newest such month that has begun, as YYYY-MM."""
    return f"{today.year if number <= today.month else today.year - 1}-{number:02}"


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def written(day: date, language: str) -> str:
    """A day as a regular expression: ISO, in numbers, or with the month's name, whole or short."""
    forms = {day.isoformat()}
    for name in {str(format_date(day, skeleton, locale=language)) for skeleton in ("MMMM", "MMM", "LLL")}:
        month = re.escape(name.rstrip(".")) + r"\.?"
        forms |= {rf"\b{day.day}\.?(?:st|nd|rd|th)?(?: of| de)? {month}", rf"{month} {day.day}\b"}
    numbers = rf"0?{day.day}[./-]0?{day.month}(?:[./-]|\b)"
    return f"(?:{'|'.join(sorted({*forms, numbers, rf'0?{day.month}/0?{day.day}/'}))})"


def asked_of(term: str) -> set[str]:
    """The paths below /api/v1 whose answers a term needs."""
    return {found["path"] for found in _ASKED.finditer(term)}


def with_answers(term: str, answers: Mapping[str, Any]) -> str:
    """The term with the values that the API gave, as a person may read them."""

    def value(found: re.Match[str]) -> str:
        at = answers[found["path"]]
        for step in found["way"].split("."):
            at = at[step]
        return number_pattern(at)

    return _ASKED.sub(value, term)


def number_pattern(value: float) -> str:
    """A number with or without separators, whole or to a decimal or two."""
    whole, _, decimals = f"{value:.2f}".partition(".")
    forms = [_separated(str(round(value)))]
    if int(decimals):
        forms.append(rf"{_separated(whole)}[.,]{decimals.rstrip('0')}")
        forms.append(_separated(f"{value:.1f}".partition(".")[0]) + rf"[.,]{f'{value:.1f}'.partition('.')[2]}")
    else:
        forms[0] += r"(?:[.,]0+)?"
    return rf"(?<![\d.,])(?:{'|'.join(forms)})(?!\d)"


def _separated(digits: str) -> str:
    groups = f"{int(digits):,}".split(",")
    return r"[.,'\u2019\s]?".join(groups)
