"""Logging a session: exactly once, whole or not at all."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from tests.support.cases import each_case
from tests.support.people import Person, assert_problem, fields_of
from tests.support.plans import exercise_id, make_plan
from tests.support.workouts import LOG, WORKOUTS, kg, lb, ledger_of, lifted, log, score_of, session, squat

# Far enough: tests are collected long before the last of them runs.
SOON = datetime(2150, 1, 1, tzinfo=UTC)
SETS: dict[str, tuple[str, dict[str, Any]]] = {
    "weight_reps": ("Squat", {"reps": 5, "weight": kg(100), "rpe": 8.5, "rir": 1}),
    "reps": ("Jumping Jack", {"reps": 30}),
    "bodyweight_reps": ("Pull-Up", {"reps": 8, "weight": kg(10)}),
    "assisted": ("Assisted Pull-Up", {"reps": 8, "assist": kg(20)}),
    "duration": ("Plank", {"duration_seconds": 60}),
    "weight_duration": ("Weighted Plank", {"duration_seconds": 60, "weight": kg(20)}),
    "distance_duration": ("Easy Run", {"duration_seconds": 1800, "distance_m": 5000.25}),
}


async def test_a_session_is_logged_whole(ana: Person) -> None:
    warm_up, working = lifted(5, 60, set_type="warmup"), lifted(5, 100, rpe=8.5)
    body = session(await squat(ana), warm_up, working, name="Legs", notes="Good")
    body["exercises"][0] |= {"superset_group": "A", "notes": "Belt on"}
    response = await ana.post(LOG, json=body)
    assert response.status_code == 201, response.text
    logged = response.json()
    workout = logged["workout"]
    assert response.headers["location"] == f"{WORKOUTS}/{workout['id']}"
    assert (workout["name"], workout["notes"], workout["source"]) == ("Legs", "Good", "app")
    exercise = workout["exercises"][0]
    assert (exercise["exercise_name"], exercise["superset_group"], exercise["notes"]) == ("Back Squat", "A", "Belt on")
    assert [(one["set_type"], one["reps"], one["weight"], one["rpe"]) for one in exercise["sets"]] == [
        ("warmup", 5, kg(60), None),
        ("working", 5, kg(100), 8.5),
    ]
    assert [one["e1rm_kg"] for one in exercise["sets"]] == [None, pytest.approx(116.667)]
    assert logged["records"] == []
    assert logged["affinity"]["change"] == 10
    assert logged["affinity"]["level"] == "stranger"
    read = await ana.get(response.headers["location"])
    assert read.json() == workout
    assert read.headers["etag"].startswith(response.headers["etag"][:-1])


# What another kind has may be all that this one needs.
ALIKE = {
    *permutations(("reps", "bodyweight_reps", "weight_reps"), 2),
    *permutations(("duration", "weight_duration", "distance_duration"), 2),
} - {("weight_reps", "reps"), ("weight_duration", "duration"), ("weight_duration", "distance_duration")}


async def test_every_kind_of_exercise_has_its_own_sets(ana: Person) -> None:
    with each_case() as case:
        for kind, (name, sound) in SETS.items():
            with case(kind):
                exercise = await exercise_of(kind, name, ana)
                assert (await ana.get(f"/api/v1/exercises/{exercise}")).json()["kind"] == kind
                done = (await log(ana, exercise, sound))["workout"]["exercises"][0]["sets"][0]
                assert {field: done[field] for field in sound} == sound
            for other, (_, fields) in SETS.items():
                with case(f"{kind}, done as {other}"):
                    foreign = {field: value for field, value in fields.items() if field not in {"rpe", "rir"}}
                    response = await ana.post(LOG, json=session(exercise, foreign))
                    if response.status_code == 201:
                        assert kind == other or (kind, other) in ALIKE
                    else:
                        problem = assert_problem(response, 422, "validation_failed")
                        assert all(field[:5] == ("body", "exercises", 0, "sets", 0) for field in fields_of(problem))


async def exercise_of(kind: str, name: str, person: Person) -> str:
    """The id of an exercise of this kind: one of the library, or the person's own where there is none."""
    if kind != "weight_duration":
        return await exercise_id(person, name)
    custom = {"name": name, "kind": kind, "primary_muscles": ["abs"]}
    made: str = (await person.post("/api/v1/exercises", json=custom)).json()["id"]
    return made


async def test_27_at_once_make_one_workout(ana: Person) -> None:
    body = session(await squat(ana))
    answers = await asyncio.gather(*(ana.post(LOG, json=body) for _ in range(27)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 26}
    assert len({answer.text for answer in answers}) == 1
    assert (await ana.get(WORKOUTS)).json()["total"] == 1
    assert await ledger_of(ana) == [("workout_logged", 10)]


async def test_another_body_with_the_same_client_id_is_a_conflict(ana: Person) -> None:
    body = session(await squat(ana))
    assert (await ana.post(LOG, json=body)).status_code == 201
    assert_problem(await ana.post(LOG, json=body | {"name": "Other"}), 409, "conflict")
    assert (await ana.post(LOG, json=body)).status_code == 200


async def test_the_same_client_id_of_two_people_is_two_workouts(ana: Person, bo: Person) -> None:
    body = session(await squat(ana))
    assert [(await person.post(LOG, json=body)).status_code for person in (ana, bo)] == [201, 201]


async def test_a_repetition_after_an_edit_gives_the_edited_workout(ana: Person) -> None:
    body = session(await squat(ana))
    workout = (await ana.post(LOG, json=body)).json()["workout"]
    changed = {key: value for key, value in body.items() if key != "client_id"} | {"name": "Edited"}
    assert (await ana.put(f"{WORKOUTS}/{workout['id']}", json=changed)).status_code == 200
    again = await ana.post(LOG, json=body)
    assert (again.status_code, again.json()["workout"]["name"]) == (200, "Edited")


async def test_a_deleted_workout_is_not_logged_again_by_a_phone_that_was_offline(ana: Person, bo: Person) -> None:
    body = session(await squat(ana))
    workout = (await ana.post(LOG, json=body)).json()["workout"]
    assert (await ana.delete(f"{WORKOUTS}/{workout['id']}")).status_code == 204
    answers = await asyncio.gather(*(ana.post(LOG, json=body) for _ in range(5)))
    for answer in answers:
        assert_problem(answer, 409, "conflict")
    assert (await ana.get(WORKOUTS)).json()["total"] == 0
    assert (await ana.post(LOG, json=body | {"client_id": str(uuid4())})).status_code == 201
    # The id is another person's to use.
    assert (await bo.post(LOG, json=body)).status_code == 201


async def test_pounds_are_given_back_and_kept_in_grams(ana: Person) -> None:
    exercise = await squat(ana)
    with each_case() as case:
        for value, stored in ((225, 102.058), (0.001, 0.0), (45.5, 20.638), (2204.622, 1000.0)):
            with case(value):
                workout = (await log(ana, exercise, {"reps": 1, "weight": lb(value)}))["workout"]
                done = workout["exercises"][0]["sets"][0]
                assert (done["weight"], done["weight_kg"]) == (lb(value), stored)


async def test_heart_rates_of_a_set_are_given_back(ana: Person) -> None:
    beats: list[dict[str, int | None]] = [
        {"average_heart_rate": 141, "max_heart_rate": 168},
        {"average_heart_rate": 20, "max_heart_rate": 20},
        {"average_heart_rate": None, "max_heart_rate": 300},
        {"average_heart_rate": None, "max_heart_rate": None},
    ]
    workout = (await log(ana, await squat(ana), *(lifted(5, 100, **one) for one in beats)))["workout"]
    read = (await ana.get(f"{WORKOUTS}/{workout['id']}")).json()
    assert read == workout
    assert [{name: done[name] for name in beats[0]} for done in read["exercises"][0]["sets"]] == beats
    body = session(await squat(ana), lifted(5, 100, average_heart_rate=90), at=workout["started_at"])
    del body["client_id"]
    changed = (await ana.put(f"{WORKOUTS}/{workout['id']}", json=body)).json()["workout"]
    done = changed["exercises"][0]["sets"][0]
    assert (done["average_heart_rate"], done["max_heart_rate"]) == (90, None)


async def test_a_change_of_unit_rewrites_nothing(ana: Person) -> None:
    workout = (await log(ana, await squat(ana), {"reps": 5, "weight": lb(225)}))["workout"]
    await ana.patch("/api/v1/users/me", json={"weight_unit": "lb", "timezone": "Asia/Tokyo"})
    assert (await ana.get(f"{WORKOUTS}/{workout['id']}")).json() == workout


DAYS = [
    ("2025-11-02T18:00:00-08:00", "America/Los_Angeles", "2025-11-02"),
    ("2025-11-03T02:00:00+00:00", "America/Los_Angeles", "2025-11-02"),
    ("2025-03-30T00:30:00+00:00", "Europe/Oslo", "2025-03-30"),
    ("2025-03-29T23:30:00+00:00", "Europe/Oslo", "2025-03-30"),
    ("2025-10-26T00:30:00+00:00", "Europe/Oslo", "2025-10-26"),
    ("2025-10-25T22:30:00+00:00", "Europe/Oslo", "2025-10-26"),
    ("2025-12-31T23:30:00+00:00", "Pacific/Kiritimati", "2026-01-01"),
]


async def test_the_day_is_the_one_where_the_person_was(ana: Person) -> None:
    exercise = await squat(ana)
    with each_case() as case:
        for at, timezone, day in DAYS:
            with case(f"{at} in {timezone}"):
                logged = await log(ana, exercise, at=at, timezone=timezone)
                assert logged["workout"]["local_date"] == day


WRONG: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "no offset": ({"started_at": "2025-11-02T18:00:00"}, ("body", "started_at")),
    "in the future": ({"started_at": SOON.isoformat(), "ended_at": None}, ("body", "started_at")),
    "ends in the future": ({"ended_at": SOON.isoformat()}, ("body", "ended_at")),
    "ends before it starts": ({"ended_at": "2025-01-01T00:00:00Z"}, ("body", "ended_at")),
    "longer than a day": (
        {"started_at": "2025-01-01T00:00:00Z", "ended_at": "2025-01-02T00:00:01Z"},
        ("body", "ended_at"),
    ),
    "no zone": ({"timezone": "Oslo"}, ("body", "timezone")),
    "nothing done": ({"exercises": []}, ("body", "exercises")),
    "no sets": ({"exercises": [{"exercise_id": str(uuid4()), "sets": []}]}, ("body", "exercises", 0, "sets")),
    "half exertion": ({"perceived_exertion": 7.5}, ("body", "perceived_exertion")),
    "unknown plan": ({"plan_id": str(uuid4())}, ("body", "plan_id")),
    "a field of ours": ({"local_date": "2025-01-01"}, ("body", "local_date")),
}


async def test_what_is_wrong_is_named_and_nothing_is_saved(ana: Person) -> None:
    exercise = await squat(ana)
    with each_case() as case:
        for name, (change, place) in WRONG.items():
            with case(name):
                response = await ana.post(LOG, json=session(exercise) | change)
                assert place in fields_of(assert_problem(response, 422, "validation_failed"))
                assert (await ana.get(WORKOUTS)).json()["total"] == 0
                assert await score_of(ana) == 0


WRONG_SETS: list[dict[str, Any]] = [
        {"reps": 0}, {"reps": None}, {"weight": None}, {"rpe": 8.3}, {"rpe": 10.5}, {"rir": -1}, {"side": "middle"},
        {"weight": kg(1000.1)}, {"weight": lb(2204.63)}, {"weight": kg(100.0001)}, {"weight": kg(-1)},
        {"assist": kg(5)}, {"duration_seconds": 0}, {"distance_m": -1}, {"set_type": "rest"}, {"weight": 100},
        {"average_heart_rate": 19}, {"max_heart_rate": 301}, {"average_heart_rate": 120.5}, {"max_heart_rate": "high"},
        {"average_heart_rate": 150, "max_heart_rate": 149},
]  # fmt: skip


async def test_one_wrong_set_saves_nothing(ana: Person) -> None:
    exercise = await squat(ana)
    with each_case() as case:
        for change in WRONG_SETS:
            with case(change):
                response = await ana.post(LOG, json=session(exercise, lifted(5, 100), lifted(5, 100) | change))
                problem = assert_problem(response, 422, "validation_failed")
                assert {field[:5] for field in fields_of(problem)} == {("body", "exercises", 0, "sets", 1)}
                assert (await ana.get(WORKOUTS)).json()["total"] == 0


async def test_another_persons_exercise_and_plan_are_unknown(ana: Person, bo: Person) -> None:
    custom = {"name": "Bo's Lift", "kind": "weight_reps", "primary_muscles": ["abs"]}
    theirs = (await bo.post("/api/v1/exercises", json=custom)).json()["id"]
    problem = assert_problem(await ana.post(LOG, json=session(theirs)), 422, "validation_failed")
    assert fields_of(problem) == {("body", "exercises", 0, "exercise_id")}
    plan = await make_plan(bo)
    answer = await ana.post(LOG, json=session(await squat(ana), plan_id=plan["id"]))
    assert fields_of(assert_problem(answer, 422, "validation_failed")) == {("body", "plan_id")}


async def test_deleting_plan_and_exercise_keeps_history(ana: Person) -> None:
    custom = {"name": "My Lift", "kind": "weight_reps", "primary_muscles": ["abs"]}
    exercise = (await ana.post("/api/v1/exercises", json=custom)).json()["id"]
    plan = await make_plan(ana)
    workout = (await log(ana, exercise, plan_id=plan["id"], plan_day=0))["workout"]
    assert (workout["plan_id"], workout["plan_version"]) == (plan["id"], 1)
    assert (await ana.delete(f"/api/v1/exercises/{exercise}")).status_code == 204
    assert (await ana.delete(f"/api/v1/plans/{plan['id']}")).status_code == 204
    kept = (await ana.get(f"{WORKOUTS}/{workout['id']}")).json()
    assert kept["plan_id"] is None
    assert kept["exercises"] == workout["exercises"]
    assert (await ana.get(f"/api/v1/exercises/{exercise}")).json()["hidden_at"] is not None


async def test_the_kind_of_a_logged_exercise_stays(ana: Person) -> None:
    custom = {"name": "My Lift", "kind": "weight_reps", "primary_muscles": ["abs"]}
    exercise = (await ana.post("/api/v1/exercises", json=custom)).json()["id"]
    await log(ana, exercise)
    path = f"/api/v1/exercises/{exercise}"
    assert_problem(await ana.put(path, json=custom | {"kind": "duration"}), 409, "conflict")
    assert (await ana.put(path, json=custom | {"name": "Renamed"})).status_code == 200
    listed = (await ana.get(WORKOUTS)).json()["items"][0]
    assert listed["exercises"] == [{"exercise_id": exercise, "exercise_name": "My Lift", "sets": 1}]
