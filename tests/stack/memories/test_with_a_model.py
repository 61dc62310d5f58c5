"""Memories whose meaning a model tells: what is asked of it, and how often in a day."""

import asyncio
from collections import Counter

import asyncpg

from dev.stack import Stack
from src.core.config import Settings
from src.core.model_endpoints import GOOGLE_EMBEDDING_MODEL
from tests.support.gemini import FakeGemini, fails
from tests.support.jobs import JOBS, drain, service
from tests.support.memories import MEMORIES, contents_of, remember
from tests.support.people import Person, assert_problem, rest_client
from tests.support.usage import use_up

LIMIT = 500


async def calls_of(person: Person, stack: Stack) -> int:
    """What was counted today."""
    async with rest_client(stack, person.token) as direct:
        rows = (await direct.get("/ai_usage?kind=eq.memory")).json()
    return sum(row["calls"] for row in rows)


async def test_what_a_model_embeds_is_counted_and_nothing_else(eva: Person, gemini: FakeGemini, stack: Stack) -> None:
    memory = await remember(eva, "I live in Oslo")
    assert await contents_of(eva, q="Oslo") == ["I live in Oslo"]
    path = f"{MEMORIES}/{memory['id']}"
    assert (await eva.patch(path, json={"content": "I live in Bergen"})).status_code == 200
    assert len(gemini.embeddings()) == await calls_of(eva, stack) == 3
    assert (await eva.patch(path, json={"pinned": True})).status_code == 200
    assert await contents_of(eva) == ["I live in Bergen"]
    assert len(gemini.embeddings()) == await calls_of(eva, stack) == 3


async def test_a_day_that_is_used_up_asks_no_model(
    eva: Person, ana: Person, bo: Person, gemini: FakeGemini, stack: Stack
) -> None:
    memory = await remember(eva, "I live in Oslo")
    await use_up(stack, eva, "memory", LIMIT)
    asked = len(gemini.embeddings())
    path = f"{MEMORIES}/{memory['id']}"
    for refused in (
        await eva.get(MEMORIES, params={"q": "Oslo"}),
        await eva.post(MEMORIES, json={"kind": "fact", "content": "I live in Bergen"}),
        await eva.patch(path, json={"content": "I live in Bergen"}),
    ):
        problem = assert_problem(refused, 429, "rate_limited")
        assert f"last of {LIMIT} for today" in problem["detail"]
        left = refused.headers["retry-after"]
        assert 0 < int(left) <= 86_400
        assert refused.headers["ratelimit-policy"] == f'"day";q={LIMIT};w=86400'
        assert refused.headers["ratelimit"] == f'"day";r=0;t={left}'
    assert len(gemini.embeddings()) == asked
    assert await calls_of(eva, stack) == LIMIT
    # What needs no model goes on, and so does everyone else; without a model (the same person) nothing is counted.
    assert await contents_of(eva) == ["I live in Oslo"]
    assert (await eva.patch(path, json={"pinned": True})).status_code == 200
    assert await contents_of(bo, q="Oslo") == []
    assert (await ana.get(MEMORIES, params={"q": "Oslo"})).status_code == 200
    assert await calls_of(eva, stack) == LIMIT


async def test_a_correction_that_the_model_does_not_take_changes_nothing(eva: Person, gemini: FakeGemini) -> None:
    memory = await remember(eva, "I live in Oslo")
    gemini.will_embed(fails(403))
    refused = await eva.patch(f"{MEMORIES}/{memory['id']}", json={"content": "I live in Bergen"})
    assert_problem(refused, 503, "unavailable")
    assert await contents_of(eva) == ["I live in Oslo"]


async def test_the_last_calls_of_a_day_go_to_whoever_is_first(ana: Person, stack: Stack) -> None:
    await use_up(stack, ana, "memory", LIMIT - 5)
    async with rest_client(stack, ana.token) as direct:
        answers = await asyncio.gather(*(direct.post("/rpc/count_memory_call", json={}) for _ in range(27)))
    assert Counter(answer.status_code for answer in answers) == {204: 5, 429: 22}
    assert await calls_of(ana, stack) == LIMIT


async def test_an_account_that_is_gone_counts_nothing(ana: Person, stack: Stack) -> None:
    async with rest_client(stack, ana.token) as direct:
        assert (await ana.delete("/api/v1/users/me")).status_code == 204
        assert (await direct.post("/rpc/count_memory_call", json={})).status_code == 401


async def imported(stack: Stack, person: Person, count: int) -> None:
    """So many memories without an embedding, and the job that makes them, as an import leaves them."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "insert into public.memories (user_id, kind, content, content_hash) select $1::uuid, 'fact', n::text,"
            " private.words_hash(n::text) from generate_series(1, $2) as n",
            person.id, count,
        )  # fmt: skip
        await connection.execute(
            "insert into public.jobs (user_id, kind, input, dedupe_key)"
            " values ($1, 'embed_memories', '{}', 'embed memories')",
            person.id,
        )
    finally:
        await connection.close()


async def test_imported_memories_count_like_others(
    eva: Person, gemini: FakeGemini, settings: Settings, stack: Stack
) -> None:
    await use_up(stack, eva, "memory", LIMIT - 7)
    await imported(stack, eva, 9)
    await drain(gemini.settings(settings))
    assert await calls_of(eva, stack) == LIMIT
    job = (await eva.get(JOBS)).json()["items"][0]
    assert job["status"] == "succeeded"
    assert (await eva.get(f"{JOBS}/{job['id']}")).json()["result"] == {"embedded": 7}
    # The next day goes on with the others.
    await use_up(stack, eva, "memory", 0)
    async with service(settings) as gateway:
        while not (await gateway.call("embed_memories", {"model": GOOGLE_EMBEDDING_MODEL}))["done"]:
            pass
    await drain(gemini.settings(settings))
    assert await calls_of(eva, stack) == 2


async def test_nothing_is_embedded_for_a_guest_that_costs_something(
    eva: Person, gemini: FakeGemini, settings: Settings, stack: Stack
) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("update auth.users set is_anonymous = true where id = $1", eva.id)
    finally:
        await connection.close()
    await imported(stack, eva, 3)
    asked = len(gemini.embeddings())
    await drain(gemini.settings(settings))
    assert len(gemini.embeddings()) == asked
    assert await calls_of(eva, stack) == 0
