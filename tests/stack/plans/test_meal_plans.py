"""Meal plans: written, listed, replaced, activated, restored and deleted, on the real stack."""

import asyncio
from collections import Counter
from uuid import uuid4

from dev.stack import Stack
from tests.support.meals import BEEF, MEAL_PLANS, MILK, PROFILE, item, make_food, make_meal_plan, meals_with
from tests.support.people import Person, assert_problem, fields_of, rest_client

MANY = 27


async def test_a_meal_plan_is_created_whole_and_read_back_equal(ana: Person, stack: Stack) -> None:
    rice, milk = await make_food(ana, stack, name="Rice"), await make_food(ana, stack, MILK, name="Milk")
    response = await ana.post(
        MEAL_PLANS,
        json={
            "name": "  Eat well  ",
            "goal": "Gain",
            "duration_weeks": 8,
            "target_energy_kcal": 2000,
            "target_protein_g": 100,
            "content": meals_with(item(rice, 200), item(milk, 250.5)),
        },
    )
    plan = response.json()
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"{MEAL_PLANS}/{plan['id']}"
    assert (plan["name"], plan["status"], plan["source"], plan["version"]) == ("Eat well", "draft", "manual", 1)
    assert [food["name"] for food in plan["foods"]] == ["Milk", "Rice"]
    assert plan["conflicts"] == []
    day = plan["nutrients"]["days"][0]
    # 2 * 130 + 2.505 * 64 kcal, and 2 * 2.7 + 2.505 * 3.4 g.
    assert (day["nutrients"]["energy_kcal"], day["nutrients"]["protein_g"]) == (420, 13.9)
    assert day["residual"] == {
        "energy_kcal": -1580,
        "energy_ratio": -0.7898,
        "protein_g": -86.1,
        "protein_ratio": -0.8608,
    }
    assert plan["nutrients"]["average"] == day["nutrients"] == day["meals"][0]
    assert (await ana.get(response.headers["location"])).json() == plan


async def test_a_draft_may_be_empty_and_is_not_activated(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack, content=None)
    assert (plan["content"], plan["version"], plan["nutrients"], plan["foods"]) == (None, 0, None, [])
    path = f"{MEAL_PLANS}/{plan['id']}"
    assert_problem(await ana.post(f"{path}/activate"), 409, "conflict")
    assert (await ana.get(f"{path}/versions")).json()["items"] == []
    assert (await ana.get(f"{path}/grocery-list")).json() == {"days": 7, "groups": []}
    body = {"day": 0, "meal": 0, "item": 0, "food_id": str(uuid4())}
    assert_problem(await ana.post(f"{path}/swap", json=body), 422, "validation_failed")


async def test_the_list_is_paged_ordered_filtered_and_without_content(ana: Person, stack: Stack) -> None:
    for number in range(4):
        await make_meal_plan(ana, stack, name=f"Plan {number}", content=None)
    active = await make_meal_plan(ana, stack, name="Plan 4")
    await ana.post(f"{MEAL_PLANS}/{active['id']}/activate")
    page = (await ana.get(MEAL_PLANS, params={"page": 2, "per_page": 2, "sort": "name"})).json()
    assert [plan["name"] for plan in page["items"]] == ["Plan 2", "Plan 3"]
    assert (page["total"], page["page"], page["per_page"]) == (5, 2, 2)
    assert "content" not in page["items"][0]
    past = (await ana.get(MEAL_PLANS, params={"page": 9})).json()
    assert past == {"items": [], "total": 5, "page": 9, "per_page": 20}
    found = (await ana.get(MEAL_PLANS, params=[("status", "active"), ("status", "completed")])).json()
    assert [plan["id"] for plan in found["items"]] == [active["id"]]
    wrong = await ana.get(MEAL_PLANS, params={"sort": "user_id", "status": "gone"})
    assert fields_of(assert_problem(wrong, 422, "validation_failed")) == {("query", "sort"), ("query", "status", 0)}


async def test_content_is_refused_with_the_place_of_each_mistake(ana: Person, bo: Person, stack: Stack) -> None:
    content = meals_with(item(await make_food(ana, stack), 80.05), item(str(uuid4()), 2001))
    content["days"][0]["meals"][0]["energy_kcal"] = 900
    at = ("body", "content", "days", 0, "meals", 0)
    response = await ana.post(MEAL_PLANS, json={"name": "x", "content": content})
    assert fields_of(assert_problem(response, 422, "validation_failed")) == {
        (*at, "energy_kcal"),
        (*at, "items", 0, "grams"),
        (*at, "items", 1, "grams"),
    }
    # Which foods there are only the database knows; another person's is as if there were none.
    for unknown in (await make_food(bo, stack), str(uuid4())):
        refused = await ana.post(MEAL_PLANS, json={"name": "x", "content": meals_with(unknown)})
        problem = assert_problem(refused, 422, "validation_failed")
        place = [*at, "items", 0, "food_id"]
        assert problem["errors"] == [{"loc": place, "message": "is not a food you can use", "type": "unknown_food"}]
    assert (await ana.get(MEAL_PLANS)).json()["total"] == 0


async def test_targets_have_floors(ana: Person) -> None:
    body = {"name": "x", "target_energy_kcal": 1199, "target_protein_g": 0, "target_fat_g": -1}
    problem = assert_problem(await ana.post(MEAL_PLANS, json=body), 422, "validation_failed")
    assert fields_of(problem) == {("body", name) for name in body if name != "name"}


async def test_nutrients_are_not_taken_from_a_client(ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack)
    content = meals_with(item(food) | {"energy_kcal": 1})
    assert_problem(await ana.post(MEAL_PLANS, json={"name": "x", "content": content}), 422, "validation_failed")
    body = {"name": "x", "content": meals_with(food), "nutrients": {"average": {}}}
    assert_problem(await ana.post(MEAL_PLANS, json=body), 422, "validation_failed")


async def test_put_replaces_and_keeps_the_history(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack, description="Old words")
    path = f"{MEAL_PLANS}/{plan['id']}"
    renamed = (await ana.put(path, json={"name": "New", "content": plan["content"]})).json()
    assert (renamed["name"], renamed["description"], renamed["version"]) == ("New", None, 1)
    content = meals_with(await make_food(ana, stack, MILK, name="Milk"))
    replaced = (await ana.put(path, json={"name": "New", "content": content})).json()
    assert (replaced["version"], replaced["foods"][0]["name"]) == (2, "Milk")
    history = (await ana.get(f"{path}/versions")).json()
    assert [entry["version"] for entry in history["items"]] == [2, 1]
    assert (history["items"][1]["content"], history["total"]) == (plan["content"], 2)
    assert_problem(await ana.put(path, json={"name": "New", "content": None}), 422, "validation_failed")


async def test_restore_brings_an_older_content_back_as_the_newest(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    await ana.put(path, json={"name": "x", "content": meals_with(await make_food(ana, stack))})
    restored = (await ana.post(f"{path}/versions/1/restore")).json()
    assert (restored["version"], restored["content"]) == (3, plan["content"])
    assert (await ana.post(f"{path}/versions/1/restore")).json()["version"] == 3
    newest = (await ana.get(f"{path}/versions", params={"per_page": 1})).json()
    assert (newest["items"][0]["reason"], newest["total"]) == ("Restored version 1", 3)
    assert_problem(await ana.post(f"{path}/versions/9/restore"), 404, "not_found")


async def test_one_meal_plan_is_active_and_the_former_is_archived(ana: Person, stack: Stack) -> None:
    first, second = await make_meal_plan(ana, stack), await make_meal_plan(ana, stack)
    assert (await ana.post(f"{MEAL_PLANS}/{first['id']}/activate")).json()["status"] == "active"
    activated = (await ana.post(f"{MEAL_PLANS}/{second['id']}/activate")).json()
    assert (activated["status"], activated["nutrients"]) == ("active", second["nutrients"])
    assert (await ana.get(f"{MEAL_PLANS}/{first['id']}")).json()["status"] == "archived"
    body = {"name": "x", "content": first["content"], "status": "active"}
    assert_problem(await ana.put(f"{MEAL_PLANS}/{first['id']}", json=body), 409, "conflict")


async def test_if_match_guards_a_change(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    etag = {"If-Match": (await ana.get(path)).headers["etag"]}
    changed = await ana.put(path, json={"name": "One", "content": plan["content"]}, headers=etag)
    assert changed.status_code == 200
    assert_problem(await ana.put(path, json={"name": "Two"}, headers=etag), 412, "precondition_failed")
    body = {"day": 0, "meal": 0, "item": 0, "food_id": plan["foods"][0]["id"]}
    assert_problem(await ana.post(f"{path}/swap", json=body, headers=etag), 412, "precondition_failed")
    assert_problem(await ana.delete(path, headers=etag), 412, "precondition_failed")
    assert (await ana.get(path)).json()["name"] == "One"
    current = {"If-Match": changed.headers["etag"]}
    assert (await ana.delete(path, headers=current)).status_code == 204
    assert_problem(await ana.delete(path, headers=current), 404, "not_found")


async def test_the_etag_knows_of_a_changed_profile(ana: Person, stack: Stack) -> None:
    milk = await make_food(ana, stack, MILK)
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack, content=meals_with(milk)))['id']}"
    first = await ana.get(path)
    seen = {"If-None-Match": f"W/{first.headers['etag']}"}
    again = await ana.get(path, headers=seen)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await ana.patch(PROFILE, json={"dietary": {"diet": "vegan"}})
    changed = await ana.get(path, headers=seen)
    assert (changed.status_code, changed.json()["conflicts"][0]["diet"]) == (200, "vegan")
    assert changed.json()["updated_at"] == first.json()["updated_at"]


async def test_one_key_at_once_makes_one_meal_plan(ana: Person, stack: Stack) -> None:
    body = {"name": "Once", "content": meals_with(await make_food(ana, stack))}
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(ana.post(MEAL_PLANS, json=body, headers=key) for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: MANY - 1}
    assert len({answer.text for answer in answers}) == 1
    assert (await ana.get(MEAL_PLANS)).json()["total"] == 1
    assert_problem(await ana.post(MEAL_PLANS, json={"name": "Other"}, headers=key), 409, "conflict")


async def test_everything_at_once_ends_without_a_failure(ana: Person, stack: Stack) -> None:
    content, other = meals_with(await make_food(ana, stack)), meals_with(await make_food(ana, stack, BEEF))
    plans = [await make_meal_plan(ana, stack, content=content) for _ in range(5)]
    paths = [f"{MEAL_PLANS}/{plan['id']}" for plan in plans]
    swap = {"day": 0, "meal": 0, "item": 0, "food_id": other["days"][0]["meals"][0]["items"][0]["food_id"]}
    answers = await asyncio.gather(
        *(ana.post(f"{path}/activate") for path in paths for _ in range(2)),
        *(ana.put(path, json={"name": "x", "content": other}) for path in paths),
        *(ana.post(f"{path}/swap", json=swap) for path in paths),
        *(ana.post(f"{path}/versions/1/restore") for path in paths),
        *(ana.put(path, json={"name": "y", "content": content, "status": "active"}) for path in paths),
        *(ana.patch(PROFILE, json={"name": "Ana"}) for _ in paths),
        *(ana.delete(path) for path in paths[:2]),
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 409}
    assert (await ana.get(MEAL_PLANS, params={"status": "active"})).json()["total"] <= 1


async def test_a_deleted_food_stays_readable_where_a_meal_plan_uses_it(ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack, name="My granola")
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack, content=meals_with(food)))['id']}"
    async with rest_client(stack, ana.token) as direct:
        assert (await direct.post("/rpc/delete_food", json={"food_id": food})).json() is True
    assert (await ana.get(path)).json()["foods"][0]["name"] == "My granola"
    again = {"name": "x", "content": meals_with(item(food, 90))}
    assert (await ana.put(path, json=again)).status_code == 200
    assert_problem(await ana.post(MEAL_PLANS, json=again), 422, "validation_failed")
