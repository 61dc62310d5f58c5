"""How well people find what they mean: a labelled set of what they type, against the library's seed."""

from pathlib import Path

import asyncpg

from dev.stack import Stack
from src.core.search import MAX_WORDS_FOR_TYPOS, PhraseIndex, SearchIndex, split_words
from src.exercises.library import build_index
from src.exercises.schemas import Exercise

QUERIES = [line.split("\t") for line in (Path(__file__).parent / "queries.tsv").read_text().splitlines() if line]


async def library(stack: Stack) -> SearchIndex[Exercise]:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    rows = await connection.fetch("select * from public.exercises where user_id is null")
    await connection.close()
    return build_index(Exercise.of(dict(row)) for row in rows)


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


def test_words_ignore_case_accents_and_hyphens() -> None:
    assert split_words("  Pull-Up, Fliés ") == ["pull", "up", "flies"]
    assert split_words("!?") == []


def test_nothing_is_found_for_nothing_and_for_nonsense() -> None:
    index = PhraseIndex([["Bench Press"], ["Squat"]])
    assert index.rank("") == {}
    assert index.rank("xylophone") == {}
    assert PhraseIndex([]).rank("squat") == {}


def test_however_much_is_known_names_are_found() -> None:
    """What one person may add of their own is much, and read while others wait."""
    aliases = [f"{number:060x}" for number in range(20)]
    index = PhraseIndex([[f"Exercise {number}", *aliases] for number in range(1000)])
    found = index.rank("exercise 999")
    assert max(found, key=found.__getitem__) == 999
    many = PhraseIndex([[f"{number:x}-curl"] for number in range(0x10000, 0x10001 + MAX_WORDS_FOR_TYPOS)])
    found = many.rank("10001 curl")
    assert max(found, key=found.__getitem__) == 1
    assert many.rank("10001 crul") == {}
    assert list(PhraseIndex([["Biceps Curl"]]).rank("biceps crul")) == [0]


def test_of_a_long_query_the_first_words_count() -> None:
    index = PhraseIndex([["One Two Three Four Five Six Seven Eight"]])
    assert index.rank("one two three four five six seven eight and nonsense")


def test_word_order_does_not_matter_and_more_of_a_name_is_better() -> None:
    index = PhraseIndex([["Hack Squat"], ["Squat"], ["Front Squat", "FSQ"]])
    assert max(index.rank("squat hack"), key=index.rank("squat hack").__getitem__) == 0
    assert index.rank("squat hack")[0] < index.rank("hack squat")[0] == 1
    scores = index.rank("squat")
    assert scores[1] == max(scores.values())
    assert list(index.rank("fsq")) == [2]
