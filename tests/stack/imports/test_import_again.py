"""Importing a file again: equal rows add nothing, different ones are named, and taken when that is asked for."""

from typing import Any

import pytest

from src.core.config import Settings
from tests.support.import_files import hevy, imported, sets_of, strong, workouts_of
from tests.support.people import Person
from tests.support.workouts import WORKOUTS, kg, lb

SQUAT = strong("Squat (Barbell),1,225,5,0,0")


async def test_again_with_the_right_unit(ana: Person, settings: Settings) -> None:
    await imported(ana, SQUAT, settings)
    kept = await imported(ana, SQUAT, settings, weight_unit="lb")
    assert (kept["rows"], kept["workouts"]) == ({"imported": 0, "duplicate": 1, "rejected": 0},) * 2
    (line,) = kept["report"]
    assert line["differences"] == ["weight 225 kg here, 225 lb in the file"]
    assert "on_conflict=replace" in line["reason"]
    assert await sets_of(ana) == [("Back Squat", "weight_reps", {"weight": kg(225), "reps": 5})]
    (before,) = await workouts_of(ana)
    replaced = await imported(ana, SQUAT, settings, weight_unit="lb", on_conflict="replace")
    assert replaced["rows"] == {"imported": 0, "duplicate": 0, "rejected": 0, "replaced": 1}
    (line,) = replaced["report"]
    assert (line["outcome"], line["workout_id"], line["reason"]) == ("replaced", before["id"], None)
    assert line["differences"] == ["weight 225 kg here, 225 lb in the file"]
    assert await sets_of(ana) == [("Back Squat", "weight_reps", {"weight": lb(225), "reps": 5})]
    records = (await ana.get("/api/v1/stats/records", params={"kind": "heaviest"})).json()["items"]
    assert [record["value"] for record in records] == [pytest.approx(102.058)]
    again = await imported(ana, SQUAT, settings, weight_unit="lb", on_conflict="replace")
    assert (again["rows"]["duplicate"], again["report"][0]["differences"]) == (1, [])


CHANGES = {
    "reps": ("Squat (Barbell),1,100,6,0,0", ["reps 5 here, 6 in the file"]),
    "kind of set": ("Squat (Barbell),W,100,5,0,0", ["set_type working here, warmup in the file"]),
    "exercise": ("Front Squat (Barbell),1,100,5,0,0", ["exercise Back Squat here, Front Squat in the file"]),
    "added": ("Squat (Barbell),1,100,5,0,30,slow,,8", [
        "duration none here, 30 s in the file", "rpe none here, 8 in the file", "notes none here, slow in the file",
    ]),
    "the weight in another unit": ("Squat (Barbell),1,100.004,5,0,0", []),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_every_difference_is_named(change: str, ana: Person, settings: Settings) -> None:
    row, differences = CHANGES[change]
    await imported(ana, strong("Squat (Barbell),1,100,5,0,0"), settings)
    result = await imported(ana, strong(row), settings)
    assert [line["differences"] for line in result["report"]] == [differences]
    assert result["rows"]["duplicate"] == 1


async def test_sets_that_came_and_went(ana: Person, settings: Settings) -> None:
    one, two = "Squat (Barbell),1,100,5,0,0", "Squat (Barbell),2,110,3,0,0"
    await imported(ana, strong(one), settings)
    grown = await imported(ana, strong(one, two), settings)
    assert [(line["from_row"], line["differences"]) for line in grown["report"]] == [
        (2, []),
        (3, ["this set is not here"]),
    ]
    assert (await imported(ana, strong(one, two), settings, on_conflict="replace"))["rows"]["replaced"] == 2
    assert len(await sets_of(ana)) == 2
    shrunk = await imported(ana, strong(one), settings)
    assert shrunk["report"][0]["differences"] == ["a set that is here is not in the file"]


async def test_again_with_the_right_time_zone(ana: Person, settings: Settings) -> None:
    await imported(ana, SQUAT, settings)
    kept = await imported(ana, SQUAT, settings, timezone="America/New_York")
    assert kept["report"][0]["differences"] == [
        "started_at 2024-03-05 18:00 UTC here, 2024-03-05 18:00 America/New_York in the file"
    ]
    await imported(ana, SQUAT, settings, timezone="America/New_York", on_conflict="replace")
    (workout,) = await workouts_of(ana)
    assert (workout["started_at"], workout["ended_at"]) == ("2024-03-05T23:00:00Z", "2024-03-06T00:00:00Z")


async def test_what_the_person_changed_is_kept(ana: Person, settings: Settings) -> None:
    await imported(ana, SQUAT, settings)
    (workout,) = await workouts_of(ana)
    mine = {name: workout[name] for name in ("name", "started_at", "ended_at", "timezone")}
    mine["exercises"] = [
        {"exercise_id": workout["exercises"][0]["exercise_id"], "sets": [{"reps": 5, "weight": kg(102.5)}]}
    ]
    assert (await ana.put(f"{WORKOUTS}/{workout['id']}", json=mine)).status_code == 200
    for on_conflict in ("keep", "replace"):
        result = await imported(ana, SQUAT, settings, weight_unit="lb", on_conflict=on_conflict)
        assert result["rows"] == {"imported": 0, "duplicate": 1, "rejected": 0}
        assert result["report"][0]["differences"] == ["weight 102.5 kg here, 225 lb in the file"]
        assert "you changed this workout here" in result["report"][0]["reason"]
        assert [recorded["weight"] for *_, recorded in await sets_of(ana)] == [kg(102.5)]


async def test_what_the_person_deleted_does_not_come_back_in_silence(ana: Person, settings: Settings) -> None:
    file = strong("Squat (Barbell),1,100,5,0,0", "Squat (Barbell),2,100,5,0,0")
    await imported(ana, file, settings)
    (workout,) = await workouts_of(ana)
    assert (await ana.delete(f"{WORKOUTS}/{workout['id']}")).status_code == 204
    result = await imported(ana, file, settings)
    assert [(line["outcome"], line["reason"]) for line in result["report"]] == [
        ("imported", "you had deleted this workout here; it is back"), ("imported", None),
    ]  # fmt: skip
    assert len(await workouts_of(ana)) == 1


async def test_a_replaced_workout_moves_records_and_nobody_elses(ana: Person, bo: Person, settings: Settings) -> None:
    file = hevy("Farmers Walk,40,,0.03,")
    for person in (ana, bo):
        await imported(person, file, settings)
    await imported(ana, file.replace("0.03", "0.05"), settings, on_conflict="replace")
    found: list[dict[str, Any]] = []
    for person in (ana, bo):
        found += (await person.get("/api/v1/stats/records", params={"kind": "farthest"})).json()["items"]
    assert [record["value"] for record in found] == [50, 30]


async def test_there_are_two_ways(ana: Person) -> None:
    answer = await ana.post("/api/v1/workouts/import", content=SQUAT.encode(), headers={"Content-Type": "text/csv"},
                            params={"on_conflict": "merge"})  # fmt: skip
    assert answer.status_code == 422
