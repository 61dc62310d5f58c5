"""A column that nobody understood never counts as nothing."""

from decimal import Decimal

import pytest

from src.imports.reading import UnknownFormat, check_beginning, read_export
from src.vocabulary import WeightUnit
from tests.support.exports import HEVY, HEVY_SQUAT, OSLO, SQUAT, STRONG, UTC_LB, file_of, outcome, reason_of, set_of

PLAIN = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes"


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        *(("kg", "kg"), ("KG", "kg"), ("kg.", "kg"), ("lb", "lb"), ("lbs", "lb"), ("Lbs.", "lb"), ("pounds", "lb")),
        *(("Weight kg", "kg"), ("Weight(kg)", "kg"), ("Weight [lbs]", "lb"), ("Weight in lb", "lb")),
        *(
            ("WEIGHT_KG", "kg"),
            ("weight-lb", "lb"),
            ("Weight (lbs)", "lb"),
            ("Weight (Kilograms)", "kg"),
            ("kg weight", "kg"),
        ),
        *(("Peso (kg)", "kg"), ("Peso", None), ("Gewicht", None), ("Gewicht in kg", "kg"), ("Poids (livres)", "lb")),
        *(
            ("\ufeffWeight", None),
            ("  weight   (lb) ", "lb"),
            ("Ağirlik (kg)", "kg"),
            ("重量(kg)", "kg"),
            ("Load", None),
        ),
    ],
)
def test_a_load_is_found_under_its_names(name: str, unit: str | None) -> None:
    done = set_of(PLAIN.replace("Weight", name), SQUAT | {name: "70.0"}, UTC_LB)
    assert (done.weight, done.weight_unit) == (Decimal(70), unit or "lb")


@pytest.mark.parametrize(
    ("name", "metres"),
    [
        *(("km", 5000), ("mi", "8046.72"), ("mi.", "8046.72"), ("Miles", "8046.72"), ("Distance (km)", 5000), ("m", 5)),
        *(
            ("Distance(m)", 5),
            ("distance_miles", "8046.72"),
            ("Distancia (km)", 5000),
            ("Strecke", 5000),
            ("yd", "4.57"),
        ),
    ],
)
def test_a_distance_is_found_under_its_names(name: str, metres: str | int) -> None:
    row = SQUAT | {name: "5.0", "Seconds": "1500", "Reps": "0"}
    assert set_of(PLAIN.replace("Distance", name), row).distance_m == Decimal(metres)


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("70 kg", "70", "kg"),
        ("70kg", "70", "kg"),
        ("155 lbs.", "155", "lb"),
        ("82,5 кг", "82.5", "kg"),
        ("70", "70", "lb"),
    ],
)
def test_a_cell_may_name_its_unit(cell: str, value: str, unit: str) -> None:
    done = set_of(PLAIN, SQUAT | {"Weight": cell}, UTC_LB)
    assert (done.weight, done.weight_unit) == (Decimal(value), WeightUnit(unit))


def test_the_unit_of_a_cell_must_be_known() -> None:
    assert reason_of(PLAIN, SQUAT | {"Weight": "11 stone"}) == 'the weight unit "stone" is not known'
    assert reason_of(PLAIN, SQUAT | {"Weight": "5 km"}) == 'the weight unit "km" is not known'
    assert reason_of(PLAIN, SQUAT | {"Distance": "5 kg"}) == 'the distance unit "kg" is not known'


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(
            ("Hantel", "70"),
            ("kg total", "82,5"),
            ("Wt.", "155 lbs"),
            ("Gewichte", "1.5"),
            ("RIR", "2"),
            ("Rest (sec)", "70"),
        ),
        *(
            ("Volume", "520"),
            ("Zeit pro Satz", "1:30"),
            ("Sätze", "60x5"),
            ("weight_note", "70"),
            ("Weight (stone)", "11"),
        ),
    ],
)
@pytest.mark.parametrize("others", [0, 3])
def test_numbers_under_an_unknown_name_are_refused(name: str, cell: str, others: int) -> None:
    # Three rows of four have nothing there.
    header = f"{PLAIN},{name}"
    lines = file_of(header, *([SQUAT] * others), SQUAT | {name: cell})
    for refuse in (lambda: read_export(lambda: lines, OSLO), lambda: check_beginning("".join([*lines, "half of a"]))):
        with pytest.raises(UnknownFormat, match="columns with values whose meaning is not known") as caught:
            refuse()
        assert f'known: "{name}". Name them as Strong does, or remove them' in str(caught.value)


def test_a_column_without_a_name_is_refused_by_its_place() -> None:
    lines = file_of(f"Date,,{HEVY}", HEVY_SQUAT | {"": "7"})
    lines = [line.replace("Date,", "", 1) if line.startswith("Date") else line[1:] for line in lines]
    with pytest.raises(UnknownFormat, match='known: "column 1"'):
        read_export(lambda: lines, OSLO)


def test_what_stands_beyond_the_last_name_went_astray() -> None:
    lines = [f"{STRONG},,\r\n", *file_of(STRONG, SQUAT, SQUAT, SQUAT)[1:]]
    lines[2] = lines[2].rstrip() + ",7\r\n"
    lines[3] = lines[3].rstrip() + ",\r\n"
    (workout,), reasons = outcome(lines)
    assert ([done.row for done in workout.sets], reasons) == (
        [2, 4],
        {3: "the row has 13 columns and not 12 like the header"},
    )


def test_all_columns_that_are_refused_are_named() -> None:
    lines = file_of(f"{HEVY},day,month", HEVY_SQUAT | {"day": "28", "month": "3"})
    with pytest.raises(UnknownFormat, match=r'known: "day", "month"\. Name them as Hevy does'):
        read_export(lambda: lines, OSLO)


@pytest.mark.parametrize(
    "cell", ["easy", "2 sets were hard", "2024-03-28", "0", "0.0", "true", "https://example.org/1"]
)
def test_what_holds_no_numbers_is_left_out_and_named(cell: str) -> None:
    export = read_export(lambda: file_of(f"{HEVY},mood", HEVY_SQUAT | {"mood": cell}), OSLO)
    assert export.ignored == ["set_index", "mood"]
    assert len(list(export)) == 1


def test_a_number_among_words_is_a_word() -> None:
    rows = [HEVY_SQUAT | {"mood": mood} for mood in ("fine", "10", "good")]
    assert read_export(lambda: file_of(f"{HEVY},mood", *rows), OSLO).ignored == ["set_index", "mood"]


def test_columns_without_anything_are_not_named() -> None:
    export = read_export(lambda: file_of(f"{STRONG},mood", SQUAT), OSLO)
    assert export.ignored == []


@pytest.mark.parametrize("columns", ["", ",Weight", ",Weight,RPE", ",Peso,Notes"])
def test_a_file_in_which_nothing_can_be_done_is_refused(columns: str) -> None:
    header = f"Date,Workout Name,Exercise Name,Set Order{columns}"
    with pytest.raises(UnknownFormat, match="no column for repetitions, durations or distances") as caught:
        read_export(lambda: [header], OSLO)
    assert all(f'"{name}"' in str(caught.value) for name in header.split(","))


def test_of_two_columns_of_weights_one_is_filled() -> None:
    header = f"{HEVY},weight_lbs"
    done = set_of(header, HEVY_SQUAT | {"weight_kg": "", "weight_lbs": "225"})
    assert (done.weight, done.weight_unit) == (Decimal(225), WeightUnit.LB)
    assert set_of(header, HEVY_SQUAT | {"weight_lbs": "0"}).weight_unit == WeightUnit.KG
    assert reason_of(header, HEVY_SQUAT | {"weight_lbs": "220"}) == 'two columns say the weight: "100" and "220"'


@pytest.mark.parametrize("more", [",", ",,,", ", ,\t"])
def test_empty_cells_beyond_the_header_say_nothing(more: str) -> None:
    row = file_of(STRONG, SQUAT)[1].rstrip() + more + "\r\n"
    (workout,), reasons = outcome([STRONG + "\r\n", row])
    assert (workout.sets[0].weight, reasons) == (Decimal(100), {})


def test_what_cannot_be_kept_of_a_row_is_said() -> None:
    row = SQUAT | {"RPE": "8.3", "Duration": "an hour", "Notes": "n" * 2001, "Workout Name": "x" * 121}
    assert set_of(STRONG, row).left_out == (
        "duration",
        "workout name beyond 120 characters",
        "rpe",
        "notes beyond 2000 characters",
    )
    assert set_of(HEVY, HEVY_SQUAT | {"end_time": "later"}).left_out == ("end",)
    for nothing in ({"RPE": "0"}, {"RPE": ""}, {"Duration": "0s"}, {"Duration": "0h 0m"}, {"Duration": "58m"}):
        assert set_of(STRONG, SQUAT | nothing).left_out == ()


@pytest.mark.parametrize(
    ("text", "others", "value"),
    [
        *(("82,5", (), "82.5"), ("82.5", (), "82.5"), ("0,125", (), "0.125"), ("1.500", (), "1.5")),
        *(("1,500", ("82.5",), "1500"), ("1,500", ("82,5",), "1.5"), ("1.500", ("82,5",), "1500")),
        *(
            ("1,234.5", (), "1234.5"),
            ("1.234,5", (), "1234.5"),
            ("1 234,5", (), "1234.5"),
            ("1\u202f234.5", (), "1234.5"),
        ),
        *(
            ("1'234.5", (), "1234.5"),
            ("1\u2019234", (), "1234"),
            ("1,234,567", (), "1234567"),
            ("1,500", ("1.234,5",), "1.5"),
        ),
    ],
)
def test_the_other_numbers_say_what_a_comma_is(text: str, others: tuple[str, ...], value: str) -> None:
    rows = [SQUAT | {"Weight": "1", "Reps": "1", "Seconds": number} for number in (*others, text)]
    (workout,), _ = outcome(file_of(STRONG, *rows)) if Decimal(value) <= 86400 else ((None,), {})
    if workout is None:
        assert reason_of(STRONG, rows[-1]) == "seconds must be at most 86400"
    else:
        seconds = workout.sets[-1].duration_seconds or 0
        assert abs(seconds - Decimal(value)) <= Decimal("0.5")


@pytest.mark.parametrize("others", [(), ("82.5", "82,5")])
def test_a_comma_of_which_nothing_tells_is_no_number(others: tuple[str, ...]) -> None:
    _, reasons = outcome(file_of(STRONG, *(SQUAT | {"Weight": number} for number in (*others, "1,000"))))
    assert reasons == {2 + len(others): 'weight is not a number: "1,000"'}
