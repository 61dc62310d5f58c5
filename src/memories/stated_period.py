"""When something was said, where a question names it: "what did I tell you in March?"."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from src.language.language import detect_language
from src.language.periods import find_period


class StatedPeriod(NamedTuple):
    """From one moment on, and before another."""

    start: datetime
    end: datetime


def stated_period(question: str, timezone: str, today: date) -> StatedPeriod | None:
    """The past days of the person that a question names; None when it names none, or only today, which asks for now."""
    zone = ZoneInfo(timezone)
    period = find_period(question, detect_language(question), today)
    if period is None or period.first >= today:
        return None
    start, end = (datetime.combine(day, time(), tzinfo=zone) for day in (period.first, period.last + timedelta(days=1)))
    return StatedPeriod(start, end)
