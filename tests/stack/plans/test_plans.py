"""Plans: written, listed, replaced, activated, restored and deleted, on the real stack."""

from uuid import uuid4

from tests.support.people import Person, assert_problem, fields_of
from tests.support.plans import PLANS, content_with, exercise_id, make_plan


async def test_a_plan_is_created_whole_and_read_back_equal(ana: Person) -> None:
    response = await ana.post(
        PLANS,
        json={
            "name": "  Strength  ",
            "goal": "Squat 140",
            "duration_weeks": 8,
            "days_per_week": 3,
            "content": content_with(await exercise_id(ana, "Squat")),
        },
    )
    plan = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"{PLANS}/{plan['id']}"
    assert (plan["name"], plan["status"], plan["source"], plan["version"]) == ("Strength", "draft", "manual", 1)
    read = await ana.get(response.headers["location"])
    assert read.json() == plan
    assert read.headers["etag"] == response.headers["etag"]


async def test_a_draft_may_be_empty_and_is_not_activated(ana: Person) -> None:
    plan = await make_plan(ana, content=None)
    assert (plan["content"], plan["version"]) == (None, 0)
    assert_problem(await ana.post(f"{PLANS}/{plan['id']}/activate"), 409, "conflict")


async def test_the_list_is_paged_ordered_and_without_content(ana: Person) -> None:
    for number in range(5):
        await make_plan(ana, name=f"Plan {number}", content=None)
    page = (await ana.get(PLANS, params={"page": 2, "per_page": 2, "sort": "name"})).json()
    assert [plan["name"] for plan in page["items"]] == ["Plan 2", "Plan 3"]
    assert (page["total"], page["page"], page["per_page"]) == (5, 2, 2)
    assert "content" not in page["items"][0]
    newest = (await ana.get(PLANS)).json()
    assert [plan["name"] for plan in newest["items"]] == [f"Plan {number}" for number in (4, 3, 2, 1, 0)]


async def test_a_page_past_the_end_is_empty_with_the_true_total(ana: Person) -> None:
    await make_plan(ana, content=None)
    response = await ana.get(PLANS, params={"page": 9})
    assert response.status_code == 200
    assert response.json() == {"items": [], "total": 1, "page": 9, "per_page": 20}


async def test_the_list_is_filtered_by_status(ana: Person) -> None:
    await make_plan(ana, content=None)
    active = await make_plan(ana)
    await ana.post(f"{PLANS}/{active['id']}/activate")
    found = (await ana.get(PLANS, params=[("status", "active"), ("status", "completed")])).json()
    assert [plan["id"] for plan in found["items"]] == [active["id"]]


async def test_wrong_query_parameters_are_named(ana: Person) -> None:
    response = await ana.get(PLANS, params={"page": 0, "per_page": 101, "sort": "user_id", "status": "gone"})
    assert fields_of(assert_problem(response, 422, "validation_failed")) == {
        ("query", "page"),
        ("query", "per_page"),
        ("query", "sort"),
        ("query", "status", 0),
    }
    unknown = await ana.get(PLANS, params={"perpage": 5})
    assert fields_of(assert_problem(unknown, 422, "validation_failed")) == {("query", "perpage")}


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


async def test_put_replaces_and_keeps_the_history(ana: Person) -> None:
    plan = await make_plan(ana, description="Old words")
    content = content_with(await exercise_id(ana, "Deadlift"))
    replaced = (await ana.put(f"{PLANS}/{plan['id']}", json={"name": "New", "content": content})).json()
    assert (replaced["name"], replaced["description"], replaced["version"]) == ("New", None, 2)
    history = (await ana.get(f"{PLANS}/{plan['id']}/versions")).json()
    assert [entry["version"] for entry in history["items"]] == [2, 1]
    assert history["items"][1]["content"] == plan["content"]
    assert history["total"] == 2


async def test_a_change_of_words_alone_is_no_new_version(ana: Person) -> None:
    plan = await make_plan(ana)
    renamed = await ana.put(f"{PLANS}/{plan['id']}", json={"name": "Renamed", "content": plan["content"]})
    assert renamed.json()["version"] == 1


async def test_restore_brings_an_older_content_back_as_the_newest(ana: Person) -> None:
    plan = await make_plan(ana)
    path = f"{PLANS}/{plan['id']}"
    await ana.put(path, json={"name": "x", "content": content_with(await exercise_id(ana, "Deadlift"))})
    restored = (await ana.post(f"{path}/versions/1/restore")).json()
    assert (restored["version"], restored["content"]) == (3, plan["content"])
    assert (await ana.post(f"{path}/versions/1/restore")).json()["version"] == 3
    newest = (await ana.get(f"{path}/versions", params={"per_page": 1})).json()
    assert newest["items"][0]["reason"] == "Restored version 1"
    assert newest["total"] == 3
    assert_problem(await ana.post(f"{path}/versions/9/restore"), 404, "not_found")


async def test_one_plan_is_active_and_the_former_is_archived(ana: Person) -> None:
    first, second = await make_plan(ana), await make_plan(ana)
    assert (await ana.post(f"{PLANS}/{first['id']}/activate")).json()["status"] == "active"
    assert (await ana.post(f"{PLANS}/{second['id']}/activate")).json()["status"] == "active"
    assert (await ana.get(f"{PLANS}/{first['id']}")).json()["status"] == "archived"
    body = {"name": "x", "content": first["content"], "status": "active"}
    assert_problem(await ana.put(f"{PLANS}/{first['id']}", json=body), 409, "conflict")


async def test_if_match_guards_a_change(ana: Person) -> None:
    plan = await make_plan(ana, content=None)
    path = f"{PLANS}/{plan['id']}"
    etag = (await ana.get(path)).headers["etag"]
    changed = await ana.put(path, json={"name": "One"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    stale = await ana.put(path, json={"name": "Two"}, headers={"If-Match": etag})
    assert_problem(stale, 412, "precondition_failed")
    assert_problem(
        await ana.delete(path, headers={"If-Match": f"W/{changed.headers['etag']}"}), 412, "precondition_failed"
    )
    assert (await ana.get(path)).json()["name"] == "One"
    either = {"If-Match": f'"0", {changed.headers["etag"]}'}
    assert (await ana.delete(path, headers=either)).status_code == 204
    assert_problem(await ana.delete(path, headers=either), 404, "not_found")


async def test_if_none_match_saves_the_body(ana: Person) -> None:
    plan = await make_plan(ana, content=None)
    first = await ana.get(f"{PLANS}/{plan['id']}")
    again = await ana.get(f"{PLANS}/{plan['id']}", headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_the_same_idempotency_key_makes_one_plan(ana: Person) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = await ana.post(PLANS, json={"name": "Once"}, headers=key)
    again = await ana.post(PLANS, json={"name": "Once"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert_problem(await ana.post(PLANS, json={"name": "Other"}, headers=key), 409, "conflict")
    assert (await ana.get(PLANS)).json()["total"] == 1


async def test_an_idempotency_key_belongs_to_one_person(ana: Person, bo: Person) -> None:
    key = {"Idempotency-Key": "the-same-words"}
    hers = await ana.post(PLANS, json={"name": "Hers"}, headers=key)
    his = await bo.post(PLANS, json={"name": "His"}, headers=key)
    assert (hers.status_code, his.status_code) == (201, 201)
    assert his.json()["id"] != hers.json()["id"]


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
