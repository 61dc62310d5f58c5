"""Tables that people write themselves: read where they are clear, refused by the name of the column where not."""

import gzip
from decimal import Decimal

import pytest

from src.imports.file import read_packed
from src.imports.reading import UnknownFormat, check_beginning
from src.imports.text import decode_head
from src.imports.workouts import ImportedSet, ImportedWorkout
from src.vocabulary import SetType, WeightUnit
from tests.support.exports import HEVY, HEVY_SQUAT, OSLO, STRONG, STRONG_OLD, file_of, lines_of, outcome


def sets_of(text: str) -> list[ImportedSet]:
    workouts, reasons = outcome(lines_of(text))
    assert reasons == {}
    return [one for workout in workouts for one in workout.sets]


def test_a_table_in_german() -> None:
    workouts, reasons = outcome(
        lines_of(
            "Datum;Übung;Gewicht (kg);Wdh;Aufwärmen\n28.11.2025;Bankdrücken;82,5;5;Nein\n"
            "28.11.2025;Klimmzüge;Körpergewicht;8;Ja\n28.11.2025;Klimmzüge;+10;5;\n28.11.2025;Klimmzüge;-20;10;\n"
        )
    )
    assert [(one.weight, one.reps, one.set_type) for one in workouts[0].sets] == [
        (Decimal("82.5"), 5, SetType.WORKING),
        (None, 8, SetType.WARMUP),
        (Decimal(10), 5, SetType.WORKING),
    ]
    assert reasons == {5: "weight must not be negative"}


@pytest.mark.parametrize(
    "text",
    [
        "Date,Exercise,Sets,Reps,Weight lb\n2025-11-28,Squat,3,10,135\n",
        "Date,Exercise,Sets x Reps,Weight\n2025-11-28,Squat,3x10,135 lb\n",
        "Date,Exercise,Reps,Weight\n2025-11-28,Squat,3 × 10,135lbs\n",  # noqa: RUF001
        "Fecha;Ejercicio;Series;Reps;Carga (lb)\n28 de noviembre de 2025;Squat;3;10;135\n",
        'sep=;\nDate;Exercise;Sets;Reps;"Weight (lb)"\n2025/11/28;Squat;3;10;135\n',
    ],
)
def test_sets_are_counted(text: str) -> None:
    sets = sets_of(text)
    assert [(one.reps, one.weight, one.weight_unit, one.row) for one in sets] == [
        (10, Decimal(135), WeightUnit.LB, 2)
    ] * 3


@pytest.mark.parametrize(
    ("cell", "weight", "unit"),
    [
        ("BW", None, "kg"),
        ("Body weight", None, "kg"),
        ("BW+10kg", 10, "kg"),
        ("BW + 22.5 lb", Decimal("22.5"), "lb"),
        ("自重", None, "kg"),
        ("свой вес + 5 кг", 5, "kg"),
    ],
)
def test_the_body_is_no_load(cell: str, weight: Decimal | None, unit: str) -> None:
    [one] = sets_of(f"Date,Exercise,Weight,Reps\n2025-11-28,Pull Up,{cell},8\n")
    assert (one.weight, one.weight_unit) == (weight, unit)


@pytest.mark.parametrize("cell", ["BW-20kg", "red band", "3 plates", "2x15kg", "#REF!", "-5"])
def test_other_loads_are_refused_with_their_row(cell: str) -> None:
    workouts, reasons = outcome(lines_of(f"Date,Exercise,Weight,Reps\n2025-11-28,Pull Up,{cell},8\n"))
    assert workouts == []
    assert "weight" in reasons[2]


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Assistance (kg)", "20", "Assistance (kg)"),
        ("Unit", "lb", "Unit"),
        ("Serie", "3", "Serie"),
        ("Set", "3", "Set"),
        ("组", "3", "组"),
        ("Duration", "45m", "Duration"),
        ("Time", "0:45", "Time"),
        ("Erledigt", "Nein", "Erledigt"),
        ("Failure", "x", "Failure"),
        ("RIR", "2", "RIR"),
        ("Body Weight (kg)", "81", "Body Weight (kg)"),
    ],
)
def test_what_is_not_clear_is_refused_by_name(header: str, cells: str, name: str) -> None:
    with pytest.raises(UnknownFormat, match="whose meaning is not known") as caught:
        sets_of(f"Date,Exercise,Weight,Reps,{header}\n2025-11-28,Squat,100,5,{cells}\n")
    assert f'"{name}"' in str(caught.value)


@pytest.mark.parametrize("header", ["Weight 1 (kg),Reps 1,Weight 2 (kg),Reps 2", "Set 1,Set 2,Set 3"])
def test_sets_side_by_side_are_refused_with_all_columns(header: str) -> None:
    with pytest.raises(UnknownFormat, match="no column for repetitions") as caught:
        check_beginning(f"Date,Exercise,{header}\n")
    assert all(f'"{name}"' in str(caught.value) for name in header.split(","))


def test_an_unknown_file_names_its_columns() -> None:
    with pytest.raises(UnknownFormat, match='Its columns: "Päivämäärä", "Liike", "Toistot"'):
        check_beginning("Päivämäärä;Liike;Toistot\n")


def test_distances_and_durations_need_a_unit() -> None:
    text = "Date,Exercise,Distance,Duration\n2025-11-28,Run,10,\n2025-11-28,Run,5 km,30\n2025-11-28,Row,500 m,1:58\n"
    workouts, reasons = outcome(lines_of(text))
    assert [(one.distance_m, one.duration_seconds) for one in workouts[0].sets] == [(Decimal(500), 118)]
    assert reasons == {
        2: 'the distance "10" has no unit: name the column Distance (m) or Distance (km)',
        3: 'the duration "30" has no unit: name the column Seconds or Duration (min)',
    }
    [one] = sets_of("Date,Exercise,Distance (km),Duration (min)\n2025-11-28,Run,10,52.5\n")
    assert (one.distance_m, one.duration_seconds) == (Decimal(10000), 3150)


def test_a_column_of_units_with_an_unknown_name_is_refused_in_exports_too() -> None:
    header = STRONG_OLD.replace("Weight Unit", "Unit of the bar")
    row = {"Date": "2021-02-14 17:05:26", "Workout Name": "A", "Exercise Name": "Squat", "Set Order": "1"}
    with pytest.raises(UnknownFormat, match='"Unit of the bar"'):
        outcome(file_of(header, row | {"Weight": "225", "Unit of the bar": "lb", "Reps": "5"}))


@pytest.mark.parametrize("text", ["25 11月 2025, 07:15", "25 11월 2025, 07:15"])
def test_months_by_number_in_east_asia(text: str) -> None:
    workouts, reasons = outcome(file_of(HEVY, HEVY_SQUAT | {"start_time": text, "end_time": ""}))
    assert reasons == {}
    assert workouts[0].started_at.isoformat() == "2025-11-25T06:15:00+00:00"


@pytest.mark.parametrize("text", ["2025/4/5", "2025-4-5", "2025.4.5"])
def test_one_figure_days(text: str) -> None:
    workouts, _ = outcome(lines_of(f"Date,Exercise,Reps\n{text},Dip,5\n"))
    assert workouts[0].started_at.date().isoformat() == "2025-04-05"
    assert outcome(lines_of("Date,Exercise,Reps\n3/4/5,Dip,5\n"))[0] == []


def test_the_beginning_is_read_in_the_encoding_that_it_has() -> None:
    check_beginning(decode_head(f"{STRONG}\n".encode("utf-16")))
    check_beginning(decode_head(f"{STRONG}\nö".encode()[:-1]))
    with pytest.raises(UnicodeDecodeError):
        decode_head("Übung;Gewicht\n".encode("latin-1"))


def test_a_file_in_utf_16_is_read() -> None:
    text = "Date,Exercise,Weight (kg),Reps,Notes\n2025-11-28,Dip,10,8,größe\n"
    [workout] = read_packed(gzip.compress(text.encode("utf-16")), OSLO)
    assert isinstance(workout, ImportedWorkout)
    assert [(one.weight, one.notes) for one in workout.sets] == [(Decimal(10), "größe")]
