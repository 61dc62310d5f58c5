"""Meal plans taken along and brought back equal, but for what would harm their owner."""

import copy
from typing import Any

import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.archive import bring, exported, neutral
from tests.support.meals import MEAL_PLANS, MILK, PROFILE, item, make_food, make_meal_plan, meals_with
from tests.support.people import Person

UNSUITABLE = "The meal plan has foods that your allergens or your diet forbid."


async def library_food(person: Person) -> str:
    """The id of the first food of the library that anybody may eat."""
    found = (await person.get("/api/v1/foods", params={"q": "white rice"})).json()
    first: str = found["items"][0]["id"]
    return first


async def live(person: Person, stack: Stack) -> None:
    """Two meal plans: one that is eaten by, changed twice, and had milk before the person gave it up; and a draft."""
    milk = await make_food(person, stack, MILK, name="Own milk")
    own, gone = [await make_food(person, stack, name=name) for name in ("Own rice", "Gone rice")]
    targets = {"target_energy_kcal": 2000, "target_protein_g": 90, "target_carbohydrate_g": 250, "target_fat_g": 60}
    fields = {"name": "Eat", "description": "Well", "goal": "Gain", "duration_weeks": 6, **targets}
    plan = await make_meal_plan(person, stack, content=meals_with(item(milk, 200.5)), **fields)
    path = f"{MEAL_PLANS}/{plan['id']}"
    for content in (meals_with(gone), meals_with(own, await library_food(person), days=2)):
        assert (await person.put(path, json={**fields, "content": content})).status_code == 200
    await person.patch(PROFILE, json={"dietary": {"allergens": ["milk"]}})
    assert (await person.delete(f"/api/v1/foods/{gone}")).status_code == 204
    assert (await person.post(f"{path}/activate")).status_code == 200
    await make_meal_plan(person, stack, name="Draft", content=None)


async def test_meal_plans_come_back_equal_with_their_history(
    ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    await live(ana, stack)
    document = await exported(ana)
    eaten, draft = document["meal_plans"]
    assert (eaten["status"], len(eaten["versions"]), draft["versions"]) == ("active", 3, [])
    assert [food["hidden"] for food in document["foods"]] == [False, False, True]
    result = await bring(bo, document, settings)
    assert (result["rejected"], result["sections"]["meal_plans"]) == ([], {"imported": 2})
    once = await exported(bo)
    assert neutral(once) == neutral(document)
    assert (await bring(bo, document, settings))["sections"]["meal_plans"] == {"duplicate": 2}
    assert await exported(bo) | {"exported_at": None} == once | {"exported_at": None}
    # It goes on as it was: the version with milk is history, and stays that.
    path = f"{MEAL_PLANS}/{once['meal_plans'][0]['id']}"
    assert (await bo.get(path)).json()["version"] == 3
    assert (await bo.post(f"{path}/versions/1/restore")).status_code == 422
    assert (await bo.post(f"{path}/versions/3/restore")).json()["version"] == 3


async def test_a_food_that_was_deleted_and_made_again_comes_back_twice(
    ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    for hidden in (True, False):
        own = await make_food(ana, stack, name="Own rice")
        await make_meal_plan(ana, stack, name=f"Plan {hidden}", content=meals_with(own))
        if hidden:
            assert (await ana.delete(f"/api/v1/foods/{own}")).status_code == 204
    document = await exported(ana)
    assert [food["hidden"] for food in document["foods"]] == [True, False]
    for _ in range(2):
        assert (await bring(bo, document, settings))["rejected"] == []
        assert neutral(await exported(bo)) == neutral(document)


async def test_what_the_profile_forbids_is_not_imported(
    ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    await live(ana, stack)
    document = await exported(ana)
    document["foods"][1]["allergens"], document["foods"][1]["diets"] = ["milk"], ["omnivore"]
    result = await bring(bo, document, settings)
    assert result["rejected"] == [{"section": "meal_plans", "index": 0, "reason": UNSUITABLE}]
    assert result["sections"]["meal_plans"] == {"imported": 1, "rejected": 1}
    assert [plan["name"] for plan in (await exported(bo))["meal_plans"]] == ["Draft"]


async def test_another_persons_food_is_not_imported(ana: Person, bo: Person, settings: Settings, stack: Stack) -> None:
    await live(ana, stack)
    document = await exported(ana)
    document["foods"] = []
    # Hers are not his, though the worker could see them.
    result = await bring(bo, document, settings)
    assert [(one["section"], one["index"]) for one in result["rejected"]] == [("meal_plans", 0)]


WRONG: dict[str, dict[str, Any]] = {
    "no name": {"name": None},
    "a starving target": {"target_energy_kcal": 800},
    "an unknown status": {"status": "eaten"},
    "active without content": {"status": "active", "versions": []},
    "versions that are none": {"versions": {"0": {}}},
    "a version without content": {"versions": [{"changed_by": "person", "reason": None}]},
    "a version of nobody": {"versions": [{"content": {"days": []}, "changed_by": "x", "reason": None}]},
    "an id that is none": {"id": {"a": 1}, "versions": 5},
}


async def test_what_is_wrong_is_named_and_the_rest_imported(
    ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    await live(ana, stack)
    document = await exported(ana)
    (eaten, draft) = document["meal_plans"]
    earlier = copy.deepcopy(eaten)
    earlier["versions"][0]["content"]["days"][0]["meals"][0]["items"][0]["grams"] = 0
    broken = [earlier, *(eaten | change for change in WRONG.values())]
    document["meal_plans"] = [one | {"id": f"{number}"} for number, one in enumerate(broken)] + [draft, 5, None]
    result = await bring(bo, document, settings)
    assert [one["index"] for one in result["rejected"]] == [*range(len(broken)), len(broken) + 1, len(broken) + 2]
    assert all(one["reason"] for one in result["rejected"])
    assert [plan["name"] for plan in (await exported(bo))["meal_plans"]] == ["Draft"]


@pytest.mark.parametrize("status", ["active", "archived"])
async def test_the_meal_plan_that_is_eaten_by_stays(
    status: str, ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    await live(ana, stack)
    mine = await make_meal_plan(bo, stack)
    await bo.post(f"{MEAL_PLANS}/{mine['id']}/activate")
    document = await exported(ana)
    document["meal_plans"][0]["status"] = status
    await bring(bo, document, settings)
    assert [(plan["name"], plan["status"]) for plan in (await exported(bo))["meal_plans"]] == [
        ("Eat well", "active"),
        ("Eat", "archived"),
        ("Draft", "draft"),
    ]
