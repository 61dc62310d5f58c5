"""How well people find what they mean: a labelled set of what they type, against the library's seed."""

from pathlib import Path

import asyncpg

from dev.stack import Stack
from src.core.search import SearchIndex
from src.exercises.library import build_index
from src.exercises.schemas import Exercise

QUERIES = [line.split("\t") for line in (Path(__file__).parent / "queries.tsv").read_text().splitlines() if line]


async def library(stack: Stack) -> SearchIndex[Exercise]:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    rows = await connection.fetch("select * from public.exercises where user_id is null")
    await connection.close()
    return build_index(Exercise.from_row(dict(row)) for row in rows)


async def test_nearly_everything_is_found_first_and_all_of_it_soon(stack: Stack) -> None:
    index = await library(stack)
    ranks = {query: rank_of(index, query, slug) for query, slug in QUERIES}
    assert [query for query, rank in ranks.items() if rank > 5] == []
    first = [query for query, rank in ranks.items() if rank > 1]
    assert len(first) <= len(QUERIES) * 0.04, first


def rank_of(index: SearchIndex[Exercise], query: str, slug: str) -> int:
    found = sorted(index.ranked(query), key=lambda one: (-one[0], len(one[1].name), one[1].name.casefold()))
    slugs = [exercise.slug for _, exercise in found]
    return slugs.index(slug) + 1 if slug in slugs else 10_000


async def test_every_name_finds_itself(stack: Stack) -> None:
    index = await library(stack)
    for exercise in index.items:
        assert exercise.slug is not None
        assert rank_of(index, exercise.name, exercise.slug) == 1, exercise.name
