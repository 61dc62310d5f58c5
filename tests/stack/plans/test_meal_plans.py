"""What only meal plans have: foods, nutrients, targets and swaps. test_plans.py has what both kinds do."""

from uuid import uuid4

from dev.stack import Stack
from tests.support.meals import MEAL_PLANS, MILK, PROFILE, item, make_food, make_meal_plan, meals_with
from tests.support.people import Person, assert_problem, fields_of, rest_client

MANY = 27


async def test_a_meal_plan_is_shown_with_its_foods_and_nutrients(ana: Person, stack: Stack) -> None:
    rice, milk = await make_food(ana, stack, name="Rice"), await make_food(ana, stack, MILK, name="Milk")
    response = await ana.post(
        MEAL_PLANS,
        json={
            "name": "Eat well",
            "target_energy_kcal": 2000,
            "target_protein_g": 100,
            "content": meals_with(item(rice, 200), item(milk, 250.5)),
        },
    )
    plan = response.json()
    assert response.status_code == 201, response.text
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


async def test_an_empty_draft_has_nothing_to_buy_or_swap(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack, content=None)
    assert (plan["content"], plan["nutrients"], plan["foods"]) == (None, None, [])
    path = f"{MEAL_PLANS}/{plan['id']}"
    assert (await ana.get(f"{path}/grocery-list")).json() == {"days": 7, "groups": []}
    body = {"day": 0, "meal": 0, "item": 0, "food_id": str(uuid4())}
    assert_problem(await ana.post(f"{path}/swap", json=body), 422, "validation_failed")


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


async def test_replacing_shows_the_new_foods(ana: Person, stack: Stack) -> None:
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack))['id']}"
    content = meals_with(await make_food(ana, stack, MILK, name="Milk"))
    replaced = (await ana.put(path, json={"name": "New", "content": content})).json()
    assert (replaced["version"], replaced["foods"][0]["name"]) == (2, "Milk")


async def test_activating_shows_the_nutrients(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    activated = (await ana.post(f"{MEAL_PLANS}/{plan['id']}/activate")).json()
    assert (activated["status"], activated["nutrients"]) == ("active", plan["nutrients"])


async def test_if_match_guards_a_swap(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    etag = {"If-Match": (await ana.get(path)).headers["etag"]}
    assert (await ana.put(path, json={"name": "One", "content": plan["content"]}, headers=etag)).status_code == 200
    body = {"day": 0, "meal": 0, "item": 0, "food_id": plan["foods"][0]["id"]}
    assert_problem(await ana.post(f"{path}/swap", json=body, headers=etag), 412, "precondition_failed")
    assert (await ana.get(path)).json()["name"] == "One"


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


async def test_a_deleted_food_stays_readable_where_a_meal_plan_uses_it(ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack, name="My granola")
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack, content=meals_with(food)))['id']}"
    async with rest_client(stack, ana.token) as direct:
        assert (await direct.post("/rpc/delete_food", json={"food_id": food})).json() is True
    assert (await ana.get(path)).json()["foods"][0]["name"] == "My granola"
    again = {"name": "x", "content": meals_with(item(food, 90))}
    assert (await ana.put(path, json=again)).status_code == 200
    assert_problem(await ana.post(MEAL_PLANS, json=again), 422, "validation_failed")
