"""Days and periods that people name, in four languages. Today is Saturday, 28 November 2026."""

from datetime import date

import pytest

from src.language.language import Language
from src.language.periods import Period, find_period

TODAY = date(2026, 11, 28)
SAID = {
    Language.EN: {
        "What did I do yesterday?": "2026-11-27",
        "the day before yesterday": "2026-11-26",
        "What did I do last Tuesday?": "2026-11-24",
        "on tuesday": "2026-11-24",
        "on 3 November": "2026-11-03",
        "November 3rd": "2026-11-03",
        "3 December": "2025-12-03",
        "2026-10-01": "2026-10-01",
        "last week": "2026-11-16 2026-11-22",
        "two weeks ago": "2026-11-09 2026-11-15",
        "in march": "2026-03-01 2026-03-31",
        "in December": "2025-12-01 2025-12-31",
        "last month": "2026-10-01 2026-10-31",
        "in the last 10 days": "2026-11-18 2026-11-28",
        "this year": "2026-01-01 2026-12-31",
        "since January": "2026-01-01 2026-11-28",
        "since 3 October 2025": "2025-10-03 2026-11-28",
        "next week": "2026-11-30 2026-12-06",
    },
    Language.DE: {
        "Was habe ich gestern gemacht?": "2026-11-27",
        "letzten Dienstag": "2026-11-24",
        "am 3. November": "2026-11-03",
        "am 3.11.": "2026-11-03",
        "letzte Woche": "2026-11-16 2026-11-22",
        "vor zwei Wochen": "2026-11-09 2026-11-15",
        "im März": "2026-03-01 2026-03-31",
        "diesen Monat": "2026-11-01 2026-11-30",
        "in den letzten 3 Wochen": "2026-11-07 2026-11-28",
        "seit Januar": "2026-01-01 2026-11-28",
    },
    Language.ES: {
        "¿Qué hice anteayer?": "2026-11-26",
        "el martes pasado": "2026-11-24",
        "el 3 de noviembre": "2026-11-03",
        "la semana pasada": "2026-11-16 2026-11-22",
        "hace dos semanas": "2026-11-09 2026-11-15",
        "en marzo": "2026-03-01 2026-03-31",
        "los últimos 5 días": "2026-11-23 2026-11-28",
        "desde enero": "2026-01-01 2026-11-28",
        "esta mañana": "2026-11-28",
        "mañana": "2026-11-29",
    },
    Language.NB: {
        "Hva gjorde jeg i går?": "2026-11-27",
        "i forgårs": "2026-11-26",
        "forrige tirsdag": "2026-11-24",
        "3. november": "2026-11-03",
        "forrige uke": "2026-11-16 2026-11-22",
        "for to uker siden": "2026-11-09 2026-11-15",
        "i mars": "2026-03-01 2026-03-31",
        "de siste 4 ukene": "2026-10-31 2026-11-28",
        "i år": "2026-01-01 2026-12-31",
        "siden januar": "2026-01-01 2026-11-28",
    },
}


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [(language, text, days) for language, said in SAID.items() for text, days in said.items()],
)
def test_a_period_is_found(language: Language, text: str, days: str) -> None:
    first, _, last = days.partition(" ")
    assert find_period(text, language, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.EN, "May I eat pasta?"),
        (Language.EN, "I bench 102.5 kg for 3x10"),
        (Language.EN, "the 30 February"),
        (Language.DE, "Guten Morgen!"),
        (Language.ES, "Entreno por la mañana"),
        (Language.NB, "Hvor gammel er jeg?"),
    ],
)
def test_where_no_day_is_named_none_is_made_up(language: Language, text: str) -> None:
    assert find_period(text, language, TODAY) is None


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        (Language.EN, "What do I eat on Friday?", date(2026, 12, 4)),
        (Language.EN, "on Saturday", TODAY),
        (Language.DE, "am 3. Dezember", date(2026, 12, 3)),
        (Language.ES, "el jueves", date(2026, 12, 3)),
    ],
)
def test_a_day_that_may_come_is_the_next_one(language: Language, text: str, day: date) -> None:
    assert find_period(text, language, TODAY, may_come=True) == Period(day, day)
