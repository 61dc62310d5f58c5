"""Exports of Strong and Hevy as people have them, and as nobody should."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.imports.reading import (
    ImportedSet,
    ImportedWorkout,
    RejectedRow,
    TooManyRows,
    Units,
    UnknownFormat,
    detect_layout,
    read_export,
)
from src.vocabulary import DistanceUnit, SetType, WeightUnit
from tests.support.exports import (
    HEADERS,
    HEVY,
    HEVY_SQUAT,
    OSLO,
    SQUAT,
    STRONG,
    STRONG_NEW,
    STRONG_OLD,
    UTC_LB,
    file_of,
    lines_of,
    outcome,
    reason_of,
    session_of,
    set_of,
)


def strong(**cells: Any) -> ImportedSet:
    """The set of one row of Strong."""
    return set_of(STRONG, SQUAT | {name.replace("_", " ").title(): value for name, value in cells.items()})


def test_strong_of_old() -> None:
    text = f"""{STRONG_OLD}
2019-03-02 10:15:00;Morning Workout;Bench Press (Barbell);1;82,5;kg;8;7,5;0;;0;Felt "light";Slept well;1h 23m
2019-03-02 10:15:00;Morning Workout;Bench Press (Barbell);2;185;lbs;6;;0;;0;;Slept well;1h 23m
2019-03-02 10:15:00;Morning Workout;Running;1;0;kg;0;;2;mi;960;;Slept well;1h 23m
"""
    session = session_of(lines_of(text))
    assert session.key == "strong\n2019-03-02T10:15:00\nMorning Workout"
    assert (session.name, session.notes) == ("Morning Workout", "Slept well")
    assert session.started_at == datetime(2019, 3, 2, 9, 15, tzinfo=UTC)
    assert session.ended_at == datetime(2019, 3, 2, 10, 38, tzinfo=UTC)
    first, second, run = session.sets
    assert first == ImportedSet(
        row=2,
        exercise="Bench Press (Barbell)",
        superset=None,
        notes='Felt "light"',
        set_type=SetType.WORKING,
        reps=8,
        weight=Decimal("82.5"),
        weight_unit=WeightUnit.KG,
        rpe=Decimal("7.5"),
        duration_seconds=None,
        distance_m=None,
    )
    assert (second.weight, second.weight_unit) == (Decimal(185), WeightUnit.LB)
    assert (run.reps, run.weight, run.distance_m, run.duration_seconds) == (None, None, Decimal("3218.69"), 960)


def test_strong() -> None:
    text = f'''{STRONG}
2021-02-14 17:05:26,"Evening, Workout",58m,"Squat (Barbell)",W,60.0,5.0,0,0.0,"","Good
""day""",
2021-02-14 17:05:26,"Evening, Workout",58m,"Squat (Barbell)",1,100.0,5.0,0,0.0,"","Good
""day""",9
2021-02-14 17:05:26,"Evening, Workout",58m,"Plank",1,0.0,0.0,0,90.0,"Hips
up","Good
""day""",
'''
    session = session_of(lines_of(text))
    assert session.name == "Evening, Workout"
    assert session.notes == 'Good\n"day"'
    assert session.ended_at == session.started_at + timedelta(minutes=58)
    assert [done.row for done in session.sets] == [2, 3, 4]
    assert [done.set_type for done in session.sets] == [SetType.WARMUP, SetType.WORKING, SetType.WORKING]
    assert session.sets[1].rpe == 9
    assert (session.sets[2].notes, session.sets[2].duration_seconds) == ("Hips\nup", 90)


def test_strong_of_today() -> None:
    text = f"""{STRONG_NEW}
1;2024-05-01 07:00:00;Legs;4980;Squat (Barbell);1;102.5;5;8.5;;;;
1;2024-05-01 07:00:00;Legs;4980;Squat (Barbell);Rest Timer;;;;;120;;
1;2024-05-01 07:00:00;Legs;4980;Squat (Barbell);D;80;10;;;;;
1;2024-05-01 07:00:00;Legs;4980;Squat (Barbell);Note;;;;;;Belt from 100;
1;2024-05-01 07:00:00;Legs;4980;Running;1;;;;5000;1500;;
2;2024-05-02 07:00:00;Legs;4980;Running;1;;;;400.5;90;;
"""
    (legs, run), reasons = outcome(lines_of(text))
    assert reasons == {3: "not a set: rest timer", 5: "not a set: note"}
    assert legs.ended_at == legs.started_at + timedelta(minutes=83)
    assert [done.row for done in legs.sets] == [2, 4, 6]
    assert [done.notes for done in legs.sets] == ["Belt from 100", None, None]
    assert legs.sets[2].distance_m == 5000
    assert run.sets[0].distance_m == Decimal("400.5")


def test_hevy() -> None:
    text = f"""{HEVY}
"Push","28 Mar 2024, 17:29","28 Mar 2024, 18:31","Great
session","Bench Press (Barbell)",0,"Slow",0,"warmup",40,10,,,
"Push","28 Mar 2024, 17:29","28 Mar 2024, 18:31","Great
session","Bench Press (Barbell)",0,"Slow",1,"normal",82.5,8,,,8.5
"Push","28 Mar 2024, 17:29","28 Mar 2024, 18:31","Great
session","Face Pull",0,"",0,"dropset",20,15,,,
"Push","28 Mar 2024, 17:29","28 Mar 2024, 18:31","Great
session","Push Up",7,"",0,"failure",,21,,,
"Push","28 Mar 2024, 17:29","28 Mar 2024, 18:31","Great
session","Running",,"",0,"normal",,,2.5,800,
"""
    session = session_of(lines_of(text))
    assert session.key == "hevy\n2024-03-28T17:29\nPush"
    assert session.started_at == datetime(2024, 3, 28, 16, 29, tzinfo=UTC)
    assert session.ended_at == datetime(2024, 3, 28, 17, 31, tzinfo=UTC)
    assert session.notes == "Great\nsession"
    assert [done.superset for done in session.sets] == ["A", "A", "A", "B", None]
    assert [done.set_type.value for done in session.sets] == ["warmup", "working", "drop", "failure", "working"]
    assert [done.notes for done in session.sets] == ["Slow", "Slow", None, None, None]
    assert session.sets[1].weight == Decimal("82.5")
    assert (session.sets[4].distance_m, session.sets[4].duration_seconds) == (Decimal(2500), 800)


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_headers_in_any_dress(header: str, delimiter: str, quote: str, bom: str) -> None:
    names = ["Unknown", *reversed(header.replace(";", ",").split(","))]
    line = bom + delimiter.join(f"{quote}{name.upper()}{quote}" for name in names) + "\r\n"
    layout = detect_layout(line)
    assert layout.delimiter == delimiter
    assert layout.width == len(names)
    assert layout.app.name == ("hevy" if header == HEVY else "strong")


@pytest.mark.parametrize(
    ("column", "unit"), [("Weight (kg)", "kg"), ("Weight (lb)", "lb"), ("Weight (lbs)", "lb"), ("weight_lbs", "lb")]
)
def test_the_unit_of_a_weight_is_its_columns(column: str, unit: str) -> None:
    header = STRONG.replace("Weight", column)
    assert set_of(header, SQUAT | {column: "225"}, UTC_LB).weight_unit == unit
    assert set_of(header, SQUAT | {column: "225"}, OSLO).weight == 225


@pytest.mark.parametrize(
    ("column", "metres"),
    [
        ("Distance (meters)", "2.5"),
        ("Distance (km)", "2500"),
        ("Distance (miles)", "4023.36"),
        ("distance_meters", "2.5"),
        ("distance_miles", "4023.36"),
        ("Distance", "2500"),
    ],
)
def test_the_unit_of_a_distance_is_its_columns(column: str, metres: str) -> None:
    header = STRONG.replace("Distance", column)
    assert set_of(header, SQUAT | {column: "2.5"}).distance_m == Decimal(metres)


@pytest.mark.parametrize(
    ("unit", "metres"),
    [
        ("km", "1500"),
        ("mi", "2414.02"),
        ("m", "1.5"),
        ("Meters", "1.5"),
        ("metres", "1.5"),
        ("ft", "0.46"),
        ("yd", "1.37"),
        ("", "2414.02"),
    ],
)
def test_the_unit_of_a_distance_may_be_the_rows(unit: str, metres: str) -> None:
    row = SQUAT | {"Distance": "1,5", "Distance Unit": unit}
    assert set_of(STRONG_OLD, row, UTC_LB).distance_m == Decimal(metres)


@pytest.mark.parametrize(("unit", "expected"), [("kg", "kg"), ("KGS", "kg"), ("lb", "lb"), ("lbs", "lb"), ("", "lb")])
def test_the_unit_of_a_weight_may_be_the_rows(unit: str, expected: str) -> None:
    assert set_of(STRONG_OLD, SQUAT | {"Weight Unit": unit}, UTC_LB).weight_unit == expected


def test_a_unit_of_nothing_need_not_be_known() -> None:
    done = set_of(STRONG_OLD, SQUAT | {"Weight": "0", "Weight Unit": "-", "Distance": "0", "Distance Unit": "-"})
    assert (done.weight, done.weight_unit, done.distance_m) == (None, WeightUnit.KG, None)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "Date, Workout Name, Exercise Name, Set Order (Strong)"),
        ("\n", "title, start_time, exercise_title, set_type (Hevy)"),
        ("Date|Workout Name|Exercise Name|Set Order|Reps", "Set Order (Strong)"),
        ("Date,Workout Name,Exercise Name,Set Order,Weight", 'Its columns: "Date", "Workout Name", "Exercise Name"'),
        ("Date,Workout Name,Set Order", "Exercise Name"),
        ('"Date,Workout Name,Exercise Name,Set Order', "does not begin"),
        ('"Date"x,Workout Name,Exercise Name,Set Order', "does not begin"),
        (STRONG.replace("Weight", "Weight (stone)"), '"Weight (stone)" is not known: expected kg or lb'),
        (STRONG.replace("Weight", "Weight (km)"), '"Weight (km)" is not known: expected kg or lb'),
        (HEVY.replace("distance_km", "distance_furlongs"), "expected km, miles or meters"),
        (f"{HEVY},Weight (kg)", 'two columns for weight: "weight_kg", "Weight (kg)"'),
        (f"{STRONG},Date", "two columns for start"),
    ],
)
def test_other_files_are_refused_at_once(header: str, said: str) -> None:
    with pytest.raises(UnknownFormat) as caught:
        read_export(lambda: [header], OSLO)
    assert said in str(caught.value)


def test_no_file_at_all() -> None:
    with pytest.raises(UnknownFormat):
        read_export(list, OSLO)


def test_a_header_alone_says_nothing() -> None:
    assert list(read_export(lambda: [STRONG], OSLO)) == []


@pytest.mark.parametrize("column", ["weight_note", "distance_to_gym"])
def test_an_unknown_column_beside_the_known_is_ignored(column: str) -> None:
    assert set_of(f"{HEVY},{column}", HEVY_SQUAT).weight == 100


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("28 Mar 2024, 17:29", "2024-03-28T16:29:00"),
        ("1 September 2024, 07:05", "2024-09-01T05:05:00"),
        ("8 Sept. 2024 07:05", "2024-09-08T05:05:00"),
        ("Mar 28, 2024, 5:29 PM", "2024-03-28T16:29:00"),
        ("Mar 28, 2024, 5:29\u202fPM", "2024-03-28T16:29:00"),
        ("may 3, 2024, 12:00 a.m.", "2024-05-02T22:00:00"),
        ("May 3, 2024, 12:00 PM", "2024-05-03T10:00:00"),
        ("2024-03-28 17:29:00", "2024-03-28T16:29:00"),
        ("2024-03-28T17:29:00", "2024-03-28T16:29:00"),
        ("2024-03-28T17:29:00.123456789", "2024-03-28T16:29:00"),
        ("2024-03-28T17:29:00Z", "2024-03-28T17:29:00"),
        ("2024-03-28T17:29:00-05:00", "2024-03-28T22:29:00"),
        ("2024-03-28 17:29:00 +0530", "2024-03-28T11:59:00"),
        # Skipped by the clocks: forward. Repeated by the clocks: the first.
        ("31 Mar 2024, 02:30", "2024-03-31T01:30:00"),
        ("31 Mar 2024, 03:30", "2024-03-31T01:30:00"),
        ("27 Oct 2024, 02:30", "2024-10-27T00:30:00"),
        ("27 Oct 2024, 03:30", "2024-10-27T02:30:00"),
    ],
)
@pytest.mark.parametrize(("header", "row", "column"), [(HEVY, HEVY_SQUAT, "start_time"), (STRONG, SQUAT, "Date")])
def test_dates(header: str, row: dict[str, str], column: str, text: str, iso: str) -> None:
    session = session_of(file_of(header, row | {column: text}))
    assert session.started_at.isoformat() == f"{iso}+00:00"


def test_dates_do_not_depend_on_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendar.month_abbr", ["", *"abcdefghijkl"])
    assert session_of(file_of(HEVY, HEVY_SQUAT)).started_at.month == 3


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2024-02-30 10:00:00",
        "2024-02-28 25:00:00",
        "2024-02-28 10:00:00+99:00",
        "28 Ma 2024, 17:29",
        "28 Mar 2024, 17:60",
        "31 Apr 2024, 17:29",
        "Mar 28, 2024, 13:29 PM",
        "٢٨ Mar 2024, 17:29",
        "0000-01-01 00:00:00",
    ],
)
def test_bad_dates(text: str) -> None:
    assert reason_of(STRONG, SQUAT | {"Date": text}) == f'the date "{text}" cannot be read'


@pytest.mark.parametrize("text", ["1969-12-31 23:00:00", "0001-01-01 00:00:00", "2200-01-02 00:00:00"])
def test_dates_out_of_range(text: str) -> None:
    assert reason_of(STRONG, SQUAT | {"Date": text}) == f'the date "{text[:10]}" is not between 1970 and 2199'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 23m", 4980),
        ("45m", 2700),
        ("58s", 58),
        ("1h", 3600),
        ("1h23m5s", 4985),
        ("2 hours 3 min", 7380),
        ("1:05:00", 3900),
        ("3900", 3900),
        ("3900.0", 3900),
        ("24h", 86400),
        ("0s", None),
        ("25h", None),
        ("1:05", None),
        ("an hour", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_durations_of_strong(text: str, seconds: int | None) -> None:
    session = session_of(file_of(STRONG, SQUAT | {"Duration": text}))
    ended_at = None if seconds is None else session.started_at + timedelta(seconds=seconds)
    assert session.ended_at == ended_at


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("28 Mar 2024, 17:29", "28 Mar 2024, 18:29", 60),
        ("28 Mar 2024, 23:30", "29 Mar 2024, 00:15", 45),
        ("31 Mar 2024, 01:30", "31 Mar 2024, 03:30", 60),
        ("27 Oct 2024, 01:30", "27 Oct 2024, 02:30", 60),
        ("27 Oct 2024, 02:50", "27 Oct 2024, 02:10", 20),
        ("28 Mar 2024, 17:29", "28 Mar 2024, 17:28", None),
        ("28 Mar 2024, 17:29", "30 Mar 2024, 17:29", None),
        ("28 Mar 2024, 17:29", "later", None),
        ("28 Mar 2024, 17:29", "0001-01-01 00:00:00", None),
        ("28 Mar 2024, 17:29", "", None),
    ],
)
def test_ends_of_hevy(start: str, end: str, minutes: int | None) -> None:
    session = session_of(file_of(HEVY, HEVY_SQUAT | {"start_time": start, "end_time": end}))
    ended_at = None if minutes is None else session.started_at + timedelta(minutes=minutes)
    assert session.ended_at == ended_at


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        *(("1", "working"), ("12", "working"), ("", "working")),
        *(("W", "warmup"), ("w", "warmup"), ("D", "drop"), ("d", "drop"), ("F", "failure"), ("f", "failure")),
    ],
)
def test_kinds_of_set_of_strong(order: str, kind: str) -> None:
    assert strong(set_order=order).set_type == kind


@pytest.mark.parametrize(
    ("text", "value"),
    [("8", "8"), ("8.5", "8.5"), ("8,5", "8.5"), ("10.0", "10"), ("1", "1")]
    + [(text, None) for text in ("", "0", "8.3", "11", "0.5", "hard", "-8", "8.00000000001")],
)
def test_an_rpe_is_a_half_step_or_nothing(text: str, value: str | None) -> None:
    row = SQUAT | {"RPE": text}
    assert set_of(STRONG, row).rpe == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("82,5", "82.5"), ("82.5", "82.5"), ("1,500", "1.5"), (".5", "0.5"), ("80.", "80"), ("+80", "80")],
)
def test_decimals(text: str, value: str) -> None:
    assert set_of(STRONG_OLD, SQUAT | {"Weight": text}).weight == Decimal(value)


def test_a_quoted_decimal_comma_between_commas() -> None:
    assert strong(weight="82,5").weight == Decimal("82.5")
    assert strong(weight="0,125").weight == Decimal("0.125")


def test_weights_are_kept_to_the_thousandth() -> None:
    assert str(strong(weight="61.2349695").weight) == "61.235"
    assert strong(weight="0.0001").weight is None


def test_zero_is_nothing() -> None:
    done = strong(weight="0.0", distance="0", seconds="-0")
    assert (done.weight, done.distance_m, done.duration_seconds, done.reps) == (None, None, None, 5)
    done = strong(reps="0", seconds="59.6")
    assert (done.reps, done.duration_seconds) == (None, 60)


def test_the_most_that_is_taken() -> None:
    done = strong(weight="1000", reps="1000", seconds="86400", distance="1000")
    assert (done.weight, done.reps, done.duration_seconds, done.distance_m) == (
        Decimal(1000),
        1000,
        86400,
        Decimal(1_000_000),
    )
    assert set_of(STRONG_OLD, SQUAT | {"Weight": "2204.622", "Weight Unit": "lb"}).weight == Decimal("2204.622")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Date": ""}, "the workout has no date"),
        ({"Exercise Name": " "}, "the exercise has no name"),
        ({"Exercise Name": "x" * 121}, "the name of the exercise is longer than 120 characters"),
        ({"Set Order": "X"}, 'the kind of set "X" is not known'),
        ({"Reps": "5.5"}, "reps must be a whole number"),
        ({"Reps": "1001"}, "reps must be at most 1000"),
        ({"Reps": "9" * 5000}, "reps must be at most 1000"),
        ({"Reps": "-5"}, "reps must not be negative"),
        ({"Reps": "five"}, 'reps is not a number: "five"'),
        ({"Reps": "NaN"}, 'reps is not a number: "NaN"'),
        ({"Reps": "1e3"}, 'reps is not a number: "1e3"'),
        ({"Reps": "\u0665"}, 'reps is not a number: "\u0665"'),
        ({"Reps": "z" * 50}, f'reps is not a number: "{"z" * 40}…"'),
        ({"Weight": "-1"}, "weight must not be negative"),
        ({"Weight": "heavy"}, 'weight is not a number: "heavy"'),
        ({"Weight": "1.234,5"}, "weight must be at most 1000 kg"),
        ({"Weight": "1,000"}, 'weight is not a number: "1,000"'),
        ({"Weight": "1000.1"}, "weight must be at most 1000 kg"),
        ({"Distance": "-1"}, "distance must not be negative"),
        ({"Distance": "far"}, 'distance is not a number: "far"'),
        ({"Distance": "1000.1"}, "distance must be at most 1000000 m"),
        ({"Seconds": "-1"}, "seconds must not be negative"),
        ({"Seconds": "1:3"}, 'seconds is not a number: "1:3"'),
        ({"Seconds": "86401"}, "seconds must be at most 86400"),
        ({"Weight": "0", "Reps": "0"}, "nothing was done in this set"),
        ({"Reps": ""}, "nothing was done in this set"),
        ({"Reps": "", "RPE": "8"}, "nothing was done in this set"),
        ({"Set Order": "Rest Timer", "Seconds": "120"}, "not a set: rest timer"),
        ({"Set Order": "Note", "Notes": "Belt"}, "not a set: note"),
        ({"Set Order": "note", "Notes": ""}, "not a set: note"),
    ],
)
def test_reasons_for_strong(cells: dict[str, str], reason: str) -> None:
    assert reason_of(STRONG, SQUAT | cells) == reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Weight Unit": "stone"}, 'the weight unit "stone" is not known'),
        ({"Weight Unit": "lb", "Weight": "2204.7"}, "weight must be at most 1000 kg"),
        ({"Distance": "1", "Distance Unit": "furlong"}, 'the distance unit "furlong" is not known'),
        ({"Distance": "622", "Distance Unit": "mi"}, "distance must be at most 1000000 m"),
    ],
)
def test_reasons_for_units(cells: dict[str, str], reason: str) -> None:
    assert reason_of(STRONG_OLD, SQUAT | cells) == reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"start_time": "soon"}, 'the date "soon" cannot be read'),
        ({"set_type": "myo"}, 'the kind of set "myo" is not known'),
        ({"set_type": "1"}, 'the kind of set "1" is not known'),
        ({"reps": ""}, "nothing was done in this set"),
        ({"duration_seconds": "x"}, 'seconds is not a number: "x"'),
    ],
)
def test_reasons_for_hevy(cells: dict[str, str], reason: str) -> None:
    assert reason_of(HEVY, HEVY_SQUAT | cells) == reason


def test_rows_that_are_broken_leave_the_others_alone() -> None:
    good = file_of(STRONG, SQUAT)[1]
    text = "".join(
        [
            STRONG + "\r\n",
            "2021-02-14,too,few\r\n",
            good,
            good.rstrip() + ",one more\r\n",
            '"a" b,' + good,
            "\r\n",
            ";,,,;\r\n",
            ",,,,,,,,,,,\r\n",
            "x" * 140_000 + "\r\n",
            good,
            '"never closed,' + good,
        ]
    )
    (session,), reasons = outcome(lines_of(text))
    assert [done.row for done in session.sets] == [3, 10]
    assert reasons == {
        2: "the row has 3 columns and not 12 like the header",
        4: "the row has 13 columns and not 12 like the header",
        5: "the row is not valid CSV: ',' expected after '\"'",
        7: "the row has 4 columns and not 12 like the header",
        9: "the row is not valid CSV: field larger than field limit (131072)",
        11: "the row is not valid CSV: unexpected end of data",
    }


def test_a_line_end_within_a_row() -> None:
    _, reasons = outcome([STRONG, "a\rb,c\n"])
    assert reasons == {2: "the row is not valid CSV: new-line character seen in unquoted field"}


def test_texts_are_cleaned_and_cut() -> None:
    row = SQUAT | {
        "Workout Name": "  Leg\n day\x00 " + "x" * 200,
        "Exercise Name": " Squat\t (Barbell)\x00 ",
        "Notes": "\x00 " + "n" * 3000,
        "Workout Notes": " \ud800" + "w" * 3000,
    }
    session = session_of(file_of(STRONG, row))
    assert session.name == "Leg day " + "x" * 112
    assert session.notes == "w" * 2000
    assert session.sets[0].exercise == "Squat (Barbell)"
    assert session.sets[0].notes == "n" * 2000
    blank = session_of(file_of(STRONG, SQUAT | {"Workout Name": " ", "Notes": "\x00", "Workout Notes": "\n"}))
    assert (blank.name, blank.notes, blank.sets[0].notes) == (None, None, None)


def test_rows_of_a_workout_need_not_be_adjacent() -> None:
    other = SQUAT | {"Workout Name": "Run"}
    later = SQUAT | {"Date": "2021-02-14 17:05:27"}
    sessions, _ = outcome(file_of(STRONG, SQUAT, other, SQUAT, later, other, SQUAT))
    assert [[done.row for done in session.sets] for session in sessions] == [[2, 4, 7], [3, 6], [5]]
    assert len({session.key for session in sessions}) == 3


def test_workouts_of_strong_are_told_apart_by_their_number() -> None:
    row = SQUAT | {"Weight (kg)": "100"}
    sessions, _ = outcome(file_of(STRONG_NEW, *(row | {"Workout #": number} for number in ("7", "8", "7"))))
    assert [[done.row for done in session.sets] for session in sessions] == [[2, 4], [3]]
    key = "strong\n2021-02-14T17:05:26\nEvening Workout"
    assert [session.key for session in sessions] == [key, f"{key}\n2"]


def test_a_key_is_the_same_in_every_export() -> None:
    new = {**SQUAT, "Workout #": "3", "Weight (kg)": "100", "Duration (sec)": "60"}
    lisbon = Units(WeightUnit.LB, DistanceUnit.MI, "Europe/Lisbon")
    keys = {
        session_of(file_of(STRONG, SQUAT)).key,
        session_of(file_of(STRONG_OLD, SQUAT), lisbon).key,
        session_of(file_of(STRONG_NEW, new)).key,
    }
    assert len(keys) == 1
    starts = ("28 Mar 2024, 17:29", "Mar 28, 2024, 5:29 PM", "2024-03-28 17:29:41", "2024-03-28T17:29:41+05:00")
    assert len({session_of(file_of(HEVY, HEVY_SQUAT | {"start_time": start})).key for start in starts}) == 1


def test_workouts_without_sets_are_none() -> None:
    sessions, reasons = outcome(file_of(STRONG, SQUAT | {"Reps": "x"}, SQUAT | {"Set Order": "Note", "Notes": "n"}))
    assert sessions == []
    assert len(reasons) == 2


def test_notes_go_to_the_first_set_of_their_exercise() -> None:
    note = SQUAT | {"Set Order": "Note", "Notes": "Belt"}
    bench = SQUAT | {"Exercise Name": "Bench Press (Barbell)"}
    rows = [note, bench, SQUAT | {"Notes": "Deep"}, SQUAT, note | {"Notes": "x" * 3000}, note | {"Notes": ""}]
    (session,), reasons = outcome(file_of(STRONG, *rows))
    assert [done.notes for done in session.sets] == [None, ("Deep\nBelt\n" + "x" * 2000)[:2000], None]
    assert list(reasons) == [2, 6, 7]


def test_what_only_a_later_row_says_counts() -> None:
    session = session_of(file_of(STRONG, SQUAT, SQUAT | {"Duration": "30m", "Workout Notes": "Late"}))
    assert session.ended_at == session.started_at + timedelta(minutes=30)
    assert session.notes == "Late"


def test_many_supersets() -> None:
    rows = [HEVY_SQUAT | {"superset_id": str(number)} for number in (9, 3, 9, *range(100, 126))]
    session = session_of(file_of(HEVY, *rows))
    assert [done.superset for done in session.sets][:3] == ["A", "B", "A"]
    assert [done.superset for done in session.sets][-3:] == ["Z", "AA", "AB"]


def test_a_hundred_thousand_rows_are_read() -> None:
    row = file_of(STRONG, SQUAT)[1]
    sessions, reasons = outcome([STRONG, *[row] * 100_000, "\r\n"])
    assert len(sessions[0].sets) == 100_000
    assert reasons == {}


@pytest.mark.parametrize("row", ["no set\r\n", '"no"CSV\r\n'])
def test_one_more_is_too_many(row: str) -> None:
    with pytest.raises(TooManyRows, match="more than 100,000 rows"):
        list(read_export(lambda: [STRONG, *[row] * 100_001], OSLO))


def test_the_most_rows_can_be_less() -> None:
    lines = file_of(STRONG, SQUAT, SQUAT)
    assert len(list(read_export(lambda: lines, OSLO, max_rows=2))) == 1
    with pytest.raises(TooManyRows):
        list(read_export(lambda: lines, OSLO, max_rows=1))


def test_bad_rows_are_told_before_workouts() -> None:
    found = list(read_export(lambda: [STRONG, file_of(STRONG, SQUAT)[1], "bad\n"], OSLO))
    assert [type(one) for one in found] == [RejectedRow, ImportedWorkout]


cells = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            *("1", "0", "-1", "82,5", "9" * 400, "W", "Note", "Rest Timer", "normal", "kg", "mi", "1h 2m"),
            *("2024-03-31 02:30:00", "28 Mar 2024, 17:29", "0001-01-01 00:00:00", "9999-12-31T23:59:59+00:01"),
            *("Squat", '"', "\r", "\n"),
        ]
    ),
)


def check(lines: list[str]) -> None:
    """Reads the lines; whatever they are, what comes out keeps its promises."""
    try:
        found = list(read_export(lambda: lines, OSLO))
    except (UnknownFormat, TooManyRows):
        return
    sessions = [one for one in found if isinstance(one, ImportedWorkout)]
    assert len({session.key for session in sessions}) == len(sessions)
    rows = [done.row for session in sessions for done in session.sets]
    rows += [one.row for one in found if isinstance(one, RejectedRow)]
    assert len(set(rows)) == len(rows)
    for session in sessions:
        assert session.sets
        assert session.ended_at is None or timedelta() <= session.ended_at - session.started_at <= timedelta(days=1)
        for done in session.sets:
            assert done.reps or done.duration_seconds or done.distance_m


@settings(derandomize=True, database=None, max_examples=200, deadline=None)
@given(header=st.sampled_from(["", *HEADERS.values()]), text=st.text())
def test_any_text_is_read_or_refused(header: str, text: str) -> None:
    check(lines_of(f"{header}\n{text}"))
    check([f"{header}\n", text])


@settings(derandomize=True, database=None, max_examples=300, deadline=None)
@given(data=st.data(), header=st.sampled_from(list(HEADERS.values())))
def test_any_cells_are_read_or_refused(data: st.DataObject, header: str) -> None:
    names = header.replace(";", ",").split(",")
    typical = {**SQUAT, **HEVY_SQUAT}
    rows = data.draw(
        st.lists(st.fixed_dictionaries({name: st.one_of(st.just(typical.get(name, "")), cells) for name in names}))
    )
    check(file_of(header, *rows))
