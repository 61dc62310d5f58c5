"""What is forgotten is gone, everywhere, and is not learned again from the same words."""

import json
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.jobs import drain
from tests.support.memories import MEMORIES, contents_of, fetch, learn, literal_of, remember
from tests.support.people import Person, assert_problem, rest_client

SECRET = "I had heart surgery in Zurich"


async def everywhere(stack: Stack, text: str) -> list[str]:
    """The tables in which a text is found."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        tables = [
            row[0] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        ]
        found = "select count(*) from public.{} as t where position(lower($1) in lower(t::text)) > 0"
        return [table for table in tables if await connection.fetchval(found.format(table), text)]
    finally:
        await connection.close()


async def test_a_forgotten_memory_is_in_no_table_and_no_export(ana: Person, stack: Stack) -> None:
    secret = f"{SECRET} {ana.id}"
    learned = await learn(stack, ana, secret, kind="injury")
    assert await everywhere(stack, secret) == ["memories"]
    assert secret in (await ana.get("/api/v1/users/me/export")).text
    assert (await ana.delete(f"{MEMORIES}/{learned['id']}")).status_code == 204
    assert await everywhere(stack, secret) == []
    assert await everywhere(stack, "zurich " + ana.id) == []
    assert "urich" not in (await ana.get("/api/v1/users/me/export")).text
    assert await contents_of(ana, q=secret) == await contents_of(ana, status=["active", "superseded"]) == []
    path = f"{MEMORIES}/{learned['id']}"
    for answer in (await ana.get(path), await ana.patch(path, json={"pinned": True}), await ana.delete(path)):
        assert_problem(answer, 404, "not_found")
    async with rest_client(stack, ana.token) as direct:
        assert (await direct.get("/memories", params={"select": "id"})).json() == []


@pytest.mark.parametrize("said", [SECRET, "i had heart surgery, in ZURICH!", "I had a heart surgery in Zürich"])
async def test_what_is_said_again_is_learned_again_and_asked_about(said: str, ana: Person, stack: Stack) -> None:
    learned = await learn(stack, ana, SECRET, kind="injury")
    await ana.delete(f"{MEMORIES}/{learned['id']}")
    again = await learn(stack, ana, said, kind="injury")
    assert again["outcome"] == "learned_again"
    assert await contents_of(ana) == [said]
    assert (await ana.get(f"{MEMORIES}/{again['id']}")).json()["asks_to_keep"] is True
    [asked] = (await ana.get("/api/v1/users/me")).json()["unconfirmed"]
    assert (asked["memory_id"], asked["op"], asked["field"], asked["value"]) == (again["id"], "keep", None, None)
    assert asked["quote"] == said


async def test_another_model_or_other_words_for_the_same_sentence_are_asked_about(ana: Person, stack: Stack) -> None:
    learned = await learn(stack, ana, "Heart surgery, Zurich", kind="injury", quote=SECRET)
    await ana.delete(f"{MEMORIES}/{learned['id']}")
    for given in (
        {"content": "Heart surgery, Zurich", "embedding_model": "another-model"},
        {"content": "heart surgery zurich", "embedding": None, "embedding_model": None},
        {"content": "The person's heart was operated on", "quote": SECRET},
    ):
        answer = await learn(stack, ana, kind="injury", **given)
        assert answer["outcome"] in {"learned_again", "reinforced"}, given
        assert (await ana.get(f"{MEMORIES}/{answer['id']}")).json()["asks_to_keep"] is True, given
    # Something else in the same sentence may be remembered.
    other = await learn(stack, ana, "Has been in Zurich", kind="event", quote=SECRET)
    assert other["outcome"] == "learned"


async def test_what_is_said_by_hand_is_wanted_again(ana: Person, stack: Stack) -> None:
    memory = await remember(ana, SECRET)
    await ana.delete(f"{MEMORIES}/{memory['id']}")
    back = await remember(ana, SECRET)
    assert back["id"] != memory["id"]
    assert await contents_of(ana) == [SECRET]
    assert (await learn(stack, ana, SECRET))["outcome"] == "reinforced"


async def test_forgetting_all_takes_history_too_and_leaves_others_alone(ana: Person, bo: Person, stack: Stack) -> None:
    await remember(ana, "I prefer training in the morning", "preference")
    await remember(ana, "I prefer training in the evening", "preference")
    await remember(bo, SECRET)
    for _ in range(2):
        assert (await ana.delete(MEMORIES)).status_code == 204
    assert await contents_of(ana, status=["active", "superseded"]) == []
    assert await contents_of(bo) == [SECRET]
    left = await fetch(stack, "select * from public.memories where user_id = $1::uuid", ana.id)
    assert [(row["status"], row["content"], row["words"], row["source_quote"]) for row in left] == [
        ("dismissed", None, None, None)
    ] * 2
    assert all(row["embedding"] is not None and row["content_hash"] for row in left)
    assert (await learn(stack, ana, "I prefer training in the evening"))["outcome"] == "learned_again"


async def test_a_tombstone_is_not_revived(ana: Person, stack: Stack) -> None:
    memory = await remember(ana, SECRET)
    await ana.delete(f"{MEMORIES}/{memory['id']}")
    async with rest_client(stack, ana.token) as direct:
        for column in ("status", "content", "embedding", "content_hash"):
            changed = await direct.patch("/memories", params={"id": f"eq.{memory['id']}"}, json={column: "active"})
            assert changed.status_code == 403, column
        wanted = {"memory_id": memory["id"], "payload": {"content": "Back", "pinned": True}}
        assert (await direct.post("/rpc/update_memory", json=wanted)).json() is None
        assert (await direct.post("/rpc/forget_memory", json={"memory_id": memory["id"]})).json() is False
        for column in ("embedding", "content_hash", "quote_hash", "words", "*"):
            assert (await direct.get("/memories", params={"select": column})).status_code == 403, column


async def test_a_forgotten_memory_is_not_imported_again(ana: Person, stack: Stack) -> None:
    # The document is of before; the rest of it comes back.
    await remember(ana, SECRET)
    rows = json.loads((await ana.get("/api/v1/users/me/export")).text)["memories"]
    await ana.delete(MEMORIES)
    sql = "select private.import_memory($1::uuid, $2)"
    [[answer]] = await fetch(stack, sql, ana.id, json.dumps({**rows[0], "id": ana.id}))
    assert json.loads(answer) == {"outcome": "rejected", "reason": "It has been forgotten here."}


async def say(person: Person, message: str) -> None:
    answer = await person.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": message})
    assert answer.status_code == 200, answer.text


async def forget_all_of(person: Person) -> None:
    for memory in (await person.get(MEMORIES)).json()["items"]:
        assert (await person.delete(f"{MEMORIES}/{memory['id']}")).status_code == 204


async def test_what_was_said_twice_goes_out_of_both_messages(ana: Person, stack: Stack) -> None:
    secret = f"My left knee hurts since {ana.id}"
    await say(ana, f"{secret}.")
    await say(ana, f"Hi! my LEFT knee hurts since {ana.id}. What is next?")
    await forget_all_of(ana)
    assert await everywhere(stack, f"hurts since {ana.id}") == []
    assert "What is next?" in (await ana.get("/api/v1/chat/messages")).text


async def test_other_words_for_the_same_are_forgotten_with_it(ana: Person, stack: Stack) -> None:
    first, other = "My knee hurts", f"since {ana.id} my knee has hurt"
    assert (await learn(stack, ana, first))["outcome"] == "learned"
    await say(ana, f"Hello, {other}?")
    heard = await learn(stack, ana, "The knee is hurting", quote=other, embedding=literal_of(first))
    assert heard["outcome"] == "reinforced"
    await forget_all_of(ana)
    assert await everywhere(stack, other) == []


async def test_a_corrected_memory_is_forgotten_in_the_words_of_before_too(ana: Person, stack: Stack) -> None:
    secret = f"My left knee hurts since {ana.id}."
    await say(ana, secret)
    [memory] = (await ana.get(MEMORIES)).json()["items"]
    corrected = await ana.patch(f"{MEMORIES}/{memory['id']}", json={"content": "Both of my legs are weak"})
    assert (corrected.status_code, corrected.json()["source_quote"]) == (200, None)
    await forget_all_of(ana)
    assert await everywhere(stack, f"hurts since {ana.id}") == []
    await say(ana, secret)
    [memory] = (await ana.get(MEMORIES)).json()["items"]
    assert memory["asks_to_keep"] is True


async def test_a_memory_by_hand_goes_out_of_the_conversation_too(ana: Person, stack: Stack) -> None:
    secret = f"Peanuts make me ill {ana.id}"
    await say(ana, f"Did you know? {secret}?")
    await remember(ana, secret)
    await forget_all_of(ana)
    assert await everywhere(stack, f"make me ill {ana.id}") == []


async def test_forgetting_all_is_one_pass_over_what_was_said(ana: Person, bo: Person, stack: Stack) -> None:
    for number in range(3):
        await remember(ana, f"Secret number {number} of {ana.id}")
        await say(ana, f"Is secret number {number} of {ana.id} safe? And what of number {number}?")
    await say(bo, f"Is secret number 0 of {ana.id} safe?")
    assert (await ana.delete(MEMORIES)).status_code == 204
    messages = [one["message"] for one in (await ana.get("/api/v1/chat/messages")).json()["items"]]
    for number in range(3):
        assert f"Is [forgotten] safe? And what of number {number}?" in messages
    assert f"number 0 of {ana.id}" in (await bo.get("/api/v1/chat/messages")).text


async def test_an_older_wording_is_in_no_answer(ana: Person, stack: Stack) -> None:
    memory = await remember(ana, "I live in Oslo")
    await ana.patch(f"{MEMORIES}/{memory['id']}", json={"content": "I live in Bergen"})
    for path in (f"{MEMORIES}/{memory['id']}", "/api/v1/users/me/export"):
        assert "Oslo" not in (await ana.get(path)).text, path


# A conversation that is longer than one request can read -------------------------------------------------------------


async def say_long_ago(stack: Stack, person: Person, message: str, count: int) -> None:
    """Messages of the past, each a minute before the other, beginning a day ago."""
    await fetch(
        stack,
        "insert into public.chat_messages (user_id, role, client_id, message, created_at)"
        " select $1::uuid, 'user', gen_random_uuid(), $2, now() - interval '1 day' - n * interval '1 minute'"
        " from generate_series(1, $3::integer) as n",
        person.id,
        message,
        count,
    )


async def count_messages_with(stack: Stack, person: Person, text: str) -> int:
    found = """select count(*) from public.chat_messages
                where user_id = $1::uuid and role = 'user' and position($2 in message) > 0"""
    return int((await fetch(stack, found, person.id, text))[0][0])


async def test_old_messages_are_looked_through_by_a_job(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    secrets = [f"my {part} hurts since {ana.id}" for part in ("knee", "elbow")]
    for secret in secrets:
        await say_long_ago(stack, ana, f"Well, {secret}!", 1100)
        await learn(stack, ana, secret, kind="injury")
    await say_long_ago(stack, bo, secrets[0], 1)
    first, second = (await ana.get(MEMORIES)).json()["items"]
    assert (await ana.delete(f"{MEMORIES}/{first['id']}")).status_code == 204
    left = await count_messages_with(stack, ana, first["content"])
    assert 0 < left < 1100
    # While that job waits, something else is forgotten.
    assert (await ana.delete(f"{MEMORIES}/{second['id']}")).status_code == 204
    await say(ana, f"Again: {second['content']}")
    await drain(settings)
    assert await count_messages_with(stack, ana, first["content"]) == 0
    assert await count_messages_with(stack, ana, f"Well, {second['content']}") == 0
    assert await count_messages_with(stack, ana, f"Again: {second['content']}") == 1, "what is said again stays"
    assert await count_messages_with(stack, ana, "Well, [forgotten]!") == 2200
    assert await count_messages_with(stack, bo, secrets[0]) == 1
    assert await fetch(stack, "select from private.forgotten_texts where user_id = $1::uuid", ana.id) == []
    [job] = (await ana.get("/api/v1/jobs", params={"kind": "forget_memories"})).json()["items"]
    assert job["status"] == "succeeded"


async def test_what_a_cancelled_job_left_is_forgotten_by_the_next_purge(
    ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    secret = f"my knee hurts since {ana.id}"
    await say_long_ago(stack, ana, secret, 1001)
    learned = await learn(stack, ana, secret, kind="injury")
    assert (await ana.delete(f"{MEMORIES}/{learned['id']}")).status_code == 204
    [job] = (await ana.get("/api/v1/jobs")).json()["items"]
    assert (await ana.delete(f"/api/v1/jobs/{job['id']}")).status_code == 204
    purged = await anonymous.post("/api/internal/cron/purge", headers={"Authorization": f"Bearer {stack.cron_secret}"})
    assert purged.json()["done"] is True
    await drain(settings)
    assert await count_messages_with(stack, ana, secret) == 0
