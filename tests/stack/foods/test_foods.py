"""The library and custom foods over HTTP, on the real stack."""

from typing import Any
from uuid import uuid4

from dev.stack import Stack
from tests.support.foods import FOOD, FOODS, NUTRIENTS, food_named, make_food
from tests.support.people import Person, assert_problem, fields_of, rest_client

ZEROES = dict.fromkeys(NUTRIENTS, 0)
# What is changed, and the field that is wrong then.
WRONG: list[tuple[dict[str, Any], tuple[str | int, ...]]] = [
    ({"name": " "}, ("name",)),
    ({"slug": "mine"}, ("slug",)),
    ({"category": "candy"}, ("category",)),
    ({"aliases": ["a", "a"]}, ("aliases",)),
    ({"diets": []}, ("diets",)),
    ({"diets": ["vegan"], "allergens": ["egg"]}, ("diets",)),
    ({"diets": ["vegetarian"], "allergens": ["molluscs"]}, ("diets",)),
    ({"diets": ["pescatarian"], "category": "meat", "allergens": []}, ("diets",)),
    ({"servings": [{"name": "cup", "grams": 0}]}, ("servings", 0, "grams")),
    ({"servings": [{"name": "cup", "grams": 1.001}]}, ("servings", 0, "grams")),
    ({"servings": [{"name": "cup", "grams": 5}] * 11}, ("servings",)),
    ({"nutrients": NUTRIENTS | {"protein_g": -1}}, ("nutrients", "protein_g")),
    ({"nutrients": NUTRIENTS | {"protein_g": "20"}}, ("nutrients", "protein_g")),
    ({"nutrients": NUTRIENTS | {"salt_g": 0.001}}, ("nutrients", "salt_g")),
    ({"nutrients": NUTRIENTS | {"sugar_g": 46}}, ("nutrients", "sugar_g")),
    ({"nutrients": NUTRIENTS | {"fibre_g": 46}}, ("nutrients", "fibre_g")),
    ({"nutrients": NUTRIENTS | {"fat_g": 36}}, ("nutrients", "fat_g")),
    ({"nutrients": NUTRIENTS | {"alcohol_g": 18}}, ("nutrients", "alcohol_g")),
]


async def everything(person: Person, **params: Any) -> list[dict[str, Any]]:
    """All foods that match."""
    found: list[dict[str, Any]] = []
    while True:
        page = (await person.get(FOODS, params=params | {"page": len(found) // 100 + 1, "per_page": 100})).json()
        found += page["items"]
        if len(found) == page["total"]:
            return found


async def test_a_food_says_what_100_g_hold(ana: Person) -> None:
    milk = await food_named(ana, "Milk, whole")
    assert milk["nutrients"] == {
        "energy_kcal": 64, "protein_g": 3.3, "carbohydrate_g": 4.7, "fat_g": 3.5, "fibre_g": 0, "sugar_g": 4.7,
        "salt_g": 0.1, "alcohol_g": 0,
    }  # fmt: skip
    assert (milk["allergens"], milk["diets"]) == (["milk"], ["omnivore", "pescatarian", "vegetarian"])
    assert milk["servings"][0] == {"name": "glass", "grams": 250}
    assert (milk["slug"], milk["category"], milk["is_custom"]) == ("milk-whole", "dairy", False)
    response = await ana.get(f"{FOODS}/{milk['id']}")
    assert response.json() == milk
    tag = {"If-None-Match": response.headers["etag"]}
    assert (await ana.get(f"{FOODS}/{milk['id']}", headers=tag)).status_code == 304


async def test_filters_hold_for_every_item_and_combine(ana: Person) -> None:
    params = {"category": ["legume", "plant_protein"], "diet": "vegan", "free_from": ["soy", "gluten"]}
    found = await everything(ana, **params)
    assert len(found) > 10
    for food in found:
        assert food["category"] in {"legume", "plant_protein"}
        assert "vegan" in food["diets"]
        assert not {"soy", "gluten"} & set(food["allergens"])


async def test_suitable_follows_the_profile(ana: Person) -> None:
    assert (await ana.get(FOODS, params={"suitable": False})).json()["total"] == 0
    dietary = {"diet": "vegetarian", "allergens": ["milk", "gluten"], "dislikes": ["olive"]}
    await ana.patch("/api/v1/users/me", json={"dietary": dietary})
    await make_food(ana)
    await make_food(ana, name="Own Shake", allergens=["milk"], diets=["vegetarian"])
    suitable = await everything(ana, suitable=True)
    other = await everything(ana, suitable=False)
    assert {"Own Bar", "Olives, green"} <= {food["name"] for food in suitable}
    assert "Own Shake" in {food["name"] for food in other}
    assert all("vegetarian" in food["diets"] for food in suitable)
    assert not any({"milk", "gluten"} & set(food["allergens"]) for food in suitable)
    assert len(suitable) + len(other) == (await ana.get(FOODS)).json()["total"]


async def test_what_is_suitable_is_what_the_database_allows(ana: Person, stack: Stack) -> None:
    await ana.patch("/api/v1/users/me", json={"dietary": {"diet": "pescatarian", "allergens": ["egg", "nuts"]}})
    async with rest_client(stack, ana.token) as direct:
        rows = (await direct.get("/foods?select=id&diets=cs.{pescatarian}&allergens=not.ov.{egg,nuts}")).json()
    assert {food["id"] for food in await everything(ana, suitable=True)} == {row["id"] for row in rows}


async def test_pages_together_are_the_whole_list_in_order(ana: Person) -> None:
    for sort in ("name", "-name", "energy_kcal", "-protein_g"):
        found = await everything(ana, sort=sort)
        assert len({food["id"] for food in found}) == len(found) >= 250
        column = sort.removeprefix("-")
        keys = [food["name"].casefold() if column == "name" else food["nutrients"][column] for food in found]
        assert keys == sorted(keys, reverse=sort.startswith("-"))


async def test_a_custom_food_is_usable_at_once_by_its_owner_alone(ana: Person, bo: Person) -> None:
    made = await ana.post(FOODS, json=FOOD)
    assert made.status_code == 201, made.text
    food = made.json()
    assert (food["is_custom"], food["slug"], food["hidden_at"]) == (True, None, None)
    assert food["nutrients"] == NUTRIENTS | {"alcohol_g": 0}
    assert food["diets"] == ["omnivore", "pescatarian", "vegetarian", "vegan"]
    assert (await ana.get(made.headers["location"])).json() == food
    assert (await ana.get(FOODS, params={"q": "own bar"})).json()["items"][0] == food
    assert (await ana.get(FOODS, params={"owned": True})).json()["items"] == [food]
    assert (await bo.get(FOODS, params={"owned": True})).json()["items"] == []
    assert_problem(await bo.get(made.headers["location"]), 404, "not_found")


async def test_a_name_is_taken_once_per_person(ana: Person, bo: Person) -> None:
    first = await make_food(ana)
    problem = assert_problem(await ana.post(FOODS, json=FOOD | {"name": "OWN BAR"}), 409, "conflict")
    assert "already have" in problem["detail"]
    await make_food(bo)
    other = await make_food(ana, name="Other")
    assert_problem(await ana.put(f"{FOODS}/{other['id']}", json=FOOD), 409, "conflict")
    assert (await ana.delete(f"{FOODS}/{first['id']}")).status_code == 204
    assert_problem(await ana.get(f"{FOODS}/{first['id']}"), 404, "not_found")
    assert (await ana.put(f"{FOODS}/{other['id']}", json=FOOD)).status_code == 200


async def test_a_custom_food_is_replaced_whole_and_only_in_the_state_that_was_seen(ana: Person) -> None:
    food = await make_food(ana)
    path = f"{FOODS}/{food['id']}"
    tag = {"If-Match": (await ana.get(path)).headers["etag"]}
    less = {key: value for key, value in FOOD.items() if key not in {"aliases", "servings", "allergens"}}
    replaced = await ana.put(path, json=less, headers=tag)
    assert (replaced.json()["aliases"], replaced.json()["servings"], replaced.json()["allergens"]) == ([], [], [])
    assert_problem(await ana.put(path, json=FOOD, headers=tag), 412, "precondition_failed")
    assert (await ana.get(path)).json() == replaced.json()
    assert (await ana.put(path, json=FOOD, headers={"If-Match": replaced.headers["etag"]})).status_code == 200
    missing = await ana.put(f"{FOODS}/{uuid4()}", json=FOOD, headers=tag)
    assert_problem(missing, 404, "not_found")


async def test_the_library_is_read_only(ana: Person) -> None:
    banana = await food_named(ana, "Banana")
    path = f"{FOODS}/{banana['id']}"
    assert_problem(await ana.put(path, json=FOOD), 403, "forbidden")
    assert_problem(await ana.delete(path), 403, "forbidden")
    assert (await ana.get(path)).json() == banana


async def test_energy_that_does_not_add_up_says_what_it_would_be(ana: Person) -> None:
    for energy in (0, 361, 443, 900):
        response = await ana.post(FOODS, json=FOOD | {"nutrients": NUTRIENTS | {"energy_kcal": energy}})
        problem = assert_problem(response, 422, "validation_failed")
        assert fields_of(problem) == {("body", "nutrients", "energy_kcal")}
        assert "about 402 kcal" in problem["errors"][0]["message"]
    for name, energy in (("Low", 362), ("High", 442)):
        await make_food(ana, name=name, nutrients=NUTRIENTS | {"energy_kcal": energy})
    await make_food(ana, name="Nearly nothing", nutrients=ZEROES | {"energy_kcal": 5})
    await make_food(ana, name="Ale", nutrients=ZEROES | {"energy_kcal": 28, "alcohol_g": 4})


async def test_wrong_fields_are_named(ana: Person) -> None:
    for changes, field in WRONG:
        problem = assert_problem(await ana.post(FOODS, json=FOOD | changes), 422, "validation_failed")
        assert fields_of(problem) == {("body", *field)}, changes


async def test_an_idempotency_key_makes_one_food(ana: Person) -> None:
    key = {"Idempotency-Key": "abc-123"}
    first, again = [await ana.post(FOODS, json=FOOD, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert_problem(await ana.post(FOODS, json=FOOD | {"name": "Other"}, headers=key), 409, "conflict")


async def test_the_list_has_an_etag_that_follows_ones_own_changes(ana: Person) -> None:
    tag = {"If-None-Match": (await ana.get(FOODS, params={"q": "bar"})).headers["etag"]}
    assert (await ana.get(FOODS, params={"q": "bar"}, headers=tag)).status_code == 304
    await make_food(ana)
    assert (await ana.get(FOODS, params={"q": "bar"}, headers=tag)).status_code == 200


async def test_without_a_token_there_is_nothing(anonymous: Person) -> None:
    for response in (await anonymous.get(FOODS), await anonymous.post(FOODS, json=FOOD)):
        assert_problem(response, 401, "unauthenticated")
