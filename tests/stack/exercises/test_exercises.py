"""The library, custom exercises and preferences, on the real stack."""

from uuid import uuid4

from dev.stack import Stack
from tests.support.people import Person, assert_problem, fields_of, rest_client
from tests.support.plans import EXERCISES, exercise_id

CUSTOM = {
    "name": "Suitcase Squat",
    "kind": "weight_reps",
    "primary_muscles": ["quadriceps"],
    "equipment": ["kettlebell"],
}


async def test_search_forgives_typing_and_knows_abbreviations(ana: Person) -> None:
    for query, name in (("benhc pres", "Bench Press"), ("OHP", "Overhead Press"), ("pullup", "Pull-Up")):
        page = (await ana.get(EXERCISES, params={"q": query})).json()
        assert page["items"][0]["name"] == name


async def test_filters_hold_for_every_item_and_combine(ana: Person) -> None:
    params = {"muscle": "chest", "equipment": "dumbbell", "level": "beginner", "kind": "weight_reps", "per_page": "100"}
    items = (await ana.get(EXERCISES, params=params)).json()["items"]
    assert items
    for item in items:
        assert "chest" in item["primary_muscles"] + item["secondary_muscles"]
        assert "dumbbell" in item["equipment"]
        assert (item["level"], item["kind"]) == ("beginner", "weight_reps")


async def test_owned_follows_the_profile(ana: Person) -> None:
    await ana.patch("/api/v1/users/me", json={"equipment": ["dumbbell"]})
    owned = (await ana.get(EXERCISES, params={"owned": "true", "per_page": 100})).json()
    assert all(set(item["equipment"]) <= {"bodyweight", "dumbbell"} for item in owned["items"])
    rest = (await ana.get(EXERCISES, params={"owned": "false"})).json()
    everything = (await ana.get(EXERCISES)).json()
    assert owned["total"] + rest["total"] == everything["total"]


async def test_pages_together_are_the_whole_list_in_order(ana: Person) -> None:
    first = (await ana.get(EXERCISES, params={"per_page": 100})).json()
    pages = -(-first["total"] // 100)
    names = [
        item["name"].casefold()
        for page in range(1, pages + 1)
        for item in (await ana.get(EXERCISES, params={"per_page": 100, "page": page})).json()["items"]
    ]
    assert len(names) == first["total"]
    assert names == sorted(names)
    backwards = (await ana.get(EXERCISES, params={"sort": "-name", "per_page": 1})).json()
    assert backwards["items"][0]["name"].casefold() == names[-1]


async def test_a_custom_exercise_is_usable_at_once_by_its_owner_alone(ana: Person, bo: Person) -> None:
    made = await ana.post(EXERCISES, json=CUSTOM)
    assert (made.status_code, made.json()["is_custom"], made.json()["slug"]) == (201, True, None)
    found = (await ana.get(EXERCISES, params={"q": "suitcase squat"})).json()["items"]
    assert found[0] == (await ana.get(made.headers["location"])).json()
    assert all(
        item["id"] != made.json()["id"]
        for item in (await bo.get(EXERCISES, params={"q": "suitcase squat"})).json()["items"]
    )


async def test_a_name_is_taken_once_per_person(ana: Person, bo: Person) -> None:
    first = await ana.post(EXERCISES, json=CUSTOM)
    problem = assert_problem(await ana.post(EXERCISES, json=CUSTOM | {"name": "SUITCASE SQUAT"}), 409, "conflict")
    assert "already have" in problem["detail"]
    assert (await bo.post(EXERCISES, json=CUSTOM)).status_code == 201
    other = await ana.post(EXERCISES, json=CUSTOM | {"name": "Other"})
    assert_problem(await ana.put(other.headers["location"], json=CUSTOM), 409, "conflict")
    assert (await ana.delete(first.headers["location"])).status_code == 204
    assert (await ana.put(other.headers["location"], json=CUSTOM)).status_code == 200


async def test_a_custom_exercise_is_replaced_whole(ana: Person) -> None:
    made = await ana.post(EXERCISES, json=CUSTOM | {"instructions": "Hold it at your side."})
    await ana.put(f"{made.headers['location']}/preference", json={"kind": "favourite"})
    replaced = await ana.put(made.headers["location"], json=CUSTOM | {"level": "advanced"})
    assert (replaced.json()["level"], replaced.json()["instructions"]) == ("advanced", "")
    assert replaced.json()["preference"] == {"kind": "favourite", "reason": None}


async def test_a_planned_exercise_keeps_its_kind(ana: Person, stack: Stack) -> None:
    made = await ana.post(EXERCISES, json=CUSTOM)
    path, body = made.headers["location"], CUSTOM | {"kind": "duration"}
    assert (await ana.put(path, json=body)).json()["kind"] == "duration"
    assert (await ana.put(path, json=CUSTOM)).status_code == 200
    sets = [{"set_type": "working", "reps_max": 8}]
    days = [{"name": "A", "exercises": [{"exercise_id": made.json()["id"], "sets": sets}]}]
    plan = await ana.post("/api/v1/plans", json={"name": "With it", "content": {"days": days}})
    assert plan.status_code == 201, plan.text
    assert "planned" in assert_problem(await ana.put(path, json=body), 409, "conflict")["detail"]
    async with rest_client(stack, ana.token) as direct:
        past_the_api = await direct.patch(f"/exercises?id=eq.{made.json()['id']}", json={"kind": "duration"})
        assert past_the_api.status_code == 409
    # What does not change what its numbers mean may change, and so may the kind of what nobody has planned.
    assert (await ana.put(path, json=CUSTOM | {"level": "advanced"})).status_code == 200


async def test_the_library_is_read_only(ana: Person) -> None:
    path = f"{EXERCISES}/{await exercise_id(ana, 'Bench Press')}"
    before = (await ana.get(path)).json()
    assert_problem(await ana.put(path, json=CUSTOM), 403, "forbidden")
    assert_problem(await ana.delete(path), 403, "forbidden")
    assert (await ana.get(path)).json() == before


async def test_wrong_fields_are_named(ana: Person) -> None:
    wrong = {"name": " ", "kind": "yoga", "primary_muscles": [], "equipment": ["bodyweight", "barbell"], "slug": "mine"}
    problem = assert_problem(await ana.post(EXERCISES, json=wrong), 422, "validation_failed")
    assert fields_of(problem) == {("body", field) for field in ("name", "kind", "primary_muscles", "equipment", "slug")}


async def test_a_preference_is_set_shown_and_taken_off(ana: Person, bo: Person) -> None:
    path = f"{EXERCISES}/{await exercise_id(ana, 'Bench Press')}"
    excluded = {"kind": "excluded", "reason": "my shoulder"}
    for _ in range(2):
        assert (await ana.put(f"{path}/preference", json=excluded)).json() == excluded
    assert (await ana.get(path)).json()["preference"] == excluded
    listed = (await ana.get(EXERCISES, params={"q": "bench press"})).json()["items"][0]
    assert listed["preference"] == excluded
    assert (await bo.get(path)).json()["preference"] is None
    assert (await ana.delete(f"{path}/preference")).status_code == 204
    assert_problem(await ana.delete(f"{path}/preference"), 404, "not_found")
    assert (await ana.get(path)).json()["preference"] is None


async def test_what_cannot_be_seen_cannot_be_preferred(ana: Person, bo: Person) -> None:
    theirs = await bo.post(EXERCISES, json=CUSTOM)
    for target in (theirs.json()["id"], str(uuid4())):
        response = await ana.put(f"{EXERCISES}/{target}/preference", json={"kind": "favourite"})
        assert_problem(response, 404, "not_found")


async def test_the_list_has_an_etag_that_follows_ones_own_changes(ana: Person) -> None:
    first = await ana.get(EXERCISES, params={"q": "squat"})
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await ana.get(EXERCISES, params={"q": "squat"}, headers=tag)).status_code == 304
    await ana.post(EXERCISES, json=CUSTOM)
    assert (await ana.get(EXERCISES, params={"q": "squat"}, headers=tag)).status_code == 200


async def test_an_idempotency_key_makes_one_exercise(ana: Person) -> None:
    key = {"Idempotency-Key": "abc-123"}
    first = await ana.post(EXERCISES, json=CUSTOM, headers=key)
    again = await ana.post(EXERCISES, json=CUSTOM, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert_problem(await ana.post("/api/v1/plans", json={"name": "x"}, headers=key), 409, "conflict")
