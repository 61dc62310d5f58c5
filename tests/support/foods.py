"""Foods for tests."""

from typing import Any

from tests.support.people import Person

FOODS = "/api/v1/foods"
# 4 * 20 + 4 * 35 + 2 * 10 + 9 * 18 = 402 kcal
NUTRIENTS: dict[str, Any] = {
    "energy_kcal": 400, "protein_g": 20, "carbohydrate_g": 45, "fat_g": 18, "fibre_g": 10, "sugar_g": 12.5,
    "salt_g": 0.5,
}  # fmt: skip
FOOD: dict[str, Any] = {
    "name": "Own Bar",
    "aliases": ["Snack"],
    "category": "snack_sweet",
    "nutrients": NUTRIENTS,
    "servings": [{"name": "bar", "grams": 42.5}],
    "allergens": ["nuts", "soy"],
    "diets": ["vegan"],
}


async def food_named(person: Person, name: str) -> dict[str, Any]:
    """The food of this name."""
    found: list[dict[str, Any]] = (await person.get(FOODS, params={"q": name})).json()["items"]
    return next(food for food in found if food["name"] == name)


async def make_food(person: Person, **changes: Any) -> dict[str, Any]:
    """A food of the person's own."""
    response = await person.post(FOODS, json=FOOD | changes)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made
