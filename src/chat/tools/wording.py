"""Words that several tools say."""

from datetime import date, timedelta

from src.chat.phrases import say
from src.chat.phrases.formats import day, month
from src.language.language import Language
from src.vocabulary import Equipment, Joint, Muscle


def days_ago(on: date, language: Language, today: date) -> str:
    """How long before today a day was: today, yesterday, 4 days ago."""
    days = (today - on).days
    if days in {0, 1}:
        return say("words.today" if days == 0 else "words.yesterday", language)
    return say("words.days_ago", language, n=days)


def period(first: date, last: date, language: Language, today: date) -> str:
    """Some days, as they stand in a sentence: in November 2026, on Tuesday, 24 November, from one day to another."""
    if first.day == 1 and last == _end_of_month(first, today):
        return say("words.in_month", language, month=month(first, language))
    if first == last:
        return say("words.on_day", language, day=day(first, language, today))
    days = {"first": day(first, language, today), "last": day(last, language, today)}
    return say("words.between", language, **days)


def period_dates(first: date, last: date, language: Language, today: date) -> list[str]:
    """The dates in what period() says."""
    if first.day == 1 and last == _end_of_month(first, today):
        return [month(first, language)]
    return [day(on, language, today) for on in dict.fromkeys((first, last))]


def _end_of_month(first: date, today: date) -> date:
    """Of the month that runs, today: there is no more of it."""
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return today if first <= today <= end else end


def capitalized(text: str) -> str:
    """The text with a capital letter at its beginning, where a sentence begins with a date or a name."""
    return text[:1].upper() + text[1:]


def word(value: Muscle | Equipment | Joint, language: Language) -> str:
    """A word of the vocabulary, as it stands in a sentence."""
    return say(f"{type(value).__name__.lower()}.{value.value}", language)
