"""Pydantic and SQL have the rules of meal plan content each in its own words: their verdicts must be the same."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from src.nutrition.content import MealPlanContent
from tests.stack.database.plan_documents import NASTY, damage, places, raw, written

FOOD = "00000000-0000-4000-8000-00000000f00d"
ITEMS = [{"food_id": FOOD, "grams": 80}, {"food_id": FOOD, "grams": 0.5 + 80}]
MEALS = [{"slot": "lunch", "name": "Rice", "notes": "Slowly", "items": ITEMS}]
FULL: dict[str, Any] = {"days": [{"name": "Day", "weekday": 1, "meals": MEALS}]}
PLACES = list(places(FULL))
NAMES = ["days", "name", "weekday", "meals", "slot", "notes", "items", "food_id", "grams", "energy_kcal", "Days", ""]
MORE = [raw(token) for token in ("0.9", "1", "2000", "2000.1", "80.05", "80.10", "80.1000000000000001", "8e1", "1e-30")]
MORE += ["lunch", "brunch", FOOD, FOOD.upper(), FOOD.replace("-", ""), f"{{{FOOD}}}", "8", "x" * 121]
# What only the database knows.
ONLY_SQL = ("a food you can use", "256 KiB", "at most 20 decimals")


class Rules:
    """The two judges of meal plan content."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def sql(self, text: str) -> list[dict[str, Any]]:
        """What SQL finds wrong with this JSON; a value that Postgres cannot even hold is one problem."""
        savepoint = self._connection.transaction()
        await savepoint.start()
        try:
            found = await self._connection.fetchval(
                "select public.validate_plan_content($1::text::jsonb, kind => 'meal')", text
            )
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            return [{"loc": [], "message": str(error), "type": "unreadable"}]
        finally:
            await savepoint.rollback()
        problems: list[dict[str, Any]] = json.loads(found)
        return problems

    @staticmethod
    def pydantic(text: str) -> MealPlanContent | None:
        """The content as the API reads it, or None where it refuses."""
        try:
            return MealPlanContent.model_validate(json.loads(text))
        except ValueError:
            return None


@pytest.fixture(scope="module")
async def rules(stack: Stack) -> AsyncIterator[Rules]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(
            "insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g)"
            " values ($1, null, 'test-water', 'Test Water', 0, 0, 0, 0)",
            FOOD,
        )
        claims = json.dumps({"sub": str(uuid4()), "role": "authenticated"})
        await connection.execute("set local role authenticated")
        await connection.execute("select set_config('request.jwt.claims', $1, true)", claims)
        yield Rules(connection)
    finally:
        await transaction.rollback()
        await connection.close()


async def same_verdict(document: Any, rules: Rules) -> None:
    text = written(document)
    content = rules.pydantic(text)
    if await rules.sql(text) == []:
        assert content is not None, f"stored through PostgREST, the API could not read it: {text}"
    if content is not None:
        found = await rules.sql(json.dumps(content.model_dump(mode="json")))
        assert [p for p in found if not any(words in p["message"] for words in ONLY_SQL)] == [], text


async def test_sound_content_is_sound_to_both(rules: Rules) -> None:
    assert await rules.sql(json.dumps(FULL)) == []
    content = rules.pydantic(json.dumps(FULL))
    assert content is not None
    assert content.model_dump(mode="json") == FULL


@pytest.mark.parametrize("place", range(len(PLACES)), ids=lambda place: f"{place}-{PLACES[place][1]}")
async def test_each_wrong_value_gets_one_verdict(place: int, rules: Rules) -> None:
    for value in [*NASTY, *MORE]:
        await same_verdict(damage(FULL, place, "replace", value), rules)
    for name in NAMES:
        await same_verdict(damage(FULL, place, "rename", name), rules)
    for action in ("drop", "repeat", "upper", "braces"):
        await same_verdict(damage(FULL, place, action, None), rules)


async def test_the_long_and_the_deep_are_refused(rules: Rules) -> None:
    for text in (
        json.dumps({"days": ["x" * 10**6]}),
        "[" * 10**5 + "]" * 10**5,
        f'{{"days": [{"1e131071," * 10**4}1]}}',
        json.dumps({"days": [1] * 10**5}),
    ):
        assert 1 <= len(await rules.sql(text)) <= 20
