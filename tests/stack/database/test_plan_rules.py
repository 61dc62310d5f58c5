"""Pydantic and SQL have the rules of both kinds of content each in its own words: their verdicts must be the same."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from hypothesis import HealthCheck, currently_in_test_context, given, note, settings

from dev.stack import Stack
from src.nutrition.content import MealPlanContent
from src.training.content import PlanContent
from tests.stack.database.plan_documents import (
    FIELDS,
    FOOD,
    FULL_MEALS,
    MEAL_NAMES,
    MEAL_VALUES,
    NAMES,
    NASTY,
    Place,
    damage,
    damaged,
    full,
    places,
    sound,
    written,
)

Problems = list[dict[str, Any]]
EXAMPLES = settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@cache
def stand_ins() -> dict[str, str]:
    """A name for each kind of exercise, which becomes an exercise's id when there is a database to ask for one."""
    return {kind: f"00000000-0000-4000-8000-{n:012}" for n, kind in enumerate(FIELDS)}


@dataclass(frozen=True)
class Contents:
    """The content of one kind of plan: what reads it, and a sound one that is full and that is damaged."""

    model: type[PlanContent | MealPlanContent]
    full: Any
    values: list[Any]
    names: list[str]

    @property
    def places(self) -> list[Place]:
        return list(places(self.full))


CONTENTS = {
    "workout": Contents(PlanContent, full(stand_ins()), NASTY, NAMES),
    "meal": Contents(MealPlanContent, FULL_MEALS, [*NASTY, *MEAL_VALUES], MEAL_NAMES),
}
# What only the database knows: which exercises and foods there are, of what kind, and how much a plan may hold. And no
# number is that fine: without it, one number could fill a page.
ONLY_SQL = {
    "workout": ("kind of exercise", "an exercise you can use", "256 KiB", "at most 20 decimals"),
    "meal": ("a food you can use", "256 KiB", "at most 20 decimals"),
}


class Rules:
    """The two judges of content."""

    def __init__(self, connection: asyncpg.Connection, ids: dict[str, str]) -> None:
        self._connection = connection
        self.ids = ids

    async def sql(self, text: str, kind: str = "workout") -> Problems:
        """What SQL finds wrong with this JSON; a value that Postgres cannot even hold is one problem."""
        savepoint: Transaction = self._connection.transaction()
        await savepoint.start()
        try:
            found = await self._connection.fetchval(
                "select public.validate_plan_content($1::text::jsonb, kind => $2)", text, kind
            )
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            return [{"loc": [], "message": str(error), "type": "unreadable"}]
        finally:
            await savepoint.rollback()
        problems: Problems = json.loads(found)
        return problems

    @staticmethod
    def pydantic(text: str, kind: str = "workout") -> PlanContent | MealPlanContent | None:
        """The content as the API reads it, or None where it refuses."""
        try:
            return CONTENTS[kind].model.model_validate(json.loads(text))
        except ValueError:  # also where it is no JSON at all any more
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
        library = "select kind::text, min(id::text) from public.exercises where user_id is null group by kind"
        rows = await connection.fetch(library)
        claims = json.dumps({"sub": str(uuid4()), "role": "authenticated"})
        await connection.execute("set local role authenticated")
        await connection.execute("select set_config('request.jwt.claims', $1, true)", claims)
        yield Rules(connection, {row[0]: row[1] for row in rows})
    finally:
        await transaction.rollback()
        await connection.close()


def with_ids(text: str, rules: Rules) -> str:
    for kind, stand_in in stand_ins().items():
        for spelled in (str.lower, lambda id_: id_.replace("-", "")):
            text = text.replace(spelled(stand_in), spelled(rules.ids[kind]))
    return text


def dumped(content: PlanContent | MealPlanContent) -> str:
    return json.dumps(content.model_dump(mode="json"))


def of_shape(problems: Problems, kind: str) -> Problems:
    """The problems that Pydantic should have found too."""
    return [problem for problem in problems if not any(words in problem["message"] for words in ONLY_SQL[kind])]


@EXAMPLES
@given(document=sound(stand_ins()))
async def test_sound_content_is_sound_to_both(document: Any, rules: Rules) -> None:
    text = with_ids(written(document), rules)
    content = rules.pydantic(text)
    assert content is not None
    assert await rules.sql(text) == []
    assert await rules.sql(dumped(content)) == []


@pytest.mark.parametrize("kind", CONTENTS)
async def test_full_content_is_sound_to_both_and_stays_as_it_is(kind: str, rules: Rules) -> None:
    text = with_ids(json.dumps(CONTENTS[kind].full), rules)
    assert await rules.sql(text, kind) == []
    content = rules.pydantic(text, kind)
    assert content is not None
    assert await rules.sql(dumped(content), kind) == []
    if kind == "meal":
        assert content.model_dump(mode="json") == CONTENTS[kind].full


async def same_verdict(document: Any, rules: Rules, kind: str = "workout") -> None:
    text = with_ids(written(document), rules)
    if currently_in_test_context():
        note(text)
    content = rules.pydantic(text, kind)
    if await rules.sql(text, kind) == []:
        assert content is not None, f"stored through PostgREST, the API could not read it: {text}"
    if content is not None:
        assert of_shape(await rules.sql(dumped(content), kind), kind) == [], text


PLACES = [(kind, place) for kind, contents in CONTENTS.items() for place in range(len(contents.places))]


@pytest.mark.parametrize(("kind", "place"), PLACES, ids=str)
async def test_each_wrong_value_gets_one_verdict(kind: str, place: int, rules: Rules) -> None:
    contents = CONTENTS[kind]
    for value in contents.values:
        await same_verdict(damage(contents.full, place, "replace", value), rules, kind)
    for name in contents.names:
        await same_verdict(damage(contents.full, place, "rename", name), rules, kind)
    for action in ("drop", "repeat", "upper", "braces"):
        await same_verdict(damage(contents.full, place, action, None), rules, kind)


@settings(EXAMPLES, max_examples=300)
@given(document=damaged(stand_ins()))
async def test_damaged_content_gets_one_verdict(document: Any, rules: Rules) -> None:
    await same_verdict(document, rules)


PERCENT = {"kind": "percent_e1rm"}


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("progression", [PERCENT, {"kind": "none"}, {"kind": "linear", "increment_kg": 1}, None])
async def test_every_kind_with_every_progression_and_member(kind: str, progression: Any, rules: Rules) -> None:
    """SQL alone knows the kinds: each member of a set goes with some and not with others."""
    suiting, needed = FIELDS[kind]
    values = {
        "reps_min": 1,
        "reps_max": 5,
        "weight_kg": 10,
        "percent_e1rm": 70,
        "duration_seconds": 30,
        "distance_m": 5,
    }
    least = {name: values[name] for name in needed}
    for name, value in values.items():
        planned = {"set_type": "working"} | least | {name: value}
        exercise = {"exercise_id": rules.ids[kind], "sets": [planned]}
        exercise |= {"progression": progression} if progression else {}
        text = json.dumps({"days": [{"name": "Day", "exercises": [exercise]}]})
        belongs = name in suiting or name in needed or (kind == "bodyweight_reps" and name == "percent_e1rm")
        lacks_percent = progression == PERCENT and name != "percent_e1rm"
        assert (await rules.sql(text) == []) == (belongs and not lacks_percent), (text, await rules.sql(text))
        assert (rules.pydantic(text) is None) == lacks_percent


@pytest.mark.parametrize("kind", CONTENTS)
async def test_the_long_and_the_deep_are_refused(kind: str, rules: Rules) -> None:
    for text in (
        json.dumps({"days": ["x" * 10**6]}),
        "[" * 10**5 + "]" * 10**5,
        f'{{"days": [{"1e131071," * 10**4}1]}}',
        json.dumps({"days": [1] * 10**5}),
    ):
        assert 1 <= len(await rules.sql(text, kind)) <= 20
