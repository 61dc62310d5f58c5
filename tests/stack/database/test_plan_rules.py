"""Pydantic and SQL have the rules of plan content each in its own words: here they must come to the same verdict."""

import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from hypothesis import HealthCheck, currently_in_test_context, given, note, settings

from dev.stack import Stack
from src.training.content import PlanContent
from tests.stack.database.plan_documents import FIELDS, NAMES, NASTY, damage, damaged, full, places, sound, written

Problems = list[dict[str, Any]]
# What only the database knows: which exercises there are, of what kind, and how much a plan may hold.
ONLY_SQL = ("kind of exercise", "an exercise you can use", "256 KiB")
# No weight is that fine; without it, one number could fill a page.
TOO_FINE = "at most 20 decimals"
EXAMPLES = settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


class Rules:
    """The two judges of plan content."""

    def __init__(self, connection: asyncpg.Connection, ids: dict[str, str]) -> None:
        self._connection = connection
        self.ids = ids

    async def sql(self, text: str) -> Problems:
        """What SQL finds wrong with this JSON; a value that Postgres cannot even hold is one problem."""
        savepoint: Transaction = self._connection.transaction()
        await savepoint.start()
        try:
            found = await self._connection.fetchval("select public.validate_plan_content($1::text::jsonb)", text)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            return [{"loc": [], "message": str(error), "type": "unreadable"}]
        finally:
            await savepoint.rollback()
        problems: Problems = json.loads(found)
        return problems

    @staticmethod
    def pydantic(text: str) -> PlanContent | None:
        """The content as the API reads it, or None where it refuses."""
        try:
            return PlanContent.model_validate(json.loads(text))
        except ValueError:  # also where it is no JSON at all any more
            return None


@pytest.fixture(scope="module")
async def rules(stack: Stack) -> AsyncIterator[Rules]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    transaction = connection.transaction()
    await transaction.start()
    try:
        library = "select kind::text, min(id::text) from public.exercises where user_id is null group by kind"
        rows = await connection.fetch(library)
        claims = json.dumps({"sub": str(uuid4()), "role": "authenticated"})
        await connection.execute("set local role authenticated")
        await connection.execute("select set_config('request.jwt.claims', $1, true)", claims)
        yield Rules(connection, {row[0]: row[1] for row in rows})
    finally:
        await transaction.rollback()
        await connection.close()


@cache
def stand_ins() -> dict[str, str]:
    """A name for each kind, which becomes an exercise's id when there is a database to ask for one."""
    return {kind: f"00000000-0000-4000-8000-{n:012}" for n, kind in enumerate(FIELDS)}


def with_ids(text: str, rules: Rules) -> str:
    for kind, stand_in in stand_ins().items():
        for spelled in (str.lower, lambda id_: id_.replace("-", "")):
            text = text.replace(spelled(stand_in), spelled(rules.ids[kind]))
    return text


def dumped(content: PlanContent) -> str:
    return json.dumps(content.model_dump(mode="json"))


def of_shape(problems: Problems) -> Problems:
    """The problems that Pydantic should have found too."""
    return [problem for problem in problems if not any(words in problem["message"] for words in (*ONLY_SQL, TOO_FINE))]


@EXAMPLES
@given(document=sound(stand_ins()))
async def test_sound_content_is_sound_to_both(document: Any, rules: Rules) -> None:
    text = with_ids(written(document), rules)
    content = rules.pydantic(text)
    assert content is not None
    assert await rules.sql(text) == []
    assert await rules.sql(dumped(content)) == []


async def same_verdict(document: Any, rules: Rules) -> None:
    text = with_ids(written(document), rules)
    if currently_in_test_context():
        note(text)
    content = rules.pydantic(text)
    if await rules.sql(text) == []:
        assert content is not None, f"stored through PostgREST, the API could not read it: {text}"
    if content is not None:
        assert of_shape(await rules.sql(dumped(content))) == [], text


PLACES = list(places(full(stand_ins())))


@pytest.mark.parametrize("place", range(len(PLACES)), ids=lambda place: f"{place}-{PLACES[place][1]}")
async def test_each_wrong_value_gets_one_verdict(place: int, rules: Rules) -> None:
    document = full(stand_ins())
    for value in NASTY:
        await same_verdict(damage(document, place, "replace", value), rules)
    for name in NAMES:
        await same_verdict(damage(document, place, "rename", name), rules)
    for action in ("drop", "repeat", "upper", "braces"):
        await same_verdict(damage(document, place, action, None), rules)


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


async def test_the_long_and_the_deep_are_refused(rules: Rules) -> None:
    for text in (
        json.dumps({"days": ["x" * 10**6]}),
        "[" * 10**5 + "]" * 10**5,
        f'{{"days": [{"1e131071," * 10**4}1]}}',
    ):
        assert 1 <= len(await rules.sql(text)) <= 20
