"""Importing activities of watches through the API and the worker, on the real stack."""

import asyncio
import gzip
from typing import Any

from src.core.config import Settings
from tests.support.activity_files import GARMIN, STRAVA, at, fit_run, gpx, tcx, tcx_lap
from tests.support.cases import each_case
from tests.support.jobs import drain, result_of
from tests.support.people import Person, assert_problem, fields_of
from tests.support.workouts import session

IMPORT = "/api/v1/workouts/import"
FIT = "application/vnd.ant.fit"
IN_OSLO = {"timezone": "Europe/Oslo"}
POINTS = [(29.5 * n, 9.0 * n) for n in range(101)]


async def imported(
    person: Person, content: bytes, settings: Settings, media_type: str = FIT, **options: str
) -> dict[str, Any]:
    accepted = await person.post(IMPORT, content=content, headers={"Content-Type": media_type}, params=options)
    return await result_of(person, accepted, settings)


async def workouts_of(person: Person) -> list[dict[str, Any]]:
    listed = (await person.get("/api/v1/workouts", params={"sort": "started_at"})).json()["items"]
    return [(await person.get(f"/api/v1/workouts/{item['id']}")).json() for item in listed]


async def test_a_run_of_a_watch(ana: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json=IN_OSLO)
    result = await imported(ana, fit_run((300, 1000), (310, 1000.5), (290, 950)), settings)
    assert (result["workouts"]["imported"], result["rows"]["imported"], result["exercises_added"]) == (1, 3, [])
    (run,) = await workouts_of(ana)
    assert (run["source"], run["timezone"], run["local_date"]) == ("import", "Europe/Oslo", "2026-05-04")
    assert (run["started_at"], run["ended_at"]) == ("2026-05-04T16:12:31Z", "2026-05-04T16:28:31Z")
    (exercise,) = run["exercises"]
    assert (exercise["exercise_name"], exercise["kind"]) == ("Run", "distance_duration")
    fields = ("duration_seconds", "distance_m", "average_heart_rate", "max_heart_rate")
    assert [tuple(done[field] for field in fields) for done in exercise["sets"]] == [
        (300, 1000, 140, 160), (310, 1000.5, 141, 161), (290, 950, 142, 162),
    ]  # fmt: skip
    first, *_ = result["report"]
    assert (first["from_row"], first["to_row"]) == (1, 1)
    assert first["imported_without"] == ["calories", "elevation_gain"]
    exported = (await ana.get("/api/v1/users/me/export")).json()
    assert exported["workouts"][0]["exercises"][0]["sets"][0]["average_heart_rate"] == 140


async def test_the_same_run_from_everywhere_is_one(ana: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json=IN_OSLO)
    assert (await imported(ana, fit_run(), settings))["workouts"]["imported"] == 1
    before = await workouts_of(ana)
    again = {
        "the FIT file": (fit_run(), FIT),
        "packed": (gzip.compress(fit_run(), mtime=1), "application/octet-stream"),
        "a track that began later": (gpx([(metres, seconds + 7) for metres, seconds in POINTS]), "application/gpx+xml"),
        "a training center file": (tcx(tcx_lap(900, 3, 2960)), "application/vnd.garmin.tcx+xml"),
        "without a heart rate": (gpx(POINTS, sport="trail_running", beats=None), "application/xml"),
        "the list of Garmin": ("\n".join(GARMIN.splitlines()[:2]).encode(), "text/csv"),
        "the list of Strava": ("\n".join(STRAVA.splitlines()[:2]).encode(), "text/csv"),
    }
    with each_case() as case:
        for name, (content, media_type) in again.items():
            with case(name):
                result = await imported(ana, content, settings, media_type)
                assert result["workouts"] == {"imported": 0, "duplicate": 1, "rejected": 0}, result
                assert result["report"][0]["workout_id"] == before[0]["id"]
                assert await workouts_of(ana) == before


async def test_what_is_another_activity_is_imported(ana: Person, settings: Settings) -> None:
    await imported(ana, fit_run((900, 2950)), settings)
    others = {
        "two minutes later": fit_run((900, 2950), began=at(120)),
        "another sport": fit_run((900, 2950), sport=2),
        "twice as far": gpx([(59 * n, 9 * n + 1) for n in range(101)]),
    }
    with each_case() as case:
        for name, content in others.items():
            with case(name):
                assert (await imported(ana, content, settings))["workouts"]["imported"] == 1


async def test_what_was_logged_by_hand_is_not_doubled(ana: Person, bo: Person, settings: Settings) -> None:
    found = (await ana.get("/api/v1/exercises", params={"q": "Easy Run"})).json()["items"][0]
    run = {"set_type": "working", "distance_m": 3000, "duration_seconds": 900}
    body = session(found["id"], run, at=at(20).isoformat(), ended_at=at(930).isoformat())
    assert found["name"] == "Easy Run"
    assert (await ana.post("/api/v1/workouts/log", json=body)).status_code == 201
    # An easy run is another exercise than a run, but the library's runs are one family.
    assert (await imported(ana, fit_run((900, 2950)), settings))["workouts"]["duplicate"] == 1
    assert (await imported(bo, fit_run((900, 2950)), settings))["workouts"]["imported"] == 1


async def test_lists_bring_every_sport(ana: Person, settings: Settings) -> None:
    await ana.patch("/api/v1/users/me", json=IN_OSLO)
    result = await imported(ana, GARMIN.encode(), settings, "text/csv")
    assert result["workouts"]["imported"] == 4
    assert result["exercises_added"] == ["Strength Training"]
    assert "Calories" in result["columns_ignored"]
    done = [workout["exercises"][0] for workout in await workouts_of(ana)]
    assert [(one["exercise_name"], one["kind"], one["sets"][0]["distance_m"]) for one in done] == [
        ("Run", "distance_duration", 2950), ("Freestyle Swim", "distance_duration", 1500),
        ("Run", "distance_duration", 3000), ("Strength Training", "duration", None),
    ]  # fmt: skip
    assert done[3]["sets"][0]["average_heart_rate"] == 108
    assert (await imported(ana, GARMIN.encode() + b"\n", settings, "text/csv"))["workouts"]["duplicate"] == 4


async def test_laps_by_the_hundred_are_all_there(ana: Person, settings: Settings) -> None:
    await imported(ana, fit_run(*[(20, 100)] * 250), settings)
    (run,) = await workouts_of(ana)
    assert [len(exercise["sets"]) for exercise in run["exercises"]] == [100, 100, 50]


async def test_a_file_without_a_sport_asks_for_it(ana: Person, settings: Settings) -> None:
    track = gpx([(0, 0), (500, 200)], sport=None)
    result = await imported(ana, track, settings, "application/gpx+xml")
    assert result["rows"] == {"imported": 0, "duplicate": 0, "rejected": 1}
    assert "sport" in result["report"][0]["reason"]
    told = await imported(ana, track, settings, "application/gpx+xml", sport="hiking")
    assert told["workouts"]["imported"] == 1
    assert (await workouts_of(ana))[0]["exercises"][0]["exercise_name"] == "Hike"


async def test_files_that_are_no_activity_fail_with_a_word(ana: Person, settings: Settings) -> None:
    cases = {
        "damaged": (fit_run()[:-3], FIT, "damaged"),
        "bomb": (b"<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>&a;</gpx>", "application/gpx+xml", "document type"),
        "route": (b"<gpx><rte/></gpx>", "application/gpx+xml", "route"),
        "deep": (b"<gpx>" + b"<a>" * 100_000, "application/gpx+xml", "deep"),
    }
    with each_case() as case:
        for name, (content, media_type, word) in cases.items():
            with case(name):
                accepted = await ana.post(IMPORT, content=content, headers={"Content-Type": media_type})
                assert accepted.status_code == 202
                await drain(settings)
                job = (await ana.get(f"/api/v1/jobs/{accepted.json()['id']}")).json()
                assert job["status"] == "failed"
                assert word in job["problem"]["detail"], job["problem"]
    assert (await ana.get("/api/v1/workouts")).json()["total"] == 0


async def test_what_begins_like_no_file_is_refused_at_once(ana: Person, anonymous: Person) -> None:
    for content in (b"<html></html>", b"\x0e\x10\x00\x00\x00\x00\x00\x00.FITS"[:9], b"PK\x03\x04"):
        answer = await ana.post(IMPORT, content=content, headers={"Content-Type": "application/octet-stream"})
        assert ("body",) in fields_of(assert_problem(answer, 422, "validation_failed"))
    odd = await ana.post(IMPORT, content=fit_run(), headers={"Content-Type": FIT}, params={"sport": "x" * 61})
    assert ("query", "sport") in fields_of(assert_problem(odd, 422, "validation_failed"))


async def test_two_files_at_once_are_one_activity(ana: Person, settings: Settings) -> None:
    files = [(fit_run((900, 2950)), FIT), (gpx([(m, s + 9) for m, s in POINTS]), "application/gpx+xml")]
    accepted = await asyncio.gather(
        *(ana.post(IMPORT, content=content, headers={"Content-Type": kind}) for content, kind in files)
    )
    assert {answer.status_code for answer in accepted} == {202}
    await asyncio.gather(drain(settings), drain(settings))
    assert (await ana.get("/api/v1/workouts")).json()["total"] == 1
