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


async def test_a_table_of_ones_own(ana: Person, settings: Settings) -> None:
    header = "Datum;Übung;Gewicht (kg);Wdh\n28.11.2025;Klimmzug;Körpergewicht;3x8\n"
    table = f"{header}28.11.2025;Squat;{{}};5\n28.11.2025;Squat;rotes Band;5\n"
    first = await imported(ana, table.format("82,5"), settings)
    assert first["rows"] == {"imported": 2, "duplicate": 0, "rejected": 1}
    assert [line["reason"] for line in first["report"] if line["outcome"] == "rejected"] == [
        'weight is not a number: "rotes Band"'
    ]
    assert await sets_of(ana) == [
        *[("Klimmzug", "reps", {"reps": 8})] * 3,
        ("Back Squat", "weight_reps", {"weight": kg(82.5), "reps": 5}),
    ]
    kept = await imported(ana, table.format("85"), settings)
    assert (kept["rows"]["imported"], kept["rows"]["duplicate"]) == (0, 2)
    assert ["weight 82.5 kg here, 85 kg in the file"] in [line["differences"] for line in kept["report"]]
    replaced = await imported(ana, table.format("85"), settings, on_conflict="replace")
    assert replaced["rows"]["replaced"] == 2
    assert (await sets_of(ana))[-1] == ("Back Squat", "weight_reps", {"weight": kg(85), "reps": 5})


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


async def test_a_workout_that_was_renamed_in_its_app_is_the_same(ana: Person, bo: Person, settings: Settings) -> None:
    renamed = SQUAT.replace(",C,", ",Leg day,")
    for person in (ana, bo):
        await imported(person, SQUAT, settings)
    kept = await imported(ana, renamed, settings)
    assert kept["workouts"] == {"imported": 0, "duplicate": 1, "rejected": 0}
    assert kept["report"][0]["differences"] == ["name C here, Leg day in the file"]
    assert "on_conflict=replace" in kept["report"][0]["reason"]
    replaced = await imported(ana, renamed, settings, on_conflict="replace")
    assert replaced["workouts"] == {"imported": 0, "duplicate": 0, "rejected": 0, "replaced": 1}
    assert [workout["name"] for workout in await workouts_of(ana)] == ["Leg day"]
    assert [workout["name"] for workout in await workouts_of(bo)] == ["C"]
    again = await imported(ana, renamed, settings, on_conflict="replace")
    assert (again["workouts"]["duplicate"], again["report"][0]["differences"]) == (1, [])
    back = await imported(ana, SQUAT, settings)
    assert back["report"][0]["differences"] == ["name Leg day here, C in the file"]
    # Begun in that moment with other sets, it is another one.
    other = await imported(ana, renamed.replace("Leg day", "Arms").replace(",225,", ",100,"), settings)
    assert other["workouts"]["imported"] == 1


async def test_two_of_a_file_that_began_together_are_two(ana: Person, settings: Settings) -> None:
    walk = "Walking,1,0,0,1000,600"
    header, row = strong(walk).splitlines()
    names = ("Morning", "Evening")
    both = "\n".join([header, *(row.replace(",C,", f",{name},") for name in names)])
    for outcome in ("imported", "duplicate"):
        result = await imported(ana, both, settings)
        assert result["workouts"][outcome] == 2
        assert [line["differences"] for line in result["report"]] == [[]] * len(result["report"])
    result = await imported(ana, both.replace("Evening", "Night"), settings)
    assert result["workouts"]["duplicate"] == 2
    assert [line["differences"] for line in result["report"]] == [[], ["name Evening here, Night in the file"]]
    result = await imported(ana, f"{both}\n{row.replace(',C,', ',Night,')}", settings)
    assert (result["workouts"]["imported"], result["workouts"]["duplicate"]) == (1, 2)


SHRUG = strong("Aunt Erna's Shrug,1,60,10,0,0")


async def own_exercises(person: Person) -> list[str]:
    items = (await person.get("/api/v1/exercises", params={"q": "Aunt Erna's Shrug"})).json()["items"]
    return [item["id"] for item in items if item["name"] == "Aunt Erna's Shrug"]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_an_exercise_that_was_deleted_stays_so_while_nothing_is_added(
    ana: Person, settings: Settings, by_hand: bool
) -> None:
    if by_hand:
        custom = {"name": "aunt erna's shrug", "kind": "weight_reps", "primary_muscles": ["traps"]}
        assert (await ana.post("/api/v1/exercises", json=custom)).status_code == 201
    await imported(ana, SHRUG, settings)
    (workout,) = await workouts_of(ana)
    exercise = workout["exercises"][0]["exercise_id"]
    assert (await ana.delete(f"/api/v1/exercises/{exercise}")).status_code == 204
    before = (await ana.get("/api/v1/exercises")).json()["total"]
    for on_conflict in ("keep", "replace"):
        again = await imported(ana, SHRUG, settings, on_conflict=on_conflict)
        assert (again["workouts"]["duplicate"], again["exercises_added"]) == (1, [])
        assert again["report"][0]["differences"] == []
    renamed = await imported(ana, SHRUG.replace(",C,", ",Traps,"), settings, on_conflict="replace")
    assert renamed["workouts"]["replaced"] == 1
    assert (await ana.get("/api/v1/exercises")).json()["total"] == before
    # Done again on another day, it is wanted again.
    await imported(ana, SHRUG.replace("2024-03-05", "2024-03-12"), settings)
    assert (await ana.get("/api/v1/exercises")).json()["total"] == before + 1
    assert {one["exercises"][0]["exercise_id"] for one in await workouts_of(ana)} == {exercise}


async def test_an_exercise_that_is_gone_is_made_for_new_workouts_only(ana: Person, settings: Settings) -> None:
    await imported(ana, SHRUG, settings)
    (workout,) = await workouts_of(ana)
    (gone,) = await own_exercises(ana)
    squat = (await ana.get("/api/v1/exercises", params={"q": "Back Squat"})).json()["items"][0]["id"]
    mine = {name: workout[name] for name in ("name", "started_at", "ended_at", "timezone")}
    mine["exercises"] = [{"exercise_id": squat, "sets": [{"reps": 10, "weight": kg(60)}]}]
    assert (await ana.put(f"{WORKOUTS}/{workout['id']}", json=mine)).status_code == 200
    assert (await ana.delete(f"/api/v1/exercises/{gone}")).status_code == 204
    again = await imported(ana, SHRUG, settings, on_conflict="replace")
    assert (again["workouts"]["duplicate"], again["exercises_added"]) == (1, [])
    assert again["report"][0]["differences"] == ["exercise Back Squat here, Aunt Erna's Shrug in the file"]
    assert await own_exercises(ana) == []
    both = SHRUG + SHRUG.splitlines()[1].replace("2024-03-05", "2024-03-12")
    result = await imported(ana, both, settings)
    assert (result["workouts"]["imported"], result["exercises_added"]) == (1, ["Aunt Erna's Shrug"])
    assert await own_exercises(ana) == [gone]
