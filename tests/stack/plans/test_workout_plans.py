"""What only workout plans have: exercises and deload weeks. test_plans.py has what both kinds do."""

from uuid import uuid4

from tests.support.people import Person, assert_problem, fields_of
from tests.support.plans import PLANS, content_with, exercise_id, make_plan


async def test_the_etag_of_what_was_made_is_that_of_a_read(ana: Person) -> None:
    body = {"name": "Strength", "content": content_with(await exercise_id(ana, "Squat"))}
    made = await ana.post(PLANS, json=body)
    assert (await ana.get(made.headers["location"])).headers["etag"] == made.headers["etag"]


async def test_content_is_refused_with_the_place_of_each_mistake(ana: Person) -> None:
    content = content_with(
        await exercise_id(ana, "Plank"), sets=[{"reps_min": 9, "reps_max": 6}, {"weight_kg": 10, "reps_max": 5}]
    )
    response = await ana.post(PLANS, json={"name": "x", "content": content})
    assert fields_of(assert_problem(response, 422, "validation_failed")) == {
        ("body", "content", "days", 0, "exercises", 0, "sets", 0)
    }
    # What goes with which kind of exercise only the database knows: a plank has a duration and no repetitions.
    content["days"][0]["exercises"][0]["sets"][0] = {"reps_max": 6}
    problem = assert_problem(await ana.post(PLANS, json={"name": "x", "content": content}), 422, "validation_failed")
    at = ("body", "content", "days", 0, "exercises", 0, "sets", 0)
    assert {(*at, "duration_seconds"), (*at, "reps_max")} <= fields_of(problem)
    assert (await ana.get(PLANS)).json()["total"] == 0


async def test_another_persons_exercise_cannot_be_planned(ana: Person, bo: Person) -> None:
    theirs = await bo.post("/api/v1/exercises", json={"name": "Secret", "kind": "reps", "primary_muscles": ["chest"]})
    refused = await ana.post(PLANS, json={"name": "x", "content": content_with(theirs.json()["id"])})
    unknown = await ana.post(PLANS, json={"name": "x", "content": content_with(str(uuid4()))})
    assert assert_problem(refused, 422, "validation_failed")["errors"] == unknown.json()["errors"]


async def test_deload_weeks_lie_within_the_plan(ana: Person) -> None:
    content = content_with(await exercise_id(ana, "Squat"))
    response = await ana.post(PLANS, json={"name": "x", "duration_weeks": 3, "content": content})
    assert_problem(response, 422, "validation_failed")


async def test_a_deleted_exercise_stays_readable_where_a_plan_uses_it(ana: Person) -> None:
    made = await ana.post(
        "/api/v1/exercises", json={"name": "My press", "kind": "weight_reps", "primary_muscles": ["chest"]}
    )
    path = made.headers["location"]
    plan = await make_plan(ana, content=content_with(made.json()["id"]))
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.get(path)).json()["hidden_at"] is not None
    found = await ana.get("/api/v1/exercises", params={"q": "My press"})
    assert made.json()["id"] not in {item["id"] for item in found.json()["items"]}
    changed = content_with(made.json()["id"], notes="slower")
    assert (await ana.put(f"{PLANS}/{plan['id']}", json={"name": "x", "content": changed})).status_code == 200
    refused = await ana.post(PLANS, json={"name": "y", "content": changed})
    assert_problem(refused, 422, "validation_failed")
    assert_problem(await ana.delete(path), 404, "not_found")
