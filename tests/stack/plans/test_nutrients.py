"""What a meal plan's nutrients, its grocery list and a swap come to: recomputed here in another way."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.stack import Stack
from src.nutrition.content import MealPlanContent
from src.nutrition.grocery import grocery_list
from src.plans.meal_schemas import MealPlan
from tests.support.meals import MEAL_PLANS, MILK, RICE, item, make_food, make_meal_plan, meals_with
from tests.support.people import Person, assert_problem, fields_of

EXAMPLES = settings(max_examples=60, deadline=None, database=None, derandomize=True)
PER_100_G = ("energy_kcal", "protein_g", "carbohydrate_g", "fat_g", "fibre_g", "sugar_g", "salt_g")
IDS = [str(UUID(int=n)) for n in range(1, 6)]
STAMP = "2026-01-05T10:00:00Z"

grams = st.integers(10, 20_000).map(lambda tenths: tenths / 10)
weekdays = st.one_of(st.none(), st.integers(1, 7))
servings = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["cup", "piece"]), "grams": st.integers(1, 500)}), max_size=3
)
foods = st.fixed_dictionaries(
    {name: st.integers(0, 10_000).map(lambda hundredths: hundredths / 100) for name in PER_100_G}
    | {"category": st.sampled_from(["grain", "dairy"]), "servings": servings, "conflict": st.none()}
)
libraries = st.lists(foods, min_size=len(IDS), max_size=len(IDS)).map(
    lambda made: [food | {"id": id_, "name": f"Food {id_[-1]}"} for id_, food in zip(IDS, made, strict=True)]
)
items = st.fixed_dictionaries({"food_id": st.sampled_from(IDS), "grams": grams})
meals = st.fixed_dictionaries(
    {"slot": st.just("lunch"), "name": st.just("Lunch"), "items": st.lists(items, min_size=1, max_size=4)}
)
days = st.fixed_dictionaries(
    {"name": st.just("Day"), "weekday": weekdays, "meals": st.lists(meals, min_size=1, max_size=3)}
)
contents = st.fixed_dictionaries({"days": st.lists(days, min_size=1, max_size=9)})


def exactly(items_: list[dict[str, Any]], library: list[dict[str, Any]], name: str) -> Decimal:
    """Of these items, as people who count do it: without a rounding error."""
    value = {food["id"]: Decimal(str(food[name])) for food in library}
    return sum((Decimal(str(one["grams"])) * value[one["food_id"]] / 100 for one in items_), Decimal())


def near(shown: float, exact: Decimal, name: str) -> bool:
    half = {"energy_kcal": Decimal("0.5"), "salt_g": Decimal("0.005")}.get(name, Decimal("0.05"))
    return abs(Decimal(str(shown)) - exact) <= half + Decimal("1e-9")


@EXAMPLES
@given(content=contents, library=libraries, energy=st.one_of(st.none(), st.integers(1200, 10_000)))
def test_nutrients_are_what_the_foods_hold(
    content: dict[str, Any], library: list[dict[str, Any]], energy: int | None
) -> None:
    row = dict.fromkeys(MealPlan.model_fields, None) | {"id": IDS[0], "name": "x", "content": content}
    row |= {"status": "draft", "source": "manual", "version": 1, "created_at": STAMP, "updated_at": STAMP}
    plan = MealPlan.from_row(row | {"foods_used": library, "target_energy_kcal": energy, "target_protein_g": 80})
    assert plan.nutrients is not None
    for name in PER_100_G:
        total = Decimal()
        for day, shown in zip(content["days"], plan.nutrients.days, strict=True):
            eaten = [exactly(meal["items"], library, name) for meal in day["meals"]]
            total += sum(eaten, Decimal())
            assert near(getattr(shown.nutrients, name), sum(eaten, Decimal()), name)
            assert all(near(getattr(meal, name), one, name) for meal, one in zip(shown.meals, eaten, strict=True))
            if name == "energy_kcal":
                assert (shown.residual.energy_kcal is None) == (energy is None)
                if energy is not None and shown.residual.energy_ratio is not None:
                    ratio = (sum(eaten, Decimal()) - energy) / energy
                    assert abs(Decimal(str(shown.residual.energy_ratio)) - ratio) <= Decimal("0.00005000001")
        assert near(getattr(plan.nutrients.average, name), total / len(content["days"]), name)


@EXAMPLES
@given(content=contents, library=libraries, length=st.integers(1, 56))
def test_a_grocery_list_adds_up(content: dict[str, Any], library: list[dict[str, Any]], length: int) -> None:
    shown = grocery_list(MealPlanContent.model_validate(content), library, length)
    expected: dict[str, Decimal] = {}
    for number in range(length):
        named = [day for day in content["days"] if day["weekday"] == number % 7 + 1]
        if any(day["weekday"] is None for day in content["days"]):
            named = [content["days"][number % len(content["days"])]]
        for meal in named[number // 7 % len(named)]["meals"] if len(named) > 1 else named[0]["meals"] if named else []:
            for one in meal["items"]:
                expected[one["food_id"]] = expected.get(one["food_id"], Decimal()) + Decimal(str(one["grams"]))
    bought = [grocery for group in shown.groups for grocery in group.items]
    assert {str(one.food_id): Decimal(str(one.grams)) for one in bought} == expected
    assert [group.category for group in shown.groups] == sorted({group.category for group in shown.groups})
    for one in bought:
        if one.portion is not None:
            assert one.portion.count * 2 == int(one.portion.count * 2) > 0
            assert abs(one.portion.count * one.portion.grams - one.grams) <= one.portion.grams / 4 + 1e-6


def test_a_portion_is_the_one_that_comes_out_even() -> None:
    food = {"id": IDS[0], "name": "Milk", "category": "dairy"}
    sizes = [{"name": "cup", "grams": 245}, {"name": "glass", "grams": 200}, {"name": "spoon", "grams": 15}]
    content = MealPlanContent.model_validate(meals_with(item(IDS[0], 100)))
    shown = grocery_list(content, [food | {"servings": sizes}], 7).groups[0].items[0]
    assert shown.portion is not None
    assert (shown.grams, shown.portion.name, shown.portion.count) == (700, "glass", 3.5)
    crumbs = grocery_list(content, [food | {"servings": [{"name": "bucket", "grams": 2000}]}], 1)
    assert crumbs.groups[0].items[0].portion is None


async def test_a_grocery_list_is_for_as_long_as_asked(ana: Person, stack: Stack) -> None:
    rice = await make_food(ana, stack, name="Rice", category="grain", servings=[{"name": "bag", "grams": 280}])
    milk = await make_food(ana, stack, MILK, name="Milk", category="dairy")
    content = meals_with(item(rice, 80), item(milk, 100.1))
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack, content=content))['id']}/grocery-list"
    week = (await ana.get(path)).json()
    assert week == {
        "days": 7,
        "groups": [
            {"category": "dairy", "items": [{"food_id": milk, "name": "Milk", "grams": 700.7, "portion": None}]},
            {
                "category": "grain",
                "items": [
                    {
                        "food_id": rice,
                        "name": "Rice",
                        "grams": 560,
                        "portion": {"name": "bag", "grams": 280, "count": 2},
                    }
                ],
            },
        ],
    }
    for query, days_ in (({"weeks": 8}, 56), ({"days": 3}, 3)):
        longer = (await ana.get(path, params=query)).json()
        assert (longer["days"], longer["groups"][1]["items"][0]["grams"]) == (days_, 80 * days_)
    for wrong in ({"weeks": 9}, {"weeks": 0}, {"days": 57}, {"weeks": 1, "days": 7}, {"months": 1}):
        assert_problem(await ana.get(path, params=wrong), 422, "validation_failed")


def test_days_with_a_weekday_are_eaten_on_it() -> None:
    content = meals_with(item(IDS[0], 100), days=3)
    for day, weekday, food in zip(content["days"], (2, 2, 6), IDS, strict=False):
        day["weekday"] = weekday
        day["meals"] = [{"slot": "lunch", "name": "x", "items": [item(food, 100)]}]
    library = [{"id": id_, "name": id_, "category": "grain", "servings": []} for id_ in IDS]
    parsed = MealPlanContent.model_validate(content)
    for length, eaten in ((1, {}), (7, {0: 100, 2: 100}), (14, {0: 100, 1: 100, 2: 200})):
        groups = grocery_list(parsed, library, length).groups
        bought = {str(one.food_id): one.grams for group in groups for one in group.items}
        assert bought == {IDS[number]: weight for number, weight in eaten.items()}


# Swaps --------------------------------------------------------------------------------------------------------------


async def test_a_swapped_food_has_the_same_energy(ana: Person, stack: Stack) -> None:
    rice, milk = await make_food(ana, stack, name="Rice"), await make_food(ana, stack, MILK, name="Milk")
    plan = await make_meal_plan(ana, stack, content=meals_with(item(rice, 80), item(rice, 5)))
    path = f"{MEAL_PLANS}/{plan['id']}"
    swapped = await ana.post(f"{path}/swap", json={"day": 0, "meal": 0, "item": 0, "food_id": milk})
    assert swapped.status_code == 200, swapped.text
    assert (await ana.get(path)).headers["etag"].startswith(swapped.headers["etag"][:-1])
    # 80 g * 130 kcal / 64 kcal = 162.5 g, and 5 g * 130 / 64 = 10.2 g.
    small = await ana.post(f"{path}/swap", json={"day": 0, "meal": 0, "item": 1, "food_id": milk})
    assert small.json()["content"]["days"][0]["meals"][0]["items"] == [item(milk, 163), item(milk, 10.2)]
    newest = (await ana.get(f"{path}/versions")).json()["items"][0]
    assert (newest["version"], newest["changed_by"], newest["reason"]) == (3, "person", "Swapped Rice for Milk")
    before, after = (one["nutrients"]["average"]["energy_kcal"] for one in (plan, small.json()))
    assert abs(before - after) <= 1
    # With itself it changes nothing.
    same = await ana.post(f"{path}/swap", json={"day": 0, "meal": 0, "item": 0, "food_id": milk})
    assert same.json()["version"] == 3


WATER = {"energy_kcal": 0, "protein_g": 0, "carbohydrate_g": 0, "fat_g": 0}
OIL = {"energy_kcal": 884, "protein_g": 0, "carbohydrate_g": 0, "fat_g": 100}


async def test_what_cannot_be_swapped_is_named(ana: Person, bo: Person, stack: Stack) -> None:
    rice, water, oil = [await make_food(ana, stack, values) for values in (RICE, WATER, OIL)]
    content = meals_with(item(rice, 2000), item(water, 250), item(oil, 400), item(rice, 2))
    plan = await make_meal_plan(ana, stack, content=content)
    path = f"{MEAL_PLANS}/{plan['id']}/swap"
    sound = {"day": 0, "meal": 0, "item": 0, "food_id": oil}
    for change, field in (
        ({"day": 1}, "day"),
        ({"meal": 1}, "meal"),
        ({"item": 4}, "item"),
        ({"day": -1}, "day"),
        ({"item": None}, "item"),
        ({"item": "0"}, "item"),
        ({"food_id": "oil"}, "food_id"),
        ({"food_id": str(UUID(int=9))}, "food_id"),
        ({"food_id": await make_food(bo, stack)}, "food_id"),
        ({"food_id": water}, "food_id"),
        ({"item": 2, "food_id": rice}, "food_id"),  # 2720 g
        ({"item": 3, "food_id": oil}, "food_id"),  # 0.3 g
        ({"grams": 80}, "grams"),
    ):
        problem = assert_problem(await ana.post(path, json=sound | change), 422, "validation_failed")
        assert fields_of(problem) == {("body", field)}, change
    assert (await ana.get(f"{MEAL_PLANS}/{plan['id']}")).json()["version"] == 1
    # What has no energy is swapped gram for gram.
    swapped = await ana.post(path, json={"day": 0, "meal": 0, "item": 1, "food_id": rice})
    assert swapped.json()["content"]["days"][0]["meals"][0]["items"][1] == item(rice, 250)


@pytest.mark.parametrize("length", [14, 1])
async def test_a_plan_at_its_longest(length: int, ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack)
    content = meals_with(*[item(food, 99.9)] * 20)
    content["days"] = [content["days"][0] | {"meals": content["days"][0]["meals"] * 8}] * length
    plan = await make_meal_plan(ana, stack, content=content)
    exact = 8 * 20 * 99.9 * RICE["energy_kcal"] / 100  # type: ignore[operator]
    assert plan["nutrients"]["average"]["energy_kcal"] == round(exact)
