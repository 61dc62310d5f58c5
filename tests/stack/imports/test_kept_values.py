"""A match by name must be able to hold what the file has; what is left out is said."""

from typing import Any

import asyncpg

from dev.stack import Stack
from src.core.config import Settings
from tests.support.import_files import hevy, imported, sets_of, strong, workouts_of
from tests.support.people import Person
from tests.support.workouts import kg


async def test_carries_bands_and_bikes(ana: Person, settings: Settings) -> None:
    result = await imported(
        ana, hevy("Farmers Walk,40,,0.03,", "Lateral Raise (Band),15,12,,", "Cycling (Indoor),,,12.5,1800"), settings
    )
    assert (result["rows"], result["exercises_added"]) == ({"imported": 3, "duplicate": 0, "rejected": 0}, [])
    assert await sets_of(ana) == [
        ("Farmer's Walk", "weight_duration", {"weight": kg(40), "distance_m": 30}),
        ("Band Lateral Raise", "reps", {"weight": kg(15), "reps": 12}),
        ("Stationary Bike", "distance_duration", {"distance_m": 12_500, "duration_seconds": 1800}),
    ]
    assert [line["imported_without"] for line in result["report"]] == [[]]


async def test_whatever_gyms_record(ana: Person, settings: Settings) -> None:
    """Each row as it is: the exercise of its name, with everything the row has."""
    rows: dict[str, tuple[str, dict[str, Any]]] = {
        "Sled Push,120,,0.02,": ("Sled Push", {"weight": kg(120), "distance_m": 20}),
        "Rucking,20,,5,3600": ("Ruck", {"weight": kg(20), "distance_m": 5000, "duration_seconds": 3600}),
        "Plank,10,,,60": ("Plank", {"weight": kg(10), "duration_seconds": 60}),
        "Wall Sit,20,,,45": ("Wall Sit", {"weight": kg(20), "duration_seconds": 45}),
        "Broad Jump,,3,0.0024,": ("Broad Jump", {"reps": 3, "distance_m": 2.4}),
        "Walking Lunge,20,24,0.03,": ("Walking Lunge", {"weight": kg(20), "reps": 24, "distance_m": 30}),
        "Kettlebell Swing,24,20,,60": ("Kettlebell Swing", {"weight": kg(24), "reps": 20, "duration_seconds": 60}),
        "Burpee,,50,,180": ("Burpee", {"reps": 50, "duration_seconds": 180}),
        "Jump Rope,,120,,60": ("Jump Rope", {"reps": 120, "duration_seconds": 60}),
        "Air Bike,,,3,": ("Assault Bike", {"distance_m": 3000}),
        "Pull Up (Assisted),25,8,,40": ("Assisted Pull-Up", {"assist": kg(25), "reps": 8, "duration_seconds": 40}),
        "Treadmill Run,10,,2,600": ("Treadmill Run", {"weight": kg(10), "distance_m": 2000, "duration_seconds": 600}),
    }
    result = await imported(ana, hevy(*rows), settings)
    assert (result["rows"]["imported"], result["exercises_added"]) == (len(rows), [])
    assert [(name, recorded) for name, _, recorded in await sets_of(ana)] == list(rows.values())


async def test_another_exercise_holds_what_the_matched_one_cannot(ana: Person, settings: Settings) -> None:
    file = hevy("Plank,,,,60", "Plank,,15,,", "Kettlebell Swing,24,,,60", "Sled Gizmo,50,5,,", "Sled Gizmo,50,,0.02,")
    result = await imported(ana, file, settings)
    assert result["rows"]["imported"] == 5
    assert result["exercises_added"] == [
        "Plank (reps)",
        "Kettlebell Swing (weight and time)",
        "Sled Gizmo",
        "Sled Gizmo (weight and time)",
    ]
    assert [(kind, recorded) for _, kind, recorded in await sets_of(ana)] == [
        ("duration", {"duration_seconds": 60}),
        ("reps", {"reps": 15}),
        ("weight_duration", {"weight": kg(24), "duration_seconds": 60}),
        ("weight_reps", {"weight": kg(50), "reps": 5}),
        ("weight_duration", {"weight": kg(50), "distance_m": 20}),
    ]
    again = await imported(ana, file, settings)
    assert (again["rows"]["duplicate"], again["exercises_added"], again["report"][0]["differences"]) == (5, [], [])


async def test_an_own_exercise_of_the_name_that_cannot_hold_it(ana: Person, settings: Settings) -> None:
    mine = {"name": "Yoke", "kind": "reps", "primary_muscles": ["full_body"]}
    assert (await ana.post("/api/v1/exercises", json=mine)).status_code == 201
    also = {"name": "Yoke (weight and time)", "kind": "duration", "primary_muscles": ["full_body"]}
    assert (await ana.post("/api/v1/exercises", json=also)).status_code == 201
    result = await imported(ana, hevy("Yoke,,3,,", "Yoke,100,,0.02,", "Yoke,100,,,20"), settings)
    assert result["exercises_added"] == ["Yoke (weight and time 2)"]
    assert await sets_of(ana) == [
        ("Yoke", "reps", {"reps": 3}),
        ("Yoke (weight and time 2)", "weight_duration", {"weight": kg(100), "distance_m": 20}),
        ("Yoke (weight and time)", "duration", {"weight": kg(100), "duration_seconds": 20}),
    ]


async def test_what_is_left_out_is_said(ana: Person, settings: Settings) -> None:
    long = "x" * 400
    result = await imported(
        ana,
        strong(f"Squat,1,100,5,0,0,{long},,8", f"Squat,2,100,5,0,0,{long}y,,11", "Squat,3,100,5,0,0,,,8.3"),
        settings,
    )
    assert [(line["from_row"], line["to_row"], line["imported_without"]) for line in result["report"]] == [
        (2, 2, ["notes"]), (3, 3, ["rpe", "notes"]), (4, 4, ["rpe"]),
    ]  # fmt: skip
    (workout,) = await workouts_of(ana)
    assert workout["exercises"][0]["notes"] == f"{long}\n{'x' * 99}"


async def test_notes_of_every_set_are_kept(ana: Person, settings: Settings) -> None:
    result = await imported(
        ana, strong("Squat,1,100,5,0,0,deep", "Squat,2,100,5,0,0,deep", "Squat,3,90,5,0,0,slow"), settings
    )
    (workout,) = await workouts_of(ana)
    assert workout["exercises"][0]["notes"] == "deep\nslow"
    assert [line["imported_without"] for line in result["report"]] == [[]]


async def test_more_sets_and_more_turns_than_a_workout_has_places(ana: Person, settings: Settings) -> None:
    turns = [f"{name},{order},50,5,0,0" for order in range(60) for name in ("Squat", "Bench Press (Barbell)")]
    result = await imported(ana, strong(*turns, *["Deadlift (Barbell),1,100,1,0,0"] * 101), settings)
    assert result["rows"] == {"imported": 221, "duplicate": 0, "rejected": 0}
    (workout,) = await workouts_of(ana)
    names = [(exercise["exercise_name"], len(exercise["sets"])) for exercise in workout["exercises"]]
    assert names == [("Back Squat", 60), ("Bench Press", 60), ("Deadlift", 100), ("Deadlift", 1)]


async def test_who_has_too_many_exercises_is_told_so(ana: Person, settings: Settings, stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "insert into public.exercises (user_id, name, kind, primary_muscles)"
            " select $1, 'Mine ' || n, 'reps', '{abs}' from generate_series(1, 1000) as n",
            ana.id,
        )
    finally:
        await connection.close()
    result = await imported(ana, hevy("Gizmo,5,5,,", "Squat,100,5,,"), settings)
    assert result["rows"] == {"imported": 1, "duplicate": 0, "rejected": 1}
    assert "exercises of your own; delete one first" in result["report"][0]["reason"]
