"""What the sets leave open is filled in as people write it."""

import re
from datetime import date

import pytest

from bench.companion.placeholders import (
    Day,
    age,
    asked_of,
    day_of,
    month_away,
    newest_month,
    number_pattern,
    with_answers,
    written,
)
from tests.unit.bench.days import SATURDAY


def found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "on 3 December you rest"),
        ("en", "Dec 3, 2026"),
        ("en", "the 3rd of December"),
        ("en", "2026-12-03"),
        ("en", "12/3/26"),
        ("de", "am 3. Dezember 2026"),
        ("de", "03.12.2026"),
        ("es", "el 3 de diciembre"),
        ("es", "3 dic 2026"),
        ("nb", "3. desember"),
        ("nb", "3. des. 2026"),
    ],
)
def test_a_day_is_found_as_people_write_it(language: str, text: str) -> None:
    assert found(written(date(2026, 12, 3), language), text)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "23 December"), ("en", "December 31"), ("de", "13. Dezember"), ("nb", "3. november")]
)
def test_another_day_is_not(language: str, text: str) -> None:
    assert not found(written(date(2026, 12, 3), language), text)


def test_questions_name_weekdays_and_months() -> None:
    assert Day(SATURDAY, "en").text("on {weekday:-3} in {month:-8}") == "on Wednesday in March"
    assert Day(SATURDAY, "es").text("el {weekday:-3} de {month:-8}") == "el miércoles de marzo"
    assert Day(SATURDAY, "de").text("am {weekday:+2}") == "am Montag"
    assert Day(SATURDAY, "nb").pattern("{age:1990-11-29}") == "35"


def test_days_count_from_today_or_from_monday() -> None:
    assert day_of("-5", SATURDAY) == date(2026, 11, 23)
    assert day_of("monday+21", SATURDAY) == date(2026, 12, 14)
    assert month_away(date(2026, 1, 31), -2) == date(2025, 11, 12)
    assert (newest_month(3, SATURDAY), newest_month(12, SATURDAY)) == ("2026-03", "2025-12")
    assert (age(date(1990, 11, 28), SATURDAY), age(date(1990, 11, 29), SATURDAY)) == (36, 35)


@pytest.mark.parametrize(
    ("value", "text", "is_there"),
    [
        (2744, "2744 kcal", True),
        (2744, "2,744 kcal", True),
        (2744, "2.744 kcal", True),
        (2744, "2\u202f744 kcal", True),
        (2744, "12744 kcal", False),
        (2744, "27440", False),
        (131.2, "131 g", True),
        (131.2, "131.2 g", True),
        (131.2, "131,2 g", True),
        (131.2, "1312 g", False),
        (5, "5 weeks", True),
        (5, "15 weeks", False),
        (116.67, "116,7 kg", True),
        (116.67, "116.67 kg", True),
    ],
)
def test_a_number_is_found_with_and_without_separators(value: float, text: str, *, is_there: bool) -> None:
    assert found(number_pattern(value), text) is is_there


def test_a_term_takes_what_the_api_answers() -> None:
    term = "{/stats/summary#streak.current_weeks} weeks"
    assert asked_of(term) == {"/stats/summary"}
    assert found(with_answers(term, {"/stats/summary": {"streak": {"current_weeks": 4}}}), "It has been 4 weeks")
