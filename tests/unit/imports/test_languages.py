"""Words of exports in the languages of the apps. The right values are written by hand, not taken from the tables."""

from decimal import Decimal
from pathlib import Path

import pytest

from src.imports import words as words_module
from src.imports.dates import DateOrder, parse_date
from src.imports.languages import month_of
from src.imports.reading import Units
from src.imports.units import unit_of
from src.imports.words import COLUMNS, SET_TYPES, YES_OR_NO, Column, header_words, run_together
from src.vocabulary import DistanceUnit, SetType, WeightUnit
from tests.support.exports import (
    HEVY,
    HEVY_SQUAT,
    OSLO,
    SQUAT,
    STRONG,
    STRONG_NEW,
    file_of,
    outcome,
    reason_of,
    session_of,
    set_of,
)

LINES: dict[str, list[tuple[str, str]]] = {}
for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines():
    if not line.startswith("#"):
        topic, meaning, said = line.split("\t")
        LINES.setdefault(topic, []).append((meaning, said.replace("\\u202f", "\u202f").replace("\\u00a0", "\u00a0")))


@pytest.mark.parametrize(("language", "names"), LINES["months"])
def test_months(language: str, names: str) -> None:
    rows = [HEVY_SQUAT | {"start_time": f"28 {name} 2024, 17:29", "end_time": ""} for name in names.split()]
    workouts, reasons = outcome(file_of(HEVY, *rows))
    assert reasons == {}
    assert [workout.started_at.strftime("%m-%d") for workout in workouts] == [f"{n:02}-28" for n in range(1, 13)]


@pytest.mark.parametrize("word", ["Ma", "jui", "Mär7z", "x", "", "Marge", "1"])
def test_no_months(word: str) -> None:
    assert month_of(word) is None


@pytest.mark.parametrize(("iso", "text"), LINES["date"])
def test_dates(iso: str, text: str) -> None:
    found = parse_date(text)
    assert found is not None
    assert found.isoformat().removesuffix(":00") == iso


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "28", "Mar 2024", "17:29", "28 Mar 17:29", "28 Mar 24", "x 28 Mar 2024"),
        *("28 Mar 2024 17:29 xm", "28 Mar 2024 25:00", "28 Mar 2024 13:00 PM", "30 Feb 2024", "2024-13-01"),
        *("03/04/2024 10:00", "28 Mar 2024 2025", "28 Mar 2024 17:29 18:30", "1" * 100, "28/03/20241"),
        "28 Mar 2024 10:00 +99:00",
    ],
)
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_days_and_months_are_told_apart_by_the_other_dates() -> None:
    dates = ["03/04/2024 17:29", "25/04/2024 17:29", "04/04/2024 17:29"]
    workouts, reasons = outcome(file_of(STRONG, *(SQUAT | {"Date": date} for date in dates)))
    assert reasons == {}
    assert [workout.started_at.strftime("%m-%d") for workout in workouts] == ["04-03", "04-25", "04-04"]
    workouts, _ = outcome(file_of(STRONG, *(SQUAT | {"Date": date} for date in ("3/4/2024 5:29 PM", "4/25/24 17:29"))))
    assert [workout.started_at.strftime("%m-%d") for workout in workouts] == ["03-04", "04-25"]


@pytest.mark.parametrize("date", ["03/04/2024 17:29", "3-4-2024", "1/2/24 5:29 PM"])
def test_days_and_months_that_nothing_tells_apart_are_asked_for(date: str) -> None:
    lines = file_of(STRONG, SQUAT | {"Date": date}, SQUAT | {"Date": "04/04/2024 17:29"})
    with pytest.raises(ValueError, match="begins with the day or the month: say which") as caught:
        outcome(lines)
    assert date in str(caught.value)
    for order, month in ((DateOrder.DAY_FIRST, 4), (DateOrder.MONTH_FIRST, 3)):
        units = Units(WeightUnit.KG, DistanceUnit.KM, "UTC", order)
        workouts, reasons = outcome(lines, units)
        assert reasons == {}
        assert workouts[0].started_at.month == (month if "3" in date else month - 2)


def test_of_dates_in_both_orders_only_the_certain_are_read() -> None:
    dates = ["25/04/2024 17:29", "04/26/2024 17:29", "03/04/2024 17:29"]
    workouts, reasons = outcome(file_of(STRONG, *(SQUAT | {"Date": date} for date in dates)))
    assert len(workouts) == 2
    assert reasons == {4: 'the date "03/04/2024 17:29" cannot be read'}


@pytest.mark.parametrize(("kind", "words"), LINES["set"])
def test_kinds_of_set(kind: str, words: str) -> None:
    for word in words.split("|"):
        row = SQUAT | {"Set Order": word, "Weight (kg)": "60"}
        assert set_of(STRONG_NEW, row).set_type == kind, word
        if not word.isdecimal():
            assert set_of(HEVY, HEVY_SQUAT | {"set_type": word}).set_type == kind, word


@pytest.mark.parametrize("word", ["REST_TIMER", "Rest Timer", "Pausentimer", "Minuteur de repos", "휴식 타이머"])
def test_rests_are_no_sets(word: str) -> None:
    assert reason_of(STRONG, SQUAT | {"Set Order": word, "Reps": "", "Seconds": "120"}) == "not a set: rest timer"


@pytest.mark.parametrize(("language", "header"), LINES["header"])
def test_headers(language: str, header: str) -> None:
    names = header.split(";")
    row = dict(zip(names, ("2024-03-28 17:29:00", "A", "Squat", "1", "82,5", "5", "1,5", "90", "Deep"), strict=True))
    done = set_of(header, row)
    assert (done.weight, done.weight_unit, done.reps) == (Decimal("82.5"), WeightUnit.KG, 5)
    assert (done.distance_m, done.duration_seconds, done.notes) == (Decimal(1500), 90, "Deep")
    # Once more without units, in those of the person.
    bare = {name.partition(" (")[0]: value for name, value in row.items()}
    done = set_of(";".join(bare), bare, Units(WeightUnit.LB, DistanceUnit.MI, "UTC"))
    assert (done.weight, done.weight_unit, done.distance_m) == (Decimal("82.5"), WeightUnit.LB, Decimal("2414.02"))


@pytest.mark.parametrize(("unit", "words"), LINES["unit"])
def test_units(unit: str, words: str) -> None:
    for word in words.split("|"):
        assert unit_of(word) == (None if unit == "none" else unit), word


@pytest.mark.parametrize(("seconds", "text"), LINES["duration"])
def test_durations(seconds: str, text: str) -> None:
    workout = session_of(file_of(STRONG, SQUAT | {"Duration": text}))
    assert workout.ended_at is not None
    assert (workout.ended_at - workout.started_at).total_seconds() == int(seconds)


def test_no_word_means_two_things() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for line in Path(words_module.__file__).with_name("words.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            topic, meaning, names = line.split("\t")
            for name in names.split("|"):
                key = header_words(name) if topic == "column" else run_together(name)
                assert key, line
                meanings.setdefault((topic, key), set()).add(meaning)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}
    assert {column.value for column in COLUMNS.values()} <= {column.value for column in Column}
    assert set(SET_TYPES.values()) == set(SetType)
    assert set(YES_OR_NO.values()) == {True, False}
    assert OSLO.date_order is None
