"""Memories: listed, searched by meaning, added, corrected and forgotten, on the real stack."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from dev.stack import Stack
from src.ai.sentence_encoder import EMBEDDING_MODEL
from tests.support.api import Api
from tests.support.cases import each_case
from tests.support.memories import MEMORIES, contents_of, fetch, learn, literal_of, remember
from tests.support.people import Person, assert_problem, client_with, fields_of, rest_client

MORNING, EVENING = "I prefer training in the morning", "I prefer training in the evening now"


async def test_a_memory_is_added_and_read_back(ana: Person) -> None:
    body = {"kind": "goal", "content": "  I want to squat 150 kg ", "salience": 0.9, "pinned": True}
    made = await ana.post(MEMORIES, json=body)
    assert made.status_code == 201
    memory = made.json()
    assert (memory["content"], memory["kind"], memory["status"]) == ("I want to squat 150 kg", "goal", "active")
    assert (memory["salience"], memory["pinned"], memory["mentions"]) == (0.9, True, 1)
    assert memory["source_quote"] is None
    assert made.headers["location"] == f"{MEMORIES}/{memory['id']}"
    read = await ana.get(made.headers["location"])
    assert read.json() == memory
    assert read.headers["etag"] == made.headers["etag"]
    again = await ana.get(made.headers["location"], headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304


async def test_saying_the_same_again_reinforces(ana: Person) -> None:
    first = await remember(ana, "I have a dog called Rex", salience=0.3)
    again = await ana.post(MEMORIES, json={"kind": "fact", "content": "i have a dog, called REX!", "salience": 0.8})
    assert again.status_code == 200
    assert again.headers["location"] == f"{MEMORIES}/{first['id']}"
    memory = again.json()
    assert (memory["id"], memory["content"]) == (first["id"], "I have a dog called Rex")
    assert (memory["mentions"], memory["salience"]) == (2, 0.8)
    assert memory["stated_at"] > first["stated_at"]
    assert await contents_of(ana) == ["I have a dog called Rex"]


async def test_what_contradicts_supersedes_and_stays_as_history(ana: Person) -> None:
    old = await remember(ana, MORNING, "preference", pinned=True)
    new = await remember(ana, EVENING, "preference")
    assert await contents_of(ana) == [EVENING]
    assert await contents_of(ana, status="superseded") == [MORNING]
    assert set(await contents_of(ana, status=["active", "superseded"])) == {MORNING, EVENING}
    history = (await ana.get(f"{MEMORIES}/{old['id']}")).json()
    assert (history["status"], history["superseded_by"], history["pinned"]) == ("superseded", new["id"], False)
    # What replaces something pinned was said by hand, and says itself whether it is pinned.
    assert new["pinned"] is False
    assert_problem(await ana.patch(f"{MEMORIES}/{old['id']}", json={"pinned": True}), 409, "conflict")
    # And back again: a third memory, for history is not written anew.
    third = await remember(ana, MORNING, "preference")
    assert third["id"] not in {old["id"], new["id"]}
    assert await contents_of(ana) == [MORNING]


async def test_the_list_is_paged_filtered_and_ordered(ana: Person) -> None:
    said = ["I live in Oslo", "I hate burpees", "I own two kettlebells", "My sister runs marathons"]
    for content, kind in zip(said, ("profile", "preference", "fact", "fact"), strict=True):
        await remember(ana, content, kind)
    assert await contents_of(ana) == said[::-1]
    assert await contents_of(ana, sort="created_at", per_page=2, page=2) == said[2:]
    assert await contents_of(ana, kind=["profile", "preference"]) == [said[1], said[0]]
    await remember(ana, said[0], "profile")
    assert (await contents_of(ana, sort="-stated_at"))[0] == said[0]
    past = (await ana.get(MEMORIES, params={"page": 9})).json()
    assert past == {"items": [], "total": 4, "page": 9, "per_page": 20}


async def test_search_is_by_meaning_within_the_filters(ana: Person) -> None:
    for content, kind in (
        ("My left knee hurts when I squat deep", "injury"),
        ("I love rowing on the lake", "preference"),
        ("I want to run a marathon in May", "goal"),
    ):
        await remember(ana, content, kind)
    assert (await contents_of(ana, q="squats hurting my knees"))[0].startswith("My left knee")
    assert (await contents_of(ana, q="marathons"))[0].startswith("I want to run")
    assert await contents_of(ana, q="knee", kind="goal") == ["I want to run a marathon in May"]
    assert await contents_of(ana, q="knee", status="superseded") == []
    page = (await ana.get(MEMORIES, params={"q": "knee", "per_page": 1, "page": 2})).json()
    assert (page["total"], len(page["items"])) == (3, 1)


NO_MEMORIES: dict[str, tuple[dict[str, Any], str]] = {
    "no content": ({"kind": "fact"}, "content"),
    "blank": ({"kind": "fact", "content": "  "}, "content"),
    "long": ({"kind": "fact", "content": "x" * 501}, "content"),
    "nul": ({"kind": "fact", "content": "a\x00b"}, "content"),
    "kind": ({"kind": "mood", "content": "x"}, "kind"),
    "salience": ({"kind": "fact", "content": "x", "salience": 1.1}, "salience"),
    "text salience": ({"kind": "fact", "content": "x", "salience": "1"}, "salience"),
    "pinned": ({"kind": "fact", "content": "x", "pinned": 1}, "pinned"),
    "embedding": ({"kind": "fact", "content": "x", "embedding": [1]}, "embedding"),
    "status": ({"kind": "fact", "content": "x", "status": "active"}, "status"),
}


async def test_what_is_no_memory_is_named(ana: Person) -> None:
    with each_case() as case:
        for name, (body, field) in NO_MEMORIES.items():
            with case(name):
                problem = assert_problem(await ana.post(MEMORIES, json=body), 422, "validation_failed")
                assert fields_of(problem) == {("body", field)}


async def test_wrong_queries_are_named(ana: Person) -> None:
    wrong: dict[str, str | int] = {"q": "", "kind": "mood", "status": "dismissed", "sort": "salience", "page": 0}
    problem = assert_problem(await ana.get(MEMORIES, params=wrong), 422, "validation_failed")
    assert fields_of(problem) == {
        ("query", "q"),
        ("query", "kind", 0),
        ("query", "status", 0),
        ("query", "sort"),
        ("query", "page"),
    }


async def test_a_correction_takes_the_place_of_what_was_understood(ana: Person, stack: Stack) -> None:
    await learn(stack, ana, "I love swimming", kind="preference")
    memory = (await ana.get(MEMORIES)).json()["items"][0]
    assert memory["source_quote"] == "I love swimming"
    path = f"{MEMORIES}/{memory['id']}"
    changed = await ana.patch(path, json={"content": "I love rowing", "kind": "fact", "salience": 1})
    corrected = changed.json()
    assert (corrected["content"], corrected["kind"], corrected["salience"]) == ("I love rowing", "fact", 1)
    assert corrected["source_quote"] is None
    assert corrected["created_at"] == memory["created_at"]
    assert changed.headers["etag"] == (await ana.get(path)).headers["etag"]
    # Its vector is that of the new words.
    [row] = await fetch(
        stack, "select embedding::text as vector from public.memories where id = $1::uuid", memory["id"]
    )
    assert json.loads(row["vector"]) == pytest.approx(json.loads(literal_of("I love rowing")), abs=0.001)
    pinned = (await ana.patch(path, json={"pinned": True})).json()
    assert (pinned["pinned"], pinned["content"]) == (True, "I love rowing")
    assert (await ana.patch(path, json={})).json() == pinned


async def test_a_correction_does_not_make_the_same_twice(ana: Person) -> None:
    await remember(ana, "I live in Oslo")
    other = await remember(ana, "I have two sons")
    answer = await ana.patch(f"{MEMORIES}/{other['id']}", json={"content": "i live in oslo."})
    assert_problem(answer, 409, "conflict")


async def test_if_match_holds_for_changing_and_forgetting(ana: Person) -> None:
    made = await ana.post(MEMORIES, json={"kind": "fact", "content": "I live in Oslo"})
    path, seen = made.headers["location"], {"If-Match": made.headers["etag"]}
    changed = await ana.patch(path, json={"pinned": True}, headers=seen)
    assert changed.status_code == 200
    assert_problem(await ana.patch(path, json={"pinned": False}, headers=seen), 412, "precondition_failed")
    assert_problem(await ana.delete(path, headers=seen), 412, "precondition_failed")
    assert (await ana.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204


async def test_what_is_not_there_is_not_found(ana: Person, bo: Person) -> None:
    memory = await remember(bo, "I live in Oslo")
    for name in (memory["id"], uuid4()):
        path = f"{MEMORIES}/{name}"
        for answer in (await ana.get(path), await ana.patch(path, json={"content": "x"}), await ana.delete(path)):
            assert_problem(answer, 404, "not_found")
    assert await contents_of(bo) == ["I live in Oslo"]


async def test_without_a_token_there_is_nothing(anonymous: Person) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("PATCH", f"/{uuid4()}"), ("GET", f"/{uuid4()}")):
        assert_problem(await anonymous.request(method, MEMORIES + path, json={}), 401, "unauthenticated")


async def test_an_anonymous_sign_in_costs_no_model(api: Api, stack: Stack) -> None:
    async with httpx.AsyncClient() as auth:
        headers = {"apikey": stack.publishable_key}
        session = await auth.post(f"{stack.supabase_url}/auth/v1/signup", headers=headers, json={})
    async with client_with(api, session.json()["access_token"]) as guest:
        assert_problem(await guest.post(MEMORIES, json={"kind": "fact", "content": "x"}), 403, "forbidden")
        assert_problem(await guest.get(MEMORIES, params={"q": "x"}), 403, "forbidden")
        assert await contents_of(guest) == []
        assert (await guest.delete(MEMORIES)).status_code == 204


async def test_with_memory_off_nothing_is_learned_or_recalled(ana: Person, stack: Stack) -> None:
    await remember(ana, MORNING, "preference")
    await ana.patch("/api/v1/users/me", json={"memory_enabled": False})
    problem = assert_problem(await ana.post(MEMORIES, json={"kind": "fact", "content": "x"}), 409, "conflict")
    assert "memory_enabled" in problem["detail"]
    assert await learn(stack, ana, "I live in Oslo") == {"outcome": "off", "id": None}
    assert await matched(stack, ana, "morning") == []
    # What is there can still be seen, found, corrected and forgotten.
    assert await contents_of(ana, q="morning") == [MORNING]
    assert (await ana.delete(MEMORIES)).status_code == 204
    assert await contents_of(ana) == []


async def matched(stack: Stack, person: Person, query: str, **given: Any) -> list[str]:
    """The contents that match_memories gives a person who calls it directly."""
    wanted = {"embedding": literal_of(query), "query": query, "model": EMBEDDING_MODEL, **given}
    async with rest_client(stack, person.token) as direct:
        answer = await direct.post("/rpc/match_memories", json=wanted)
    assert answer.status_code == 200, answer.text
    return [row["content"] for row in answer.json()]


async def test_what_was_stated_in_the_period_asked_for_comes_first(ana: Person, stack: Stack) -> None:
    for content, day in (("My knee hurts", "2026-03-10"), ("My elbow hurts", "2026-06-01")):
        learned = await learn(stack, ana, content)
        said = "update public.memories set stated_at = $2::text::timestamptz where id = $1::uuid"
        await fetch(stack, said, learned["id"], f"{day}T12:00:00Z")
    question = "Which joint hurts?"
    march = {"stated_from": "2026-03-01T00:00:00Z", "stated_until": "2026-04-01T00:00:00Z"}
    assert await matched(stack, ana, question, **march) == ["My knee hurts", "My elbow hurts"]
    assert await matched(stack, ana, question, stated_from="2026-04-01T00:00:00Z") == [
        "My elbow hurts",
        "My knee hurts",
    ]
    assert (await matched(stack, ana, question, stated_until="2026-04-01T00:00:00Z"))[0] == "My knee hurts"
    # One that ends before it begins has nothing in it, and changes nothing.
    nothing = {"stated_from": march["stated_until"], "stated_until": march["stated_from"]}
    assert await matched(stack, ana, question, **nothing) == await matched(stack, ana, question)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("Ich hasse Kniebeugen", "Kniebeuge"),
        ("Odio las sentadillas", "sentadilla"),
        ("Jeg hater armhevinger", "armheving"),
        ("I hate squats", "squatting"),
    ],
)
async def test_other_forms_of_its_words_find_it_in_four_languages(
    statement: str, question: str, ana: Person, stack: Stack
) -> None:
    for content in (statement, *(f"Number {number}" for number in range(60))):
        await learn(stack, ana, content)
    # A vector as far from each of them: the words alone find it.
    assert (await matched(stack, ana, question, embedding=str([0] * 767 + [1])))[0] == statement


async def test_two_people_with_the_same_memories_never_meet(ana: Person, bo: Person, stack: Stack) -> None:
    said = ["My left knee hurts when I squat", "I prefer training in the morning", "I live in Oslo"]
    for content in said:
        await remember(ana, f"{content} (Ana)")
        await remember(bo, f"{content} (Bo)")
    for person, name, other in ((ana, "Ana", "Bo"), (bo, "Bo", "Ana")):
        for query in (said[0], "(Ana) (Bo)", "knee", f"{said[1]} ({other})"):
            for found in (await matched(stack, person, query, max_results=50), await contents_of(person, q=query)):
                assert len(found) == 3
                assert all(content.endswith(f"({name})") for content in found)
    # Nor by what one of them does: the other's is not reinforced, replaced or forgotten.
    mine = {memory["id"] for memory in (await ana.get(MEMORIES)).json()["items"]}
    await learn(stack, bo, "Bo's own", replaces=next(iter(mine)))
    await bo.delete(MEMORIES)
    assert {memory["id"] for memory in (await ana.get(MEMORIES)).json()["items"]} == mine
    assert await learn(stack, ana, "I train with Bo") != {"outcome": "forgotten", "id": None}


async def test_match_takes_only_what_the_same_model_made(ana: Person, stack: Stack) -> None:
    await remember(ana, "I live in Oslo")
    assert await matched(stack, ana, "Oslo", model="another-model") == []
    assert await matched(stack, ana, "Oslo", max_results=0) == []
    assert await matched(stack, ana, "Oslo", max_results=-1) == []
    assert await matched(stack, ana, "Oslo") == ["I live in Oslo"]


NO_VECTORS: dict[str, str] = {
    "short": "[1,2]",
    "text": "x",
    "empty": "[]",
    "zero": str([0] * 768),
    "words": str(["a"] * 768),
    "overflow": str([1e39] * 768),
}


async def test_what_is_no_vector_is_refused_or_finds_nothing_of_anyone(ana: Person, bo: Person, stack: Stack) -> None:
    await remember(bo, "I live in Oslo")
    with each_case() as case:
        for name, embedding in NO_VECTORS.items():
            with case(name):
                async with rest_client(stack, ana.token) as direct:
                    wanted = {"embedding": embedding, "query": "Oslo", "model": EMBEDDING_MODEL}
                    answer = await direct.post("/rpc/match_memories", json=wanted)
                    assert answer.status_code == 400 or answer.json() == []
                    payload = {
                        "kind": "fact",
                        "content": "x",
                        "embedding": embedding,
                        "embedding_model": EMBEDDING_MODEL,
                    }
                    assert (await direct.post("/rpc/add_memory", json={"payload": payload})).status_code == 400
