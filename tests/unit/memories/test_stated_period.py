"""The days that a question about what was said names, in the person's own timezone."""

from datetime import date

import pytest

from src.memories.stated_period import stated_period

TODAY = date(2026, 11, 16)  # a Monday


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What did I tell you about my knee in March?", "2026-03-01", "2026-04-01"),
        ("Was habe ich dir letzte Woche erzählt?", "2026-11-09", "2026-11-16"),
        ("¿Qué te conté el mes pasado?", "2026-10-01", "2026-11-01"),
        ("Hva sa jeg i går?", "2026-11-15", "2026-11-16"),
    ],
)
def test_a_question_names_a_period(question: str, start: str, end: str) -> None:
    period = stated_period(question, "Europe/Oslo", TODAY)
    assert period is not None
    assert (period.start.isoformat(), period.end.isoformat()) == (
        f"{start}T00:00:00{zone(start)}",
        f"{end}T00:00:00{zone(end)}",
    )


def zone(day: str) -> str:
    return "+02:00" if "2026-03-29" < day < "2026-10-25" else "+01:00"


@pytest.mark.parametrize(
    "question", ["Does my knee hurt?", "What shall I train today?", "Was esse ich morgen?", "", "I may squat"]
)
def test_what_asks_for_now_or_for_no_time_names_none(question: str) -> None:
    assert stated_period(question, "Europe/Oslo", TODAY) is None
