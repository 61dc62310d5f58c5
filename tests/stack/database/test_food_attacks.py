"""Foods as an attacker sees them at PostgREST: the library, hidden foods, and values that lie."""

import json
from typing import Any

import asyncpg
import httpx

from dev.stack import Stack
from tests.stack.database.rows import FOOD, everything
from tests.support.cases import each_case
from tests.support.people import Person

TOO_MUCH = "x" * 3_000_000
UPSERT = {"Prefer": "resolution=merge-duplicates"}
# Written as JSON by hand where Python has no such number.
WRONG: dict[str, str] = {
    "energy that does not add up": '{"energy_kcal": 100}',
    "no energy at all": '{"energy_kcal": 0}',
    "energy that is not a number": '{"energy_kcal": "NaN"}',
    "energy without end": '{"energy_kcal": "Infinity"}',
    "energy of 131072 digits": '{"energy_kcal": 1e131071}',
    "protein and energy that are no numbers": '{"energy_kcal": "NaN", "protein_g": "NaN"}',
    "protein of 1e400": '{"protein_g": 1e400}',
    "protein below nothing": '{"protein_g": -5, "energy_kcal": 302}',
    "fat that is not a number": '{"fat_g": "NaN"}',
    "salt that is not a number": '{"salt_g": "NaN"}',
    "more salt than food": '{"salt_g": 101}',
    "more sugar than carbohydrate": '{"sugar_g": 60}',
    "more fibre than carbohydrate": '{"fibre_g": 60}',
    "more than 100 g in 100 g": '{"protein_g": 60, "energy_kcal": 562}',
    "vegan alone": '{"diets": ["vegan"]}',
    "no diet": '{"diets": []}',
    "vegan milk": '{"diets": ["omnivore", "pescatarian", "vegetarian", "vegan"], "allergens": ["milk"]}',
    "vegetarian fish": '{"diets": ["omnivore", "pescatarian", "vegetarian"], "category": "fish"}',
    "pescatarian meat": '{"diets": ["omnivore", "pescatarian"], "category": "meat"}',
    "an allergen twice": '{"allergens": ["milk", "milk"]}',
    "allergens in lists": '{"allergens": [["milk"], ["egg"]]}',
    "a million allergens": json.dumps({"allergens": ["milk"] * 1_000_000}),
    "an unknown allergen": '{"allergens": ["pollen"]}',
    "a name of three megabytes": json.dumps({"name": TOO_MUCH}),
    "an alias of three megabytes": json.dumps({"aliases": [TOO_MUCH]}),
    "servings of three megabytes": json.dumps({"servings": [{"name": TOO_MUCH, "grams": 5}]}),
    "a million servings": json.dumps({"servings": [{"name": "cup", "grams": 5}] * 300_000}),
    "a text for servings": json.dumps({"servings": TOO_MUCH}),
    "servings without grams": '{"servings": [{"name": "cup"}]}',
    "a serving of 131072 digits": '{"servings": [{"name": "cup", "grams": 1e131071}]}',
    "a serving of 16000 decimals": '{"servings": [{"name": "cup", "grams": 1.%s}]}' % ("0" * 16_000),
    "a serving of nothing": '{"servings": [{"name": "cup", "grams": 0}]}',
    "a serving with more in it": '{"servings": [{"name": "cup", "grams": 5, "script": "x"}]}',
}  # fmt: skip


async def test_a_food_that_lies_is_neither_made_nor_changed(rest: httpx.AsyncClient) -> None:
    made = (await rest.post("/foods", json=FOOD | {"name": "Sound"})).json()[0]
    whole = {"aliases": [], "category": "other", "sugar_g": 0, "salt_g": 0, "alcohol_g": 0, "allergens": []}
    payload = FOOD | whole | {"diets": ["omnivore"], "servings": []}
    headers = {"Content-Type": "application/json"}
    with each_case() as case:
        for name, wrong in WRONG.items():
            with case(name):
                for response in (
                    await rest.post("/foods", content=but(FOOD, wrong), headers=headers),
                    await rest.post(
                        "/rpc/create_food", content=f'{{"payload": {but(payload, wrong)}}}', headers=headers
                    ),
                    await rest.patch(f"/foods?id=eq.{made['id']}", content=wrong, headers=headers),
                ):
                    assert response.status_code in {400, 413, 422}, response.text[:200]
    assert (await rest.get("/foods?user_id=not.is.null")).json() == [made]


def but(row: dict[str, Any], wrong: str) -> str:
    """The row with what is wrong written after it: the last of two equal keys counts."""
    return f"{json.dumps(row)[:-1]},{wrong[1:]}"


async def test_the_library_cannot_be_written(rest: httpx.AsyncClient, stack: Stack) -> None:
    before = (await everything(stack))["foods"]
    library = next(row for row in before if row["slug"] == "banana")
    assert (await rest.patch("/foods?slug=eq.banana", json={"name": "x"})).json() == []
    assert (await rest.delete("/foods?slug=eq.banana")).status_code == 403
    for row in ({"id": str(library["id"])}, {"slug": "mine"}, {"user_id": None}, {"slug": "mine", "user_id": None}):
        assert (await rest.post("/foods?on_conflict=id", json=FOOD | row, headers=UPSERT)).status_code == 403
    deleted = await rest.post("/rpc/delete_food", json={"food_id": str(library["id"])})
    assert deleted.json() is False
    assert (await everything(stack))["foods"] == before


async def test_what_is_hidden_stays_hidden_and_as_it_was(rest: httpx.AsyncClient, stack: Stack) -> None:
    food: dict[str, Any] = (await rest.post("/foods", json=FOOD)).json()[0]
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("update public.foods set hidden_at = now() where id = $1", food["id"])
    finally:
        await connection.close()
    at = f"/foods?id=eq.{food['id']}"
    assert (await rest.patch(at, json={"hidden_at": None})).status_code == 403
    assert (await rest.patch(at, json={"name": "Revived"})).json() == []
    assert (await rest.post("/foods", json=FOOD | {"id": food["id"]}, headers=UPSERT)).status_code == 403
    assert (await rest.post("/rpc/delete_food", json={"food_id": food["id"]})).json() is False
    assert (await rest.post("/rpc/food_overlay", json={})).json()["foods"] == []
    assert (await rest.get(at)).json()[0]["name"] == FOOD["name"]


async def test_another_persons_food_is_not_there(bos: dict[str, str], rest: httpx.AsyncClient, ana: Person) -> None:
    theirs = (await rest.get(f"/foods?{bos['foods']}")).json()
    assert theirs == []
    assert (await rest.post("/rpc/food_overlay", json={})).json() == {"foods": [], "diet": None, "allergens": []}
    forged = await rest.post("/foods", json=FOOD | {"user_id": bos["foods"].removeprefix("user_id=eq.")})
    assert forged.status_code == 403
    assert (await ana.get("/api/v1/foods", params={"owned": True})).json()["total"] == 0


async def test_nobody_asks_for_what_another_may_eat(rest: httpx.AsyncClient) -> None:
    for function in ("food_candidates", "food_is_used", "import_food", "import_row"):
        assert (await rest.post(f"/rpc/{function}", json={})).status_code == 404
