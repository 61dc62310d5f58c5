"""Foods and meal plans to test with."""

from typing import Any
from uuid import uuid4

from dev.stack import Stack
from tests.support.people import Person, rest_client

MEAL_PLANS = "/api/v1/meal-plans"
PROFILE = "/api/v1/users/me"
ANYBODY = ["omnivore", "pescatarian", "vegetarian", "vegan"]
# Per 100 g.
RICE = {"energy_kcal": 130, "protein_g": 2.7, "carbohydrate_g": 28.7, "fat_g": 0.3, "fibre_g": 0.4, "diets": ANYBODY}
MILK = {
    "energy_kcal": 64,
    "protein_g": 3.4,
    "carbohydrate_g": 4.8,
    "fat_g": 3.5,
    "allergens": ["milk"],
    "diets": ANYBODY[:3],
}
BEEF = {
    "energy_kcal": 121,
    "protein_g": 22,
    "carbohydrate_g": 0,
    "fat_g": 3.7,
    "category": "meat",
    "diets": ANYBODY[:1],
}


async def make_food(person: Person, stack: Stack, values: dict[str, Any] = RICE, **fields: Any) -> str:
    """The id of a new food of this person's own: rice unless said otherwise."""
    async with rest_client(stack, person.token) as direct:
        direct.headers["Prefer"] = "return=representation"
        response = await direct.post("/foods", json={"name": f"Food {uuid4()}", **values, **fields})
    assert response.status_code == 201, response.text
    made: str = response.json()[0]["id"]
    return made


def item(food: str, grams: float = 80) -> dict[str, Any]:
    return {"food_id": food, "grams": grams}


def meals_with(*items: dict[str, Any] | str, days: int = 1, **changes: Any) -> dict[str, Any]:
    """Sound content: days of one lunch with these items, or with 80 g of these foods."""
    eaten = [item(given) if isinstance(given, str) else given for given in items]
    lunch = {"slot": "lunch", "name": "Lunch", "notes": "", "items": eaten}
    return {"days": [{"name": f"Day {n}", "weekday": None, "meals": [lunch], **changes} for n in range(1, days + 1)]}


async def make_meal_plan(person: Person, stack: Stack, **fields: Any) -> dict[str, Any]:
    """A new meal plan of this person, with a lunch of rice unless `content` says otherwise."""
    if "content" not in fields:
        fields["content"] = meals_with(await make_food(person, stack))
    response = await person.post(MEAL_PLANS, json={"name": "Eat well", **fields})
    assert response.status_code == 201, response.text
    plan: dict[str, Any] = response.json()
    return plan
