"""Importing a file through the API and the worker, on the real stack."""

import gzip

import pytest

from src.core.config import Settings
from tests.support.cases import each_case
from tests.support.import_files import CSV, IMPORT, imported, workouts_of
from tests.support.jobs import drain
from tests.support.people import Person, assert_problem, fields_of
from tests.support.workouts import ledger_of, score_of

STRONG = """\
Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2025-02-14 17:05:26,"Push, heavy",1h 2m,Bench Press (Barbell),W,60,8,0,0,"line one
line two",Good day,
2025-02-14 17:05:26,"Push, heavy",1h 2m,Bench Press (Barbell),1,100,5,0,0,,Good day,8.5
2025-02-14 17:05:26,"Push, heavy",1h 2m,Bench Press (Barbell),2,100,five,0,0,,Good day,
2025-02-14 17:05:26,"Push, heavy",1h 2m,Aunt Erna's Shrug,1,40,12,0,0,,Good day,
2025-02-14 17:05:26,"Push, heavy",1h 2m,Plank,1,0,0,0,90,,Good day,
2025-02-16 23:30:00,Run,30m,Easy Run,1,0,0,5.2,1800,,,
2025-02-17 23:30:00,Run,30m,Easy Run,1,0,0,0,0,,,
"""
HEVY = """\
"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index","set_type","weight_lbs","reps","distance_miles","duration_seconds","rpe"
"Pull","28 Mar 2024, 17:29","28 Mar 2024, 18:30","","Lat Pulldown (Cable)","0","slow","0","warmup","100","10","","",""
"Pull","28 Mar 2024, 17:29","28 Mar 2024, 18:30","","Lat Pulldown (Cable)","0","slow","1","normal","150.5","8","","","9"
"Pull","28 Mar 2024, 17:29","28 Mar 2024, 18:30","","Running","","","0","normal","","","3.1","1500",""
"""


async def test_a_strong_export(ana: Person, settings: Settings) -> None:
    result = await imported(ana, STRONG, settings, timezone="Europe/Oslo", distance_unit="mi")
    assert result["rows"] == {"imported": 5, "duplicate": 0, "rejected": 2}
    assert result["workouts"] == {"imported": 2, "duplicate": 0, "rejected": 0}
    assert result["exercises_added"] == ["Aunt Erna's Shrug"]
    push, run = await workouts_of(ana)
    assert [(line["from_row"], line["to_row"], line["outcome"]) for line in result["report"]] == [
        (2, 3, "imported"), (4, 4, "rejected"), (5, 6, "imported"), (7, 7, "imported"), (8, 8, "rejected"),
    ]  # fmt: skip
    assert result["report"][0]["workout_id"] == push["id"]
    assert "five" in result["report"][1]["reason"]
    assert (push["name"], push["source"], push["notes"]) == ("Push, heavy", "import", "Good day")
    assert (push["started_at"], push["ended_at"]) == ("2025-02-14T16:05:26Z", "2025-02-14T17:07:26Z")
    bench, shrug, plank = push["exercises"]
    assert bench["notes"] == "line one\nline two"
    assert [(one["set_type"], one["weight_kg"], one["rpe"]) for one in bench["sets"]] == [
        ("warmup", 60, None), ("working", 100, 8.5),
    ]  # fmt: skip
    custom = (await ana.get(f"/api/v1/exercises/{shrug['exercise_id']}")).json()
    assert (custom["name"], custom["kind"], custom["is_custom"]) == ("Aunt Erna's Shrug", "weight_reps", True)
    assert plank["sets"][0]["duration_seconds"] == 90
    assert run["local_date"] == "2025-02-16"
    assert run["exercises"][0]["sets"][0]["distance_m"] == pytest.approx(8368.59)
    assert await score_of(ana) == 0
    assert await ledger_of(ana) == []


async def test_a_hevy_export(ana: Person, settings: Settings) -> None:
    result = await imported(ana, HEVY, settings)
    assert result["rows"] == {"imported": 3, "duplicate": 0, "rejected": 0}
    (workout,) = await workouts_of(ana)
    pulldown, run = workout["exercises"]
    assert (pulldown["superset_group"], pulldown["notes"]) == ("A", "slow")
    assert pulldown["sets"][1]["weight"] == {"value": 150.5, "unit": "lb"}
    assert run["kind"] == "distance_duration"
    assert run["sets"][0]["distance_m"] == pytest.approx(4988.97)


async def test_twice_adds_nothing(ana: Person, settings: Settings) -> None:
    await imported(ana, STRONG, settings)
    before = await workouts_of(ana)
    again = await imported(ana, STRONG + "\n", settings)
    assert again["workouts"] == {"imported": 0, "duplicate": 2, "rejected": 0}
    assert again["rows"]["duplicate"] == 5
    assert again["exercises_added"] == []
    assert await workouts_of(ana) == before


async def test_an_exercise_that_was_deleted_since_is_back(ana: Person, settings: Settings) -> None:
    await imported(ana, STRONG, settings)
    push, _ = await workouts_of(ana)
    shrug = f"/api/v1/exercises/{push['exercises'][1]['exercise_id']}"
    assert (await ana.delete(shrug)).status_code == 204
    # The same exercise on another day, with repetitions only: on its own that would make another kind of exercise.
    header, row = STRONG.splitlines()[0], "2025-03-01 10:00:00,Again,1h,Aunt Erna's Shrug,1,0,12,0,0,,,"
    result = await imported(ana, f"{header}\n{row}\n", settings)
    assert (result["workouts"]["imported"], result["exercises_added"]) == (1, [])
    found = (await ana.get("/api/v1/exercises", params={"q": "Aunt Erna's Shrug"})).json()["items"]
    assert found[0]["name"] == "Aunt Erna's Shrug"
    assert (await workouts_of(ana))[-1]["exercises"][0]["kind"] == "weight_reps"


async def test_an_exercise_that_was_renamed_since_is_the_same(ana: Person, settings: Settings) -> None:
    await imported(ana, STRONG, settings)
    push, _ = await workouts_of(ana)
    shrug = f"/api/v1/exercises/{push['exercises'][1]['exercise_id']}"
    custom = {"name": "Shrug of Mine", "kind": "weight_reps", "primary_muscles": ["traps"]}
    assert (await ana.put(shrug, json=custom)).status_code == 200
    again = await imported(ana, STRONG.replace("2025-02-14", "2025-02-21"), settings)
    assert (again["workouts"]["imported"], again["exercises_added"]) == (1, [])


async def test_the_units_of_the_profile_are_meant(ana: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json={"weight_unit": "lb", "timezone": "America/New_York"})
    await imported(ana, STRONG, settings)
    push, _ = await workouts_of(ana)
    assert push["timezone"] == "America/New_York"
    assert push["exercises"][0]["sets"][1]["weight"] == {"value": 100, "unit": "lb"}


async def test_an_own_exercise_is_found_by_its_name(ana: Person, settings: Settings) -> None:
    custom = {"name": "aunt erna's shrug", "kind": "weight_reps", "primary_muscles": ["traps"]}
    mine = (await ana.post("/api/v1/exercises", json=custom)).json()["id"]
    result = await imported(ana, STRONG, settings)
    assert result["exercises_added"] == []
    push, _ = await workouts_of(ana)
    assert push["exercises"][1]["exercise_id"] == mine


async def test_two_people_with_the_same_file_are_apart(ana: Person, bo: Person, settings: Settings) -> None:
    for person in (ana, bo):
        assert (await imported(person, HEVY, settings))["workouts"]["imported"] == 1


async def test_what_is_no_export_is_refused(ana: Person) -> None:
    with each_case() as case:
        for content in (
            "",
            "a,b,c\n1,2,3\n",
            "\x00",
            "Date\n",
            gzip.compress(b"x", mtime=0).decode("latin-1"),
            "Datum;\u00dcbung;Wdh\n".encode("latin-1"),
        ):
            with case(content):
                body = content if isinstance(content, bytes) else content.encode()
                response = await ana.post(IMPORT, content=body, headers=CSV)
                assert fields_of(assert_problem(response, 422, "validation_failed")) == {("body",)}
                assert (await ana.get("/api/v1/jobs")).json()["total"] == 0


async def test_a_file_that_turns_out_wrong_fails_with_a_reason(ana: Person, settings: Settings) -> None:
    header = STRONG.splitlines()[0].encode() + b"\n"
    # The beginning is looked at when the file arrives.
    for content in (
        header + b"\n" * 16_384 + b"\xff\xfe\n",
        header + b"2025-01-01 00:00:00,x,1h,Squat,1,1,1,0,0,,,\n" * 100_001,
    ):
        accepted = await ana.post(IMPORT, content=content, headers=CSV)
        await drain(settings)
        job = (await ana.get(accepted.headers["location"])).json()
        assert (job["status"], job["problem"]["code"]) == ("failed", "job_failed")
    assert (await ana.get("/api/v1/workouts")).json()["total"] == 0


async def test_only_csv_and_only_so_much(ana: Person) -> None:
    assert_problem(await ana.post(IMPORT, json={}), 415, "unsupported_media_type")
    assert_problem(await ana.post(IMPORT, content=b"x" * (10 * 1024 * 1024 + 1), headers=CSV), 413, "payload_too_large")
    wrong = await ana.post(IMPORT, content=STRONG.encode(), headers=CSV, params={"timezone": "Mars"})
    assert fields_of(assert_problem(wrong, 422, "validation_failed")) == {("query", "timezone")}
