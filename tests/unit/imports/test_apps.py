"""Exports of FitNotes, Fitbod and JEFIT, as seen in public repositories."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from src.imports.reading import ImportedWorkout, RejectedRow, TooManyRows, UnknownFormat, check_beginning, read_export
from src.vocabulary import SetType, WeightUnit
from tests.support.exports import JEFIT, OSLO, UTC_LB, lines_of, outcome

FITNOTES = "Date,Exercise,Category,Weight (lbs),Reps,Distance,Distance Unit,Time"
FITNOTES_UNIT = "Date,Exercise,Category,Weight,Weight Unit,Reps,Distance,Distance Unit,Time,Comment"
FITNOTES_IOS = "Date,Exercise,Category,Weight (kg),Weight (lbs),Reps,Distance,Distance Unit,Time,Notes,Kind"
FITBOD = "Date,Exercise,Reps,Weight(kg),Duration(s),Distance(m),Incline,Resistance,isWarmup,Note,multiplier"


def test_fitnotes() -> None:
    (first, second), reasons = outcome(
        lines_of(f"""{FITNOTES}
2017-06-23,Pushups,Chest,0.0,22,,,
2017-06-23,Flat Barbell Bench Press,Chest,135.0,8,,,
2017-06-23,Running (Treadmill),Cardio,,,1.23,mi,0:09:21
2017-06-24,Plank,Abs,,,,,1:30
2017-06-24,Nothing,Abs,,,,,
""")
    )
    assert reasons == {6: "nothing was done in this set"}
    # A day without a time of day is at its noon.
    assert first.started_at == datetime(2017, 6, 23, 10, 0, tzinfo=UTC)
    assert (first.key, first.name, first.ended_at) == ("fitnotes\n2017-06-23T12:00\n", None, None)
    pushups, bench, run = first.sets
    assert (pushups.weight, pushups.reps) == (None, 22)
    assert (bench.weight, bench.weight_unit, bench.reps) == (Decimal(135), WeightUnit.LB, 8)
    assert (run.distance_m, run.duration_seconds) == (Decimal("1979.49"), 561)
    assert second.sets[0].duration_seconds == 90


def test_fitnotes_does_not_quote_the_commas_of_names() -> None:
    (day,), reasons = outcome(
        lines_of(f"""{FITNOTES_UNIT}
2025-04-29,Overhead Press (Each Side, Dumbbells),Shoulders,8.0,kgs,5,,,,
2025-04-29,A, B, C,Back,20,kgs,5,,,,Slow
2025-04-29,Row,Back,20,lbs,5,,,,Slow
2025-04-29,Broken, B, C, D
2025-04-29,Row,Back,heavy,lbs,5,,,,Slow
""")
    )
    assert [done.exercise for done in day.sets] == ["Overhead Press (Each Side, Dumbbells)", "A, B, C", "Row"]
    assert [(done.weight, done.weight_unit, done.notes) for done in day.sets] == [
        (Decimal(8), "kg", None),
        (Decimal(20), "kg", "Slow"),
        (Decimal(20), "lb", "Slow"),
    ]
    assert reasons == {
        5: "the row has 5 columns and not 10 like the header",
        6: 'weight is not a number: "heavy"',
    }


def test_fitnotes_for_ios() -> None:
    (day,), reasons = outcome(
        lines_of(f"""{FITNOTES_IOS}
2024-11-02,Squat,Legs,100,,5,,,,Deep,wr
2024-11-02,Squat,Legs,,225,5,,,,,wr
2024-11-02,Run,Cardio,,,,5,km,00:25:30,,dt
2024-11-02,Run,Cardio,,,,1,parsec,,,d
""")
    )
    assert [(done.weight, done.weight_unit) for done in day.sets[:2]] == [(Decimal(100), "kg"), (Decimal(225), "lb")]
    assert (day.sets[2].distance_m, day.sets[2].duration_seconds) == (Decimal(5000), 1530)
    assert reasons == {5: 'the distance unit "parsec" is not known'}


def test_fitbod() -> None:
    export = read_export(
        lambda: lines_of(f"""{FITBOD}
2025-12-17 03:24:30 +0000,Dumbbell Row, 8,34.01946820767298,0.0,0.0,0.0,0.0,false,, 2.0
2025-12-17 03:24:30 +0000,Back Squat, 4,20.41168092460379,0.0,0.0,0.0,0.0,true,Easy, 1.0
2025-12-17 03:24:30 +0000,Running, 0,0.0,600.0,1500.0,0.0,0.0,false,, 0.0
2025-12-19 03:24:30 +0000,Back Squat, 4,20,0.0,0.0,0.0,0.0,maybe,, 1.0
"""),
        UTC_LB,
    )
    rejected, workout = list(export)
    assert export.ignored == ["Incline", "Resistance", "multiplier"]
    assert isinstance(workout, ImportedWorkout)
    assert workout.started_at == datetime(2025, 12, 17, 3, 24, 30, tzinfo=UTC)
    row, squat, run = workout.sets
    # Of one dumbbell, however many there were.
    assert (row.weight, row.weight_unit, row.reps) == (Decimal("34.019"), WeightUnit.KG, 8)
    assert (squat.set_type, squat.notes, row.set_type) == (SetType.WARMUP, "Easy", SetType.WORKING)
    assert (run.reps, run.weight, run.duration_seconds, run.distance_m) == (None, None, 600, Decimal(1500))
    assert rejected == RejectedRow(5, 'whether the set was a warm-up is not known: "maybe"')


def test_fitbod_of_old_counts_sets() -> None:
    (day,), reasons = outcome(
        lines_of("""Date,Exercise,Sets,Reps,Weight,isWarmup,Note
2019-02-13,Chin Up,1,5,0,,
2019-02-13,Back Squat,3,10,60,TRUE,
2019-02-13,Back Squat,101,10,60,,
2019-02-13,Back Squat,1.5,10,60,,
""")
    )
    assert [(done.row, done.reps) for done in day.sets] == [(2, 5), (3, 10), (3, 10), (3, 10)]
    assert day.sets[3].set_type == SetType.WARMUP
    assert set(reasons) == {4, 5}


def test_jefit() -> None:
    export = read_export(lambda: lines_of(JEFIT), OSLO)
    found = list(export)
    workouts = [one for one in found if isinstance(one, ImportedWorkout)]
    assert (export.app, export.ignored) == ("jefit", ["PROFILE"])
    first, second, third = workouts
    assert first.started_at == datetime(2010, 11, 28, 5, 0, tzinfo=UTC)
    assert first.ended_at == datetime(2010, 11, 28, 6, 0, tzinfo=UTC)
    assert first.key == "jefit\n2010-11-28T05:00:00\n"
    assert [(done.weight, done.reps, done.set_type.value, done.notes) for done in first.sets] == [
        (Decimal(50), 15, "warmup", "Slow,\ndeep"),
        (Decimal("55.5"), 12, "working", None),
        (Decimal(100), 5, "working", None),
    ]
    assert {done.weight_unit for done in first.sets} == {WeightUnit.LB}
    # A load that only the packed form has was typed before, and not lifted; a day without a session is at its noon.
    assert [(done.weight, done.reps, done.duration_seconds, done.distance_m) for done in second.sets] == [
        (None, 8, None, None),
        (None, None, 300, Decimal("1609.34")),
    ]
    assert second.started_at == datetime(2012, 1, 5, 11, 0, tzinfo=UTC)
    assert (third.sets[0].exercise, third.sets[0].duration_seconds) == ("Pull Up", 1200)
    assert third.sets[0].distance_m == 2000
    lines = JEFIT.splitlines()
    reasons = {lines[one.row - 1]: one.reason for one in found if isinstance(one, RejectedRow)}
    assert [(line[:2], reason) for line, reason in reasons.items()] == [
        ("19", 'the sets "many" cannot be read'),
        ("2,", "the exercise has no name in the file"),
        ("2,", "a note on an exercise without a set"),
    ]


def test_the_unit_of_jefit_shows_in_its_pounds() -> None:
    text = JEFIT.replace('" lbs"', '""').replace("50.0x15,55.5x12", "22.6796x15,25.1744x12")
    first = next(one for one in read_export(lambda: lines_of(text), UTC_LB) if isinstance(one, ImportedWorkout))
    assert [(done.weight, done.weight_unit) for done in first.sets[:2]] == [
        (Decimal("22.68"), WeightUnit.KG),
        (Decimal("25.174"), WeightUnit.KG),
    ]


def test_jefit_without_what_was_done_is_refused() -> None:
    text = JEFIT.replace("EXERCISE LOGS", "OTHER LOGS").replace("CARDIO LOGS", "OTHER CARDIO")
    with pytest.raises(UnknownFormat, match="EXERCISE LOGS"):
        read_export(lambda: lines_of(text), OSLO)
    with pytest.raises(TooManyRows):
        read_export(lambda: lines_of(JEFIT), OSLO, max_rows=5)
    check_beginning(JEFIT)


def test_a_quote_that_jefit_never_closed_is_told() -> None:
    found = list(read_export(lambda: lines_of(JEFIT.replace('"many"', '"many')), OSLO))
    assert next(one.reason for one in found if isinstance(one, RejectedRow)).startswith("the row is not valid CSV")
    assert sum(len(one.sets) for one in found if isinstance(one, ImportedWorkout)) >= 3
