"""People who can have meal plans made, and what they get."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import httpx

from dev.stack import Stack
from src.nutrition.ingredients import FoodFacts, Ingredient
from tests.support.people import Person, rest_client

GENERATE = "/api/v1/meal-plans/generate"
TARGETS = "/api/v1/nutrition/targets"
DAYS_A_YEAR = 365.25
NUTRITION_DATA = {
    ("profile", "sex"),
    ("profile", "date_of_birth"),
    ("profile", "activity_level"),
    ("measurements", "body_weight"),
    ("measurements", "height"),
}
"""What targets are computed from."""


def born(age: int) -> str:
    """A date of birth of somebody of this age."""
    return (date.today() - timedelta(days=age * DAYS_A_YEAR + 30)).isoformat()  # noqa: DTZ011  # a day more or less is the same age


async def known(person: Person, *, weight: float = 80.0, height: float = 1.80, **profile: Any) -> Person:
    """The person, who has said and measured what targets need."""
    said = {"sex": "male", "date_of_birth": born(30), "activity_level": "moderate", **profile}
    answer = await person.patch("/api/v1/users/me", json=said)
    assert answer.status_code == 200, answer.text
    for kind, value in (("body_weight", weight), ("height", height)):
        body = {"kind": kind, "value": value, "measured_at": datetime.now(UTC).isoformat()}
        assert (await person.post("/api/v1/measurements", json=body)).status_code in {200, 201}
    return person


async def rows(person: Person, stack: Stack, table: str, **query: str) -> list[dict[str, Any]]:
    """What a person reads of a table."""
    async with rest_client(stack, person.token) as rest:
        answer = await rest.get(f"/{table}", params=query)
    found: list[dict[str, Any]] = answer.raise_for_status().json()
    return found


async def foods_by_id(person: Person, stack: Stack) -> dict[str, dict[str, Any]]:
    """Every food that a person can see."""
    return {row["id"]: row for row in await rows(person, stack, "foods")}


def grams_of(content: dict[str, Any]) -> list[list[tuple[str, float]]]:
    """Food ids and grams of each day."""
    return [
        [(item["food_id"], item["grams"]) for meal in day["meals"] for item in meal["items"]] for day in content["days"]
    ]


async def own_food(person: Person, stack: Stack, **fields: Any) -> str:
    """The id of a new food of this person's own."""
    bread = {
        "name": "My bread",
        "category": "bread",
        "energy_kcal": 250,
        "protein_g": 10,
        "carbohydrate_g": 48,
        "fat_g": 2,
        "diets": ["omnivore", "pescatarian", "vegetarian", "vegan"],
    }
    async with rest_client(stack, person.token) as rest:
        answer = await rest.post("/foods", json={**bread, **fields}, headers={"Prefer": "return=representation"})
    food_id: str = answer.raise_for_status().json()[0]["id"]
    return food_id


class LibraryFood(NamedTuple):
    """A food of the library, and who may eat it."""

    facts: FoodFacts
    diets: frozenset[str]
    allergens: frozenset[str]

    @property
    def food(self) -> Ingredient:
        """What plans are made of."""
        return Ingredient.from_facts(self.facts)


async def library_of(stack: Stack) -> list[LibraryFood]:
    """The foods of the library that plans are made of."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        found = await connection.fetch(
            "select private.food_facts(f) as facts, f.diets::text[], f.allergens::text[] from public.foods as f "
            "where f.user_id is null and f.alcohol_g = 0 order by f.id"
        )
    finally:
        await connection.close()
    return [
        LibraryFood(FoodFacts.model_validate_json(row["facts"]), frozenset(row["diets"]), frozenset(row["allergens"]))
        for row in found
    ]


async def guest(stack: Stack) -> dict[str, str]:
    """What a new guest sends along."""
    async with httpx.AsyncClient() as auth:
        signed = await auth.post(
            f"{stack.supabase_url}/auth/v1/signup", headers={"apikey": stack.publishable_key}, json={}
        )
    return {"Authorization": f"Bearer {signed.raise_for_status().json()['access_token']}"}


async def waits_again(stack: Stack, job_id: str) -> None:
    """As when the lease of a worker that died, or the pause after a failure, were over."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("update public.jobs set run_after = now() where id = $1", job_id)
    finally:
        await connection.close()
