"""SQL takes the facts that src/memories/facts.py takes, and no others."""

import json
from typing import Any

import asyncpg

from tests.support.facts import BAD_FACTS, GOOD_FACTS, fact

# What JSON can say and Python does not meet.
NOT_FACTS: list[Any] = [
    None,
    True,
    1,
    "allergens",
    [],
    [fact("diet", "set", "vegan")],
    {},
    {"field": "diet", "op": "set"},
    {"field": "diet", "value": "vegan"},
    {**fact("diet", "set", "vegan"), "note": "x"},
    fact("work", "set", {"text": "nurse"}),
    {"field": {"diet": 1}, "op": "set", "value": "vegan"},
    {"field": "diet", "op": None, "value": "vegan"},
]


async def test_each_fact_is_judged_as_in_python(migrator: "asyncpg.Connection[asyncpg.Record]") -> None:
    statement = await migrator.prepare(
        "select private.is_fact($1::jsonb), private.are_facts(jsonb_build_array($1::jsonb))"
    )
    for expected, facts in ((True, GOOD_FACTS), (False, [*BAD_FACTS, *NOT_FACTS])):
        for each in facts:
            judged = await statement.fetchrow(json.dumps(each))
            assert judged is not None
            assert tuple(judged) == (expected, expected), each


async def test_huge_numbers_and_texts_are_no_facts_and_cost_nothing(
    migrator: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    for value in ("1e131000", "-1e131000", "1e-16000", f'"{"x" * 100_000}"', f"[{','.join(['1'] * 20_000)}]"):
        for field in ("height", "days_per_week", "work", "injuries"):
            text = f'{{"field": "{field}", "op": "set", "value": {value}}}'
            assert await migrator.fetchval("select private.is_fact($1::jsonb)", text) is False


async def test_a_memory_has_at_most_twelve_facts(migrator: "asyncpg.Connection[asyncpg.Record]") -> None:
    for count, expected in ((0, True), (12, True), (13, False)):
        facts = json.dumps([fact("goals", "add", f"Goal {number}") for number in range(count)])
        assert await migrator.fetchval("select private.are_facts($1::jsonb)", facts) is expected
    for not_a_list in ("null", "{}", '"x"', "1"):
        assert await migrator.fetchval("select private.are_facts($1::jsonb)", not_a_list) is False
