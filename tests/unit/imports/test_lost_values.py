"""Exports that once lost what was recorded, as people sent them."""

from decimal import Decimal

from tests.support.exports import OSLO, STRONG, STRONG_NEW, lines_of, outcome, session_of


def test_columns_named_by_their_units() -> None:
    workout = session_of(
        lines_of("""Date,Workout Name,Exercise Name,Set Order,kg,Reps,km,Seconds,Notes
2016-10-03 19:30:55,"A1","Squat",0,70.0,5,0.0,0,""
2016-10-03 19:30:55,"A1","Running",0,0.0,0,5.0,1500,""
""")
    )
    squat, run = workout.sets
    assert (squat.weight, squat.weight_unit, squat.reps) == (Decimal(70), "kg", 5)
    assert (run.weight, run.reps, run.distance_m, run.duration_seconds) == (None, None, Decimal(5000), 1500)


def test_cells_beyond_the_header() -> None:
    workout = session_of(
        lines_of(f"""{STRONG}
2023-05-09 11:37:42,"Push",40m,"Squat (Barbell)",1,100,5,0,0,"","",,
""")
    )
    assert [(done.weight, done.reps) for done in workout.sets] == [(Decimal(100), 5)]


def test_units_with_a_dot() -> None:
    workout = session_of(
        lines_of(
            "Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;"
            'Notes;Workout Notes;Workout Duration\n2023-05-09 11:37:42;"Pull";"Running";1;;;;;2;mi.;1000;"";;1h 8m\n'
        )
    )
    assert [(done.distance_m, done.duration_seconds) for done in workout.sets] == [(Decimal("3218.69"), 1000)]


def test_months_of_more_than_one_language() -> None:
    header = (
        '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
        '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
    )
    days = ("10 Mai 2025", "28 Abr 2025", "8 dic 2024", "4 ene 2024")
    rows = [f'"A","{day}, 10:05","{day}, 11:00","","Squat (Barbell)",,"",0,"normal",60,10,,,\n' for day in days]
    workouts, reasons = outcome([header + "\n", *rows])
    assert reasons == {}
    assert [str(workout.started_at.date()) for workout in workouts] == [
        *("2025-05-10", "2025-04-28", "2024-12-08", "2024-01-04")
    ]
    assert {(workout.ended_at or workout.started_at) - workout.started_at for workout in workouts} == {
        workouts[0].ended_at and workouts[0].ended_at - workouts[0].started_at
    }


def test_a_clock_of_12_hours() -> None:
    workout = session_of(
        lines_of(f"""{STRONG}
2023-08-14 5:29:00\u202fPM,"Push",58m,"Bench Press (Barbell)",1,80.0,5,0,0.0,"","",
""")
    )
    assert workout.key.startswith("strong\n2023-08-14T17:29:00\n")
    assert (OSLO.timezone, workout.started_at.isoformat()) == ("Europe/Oslo", "2023-08-14T15:29:00+00:00")


def test_words_for_kinds_of_set() -> None:
    workout = session_of(
        lines_of(f"""{STRONG_NEW}
"1";"2025-07-09 17:50:06";"Legs";"2837";"Squat (Barbell)";"WARM_UP";"60";"5";"";"";"";"";""
"1";"2025-07-09 17:50:06";"Legs";"2837";"Squat (Barbell)";"1";"100";"5";"";"";"";"";""
""")
    )
    assert [(done.set_type.value, done.weight, done.reps) for done in workout.sets] == [
        ("warmup", Decimal(60), 5),
        ("working", Decimal(100), 5),
    ]
