"""Conversations as an attacker sees them: what begin_chat, finish_chat and their kin must refuse at PostgREST."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.stack.database.rows import everything, rows_of
from tests.support.cases import each_case
from tests.support.people import Person, rest_client
from tests.support.plans import make_plan
from tests.support.usage import use_up
from tests.support.workouts import log, squat

CHAT = "/api/v1/chat"
TOO_MUCH = "x" * 3_000_000
NOBODY = "00000000-0000-4000-8000-00000000dead"
JSON = {"Content-Type": "application/json"}
# What is to be left out.
GONE: Any = object()
SAID = "I prefer training in the morning."
LIMIT = 200
URGENT_LIMIT = 1000

REPLY: dict[str, Any] = {
    "reply": "Noted.",
    "mood": "warm",
    "actions": [],
    "model": "offline",
    "finish": "stop",
    "input_tokens": 10,
    "output_tokens": 5,
    "latency_ms": 20,
    "evidence": [],
    "memories": [],
}
LEARNED: dict[str, Any] = {
    "kind": "preference",
    "content": "Prefers training in the morning.",
    "quote": SAID,
    "salience": 0.5,
    "embedding": None,
    "embedding_model": None,
    "replaces": None,
}
FACT = {"kind": "plan", "id": NOBODY}


def vector(*values: Any) -> str:
    """768 numbers: these, then zeros."""
    return json.dumps([*values, *[0] * (768 - len(values))])


# Changes that make an answer unsound.
ANSWERS: dict[str, dict[str, Any]] = {
    "no reply": {"reply": GONE},
    "reply is null": {"reply": None},
    "reply is empty": {"reply": ""},
    "reply of white space": {"reply": " \u00a0\n"},
    "reply of 4001 letters": {"reply": "x" * 4001},
    "reply of three megabytes": {"reply": TOO_MUCH},
    "reply with a null byte": {"reply": "a\u0000b"},
    "reply with half a character": {"reply": "\ud800"},
    "no mood": {"mood": GONE},
    "mood is null": {"mood": None},
    "unknown mood": {"mood": "furious"},
    "mood is a list": {"mood": ["warm"]},
    "no actions": {"actions": GONE},
    "actions are null": {"actions": None},
    "actions are an object": {"actions": {}},
    "actions are a text": {"actions": "start_workout"},
    "actions of nine kilobytes": {"actions": ["x" * 9_000]},
    "actions of three megabytes": {"actions": [TOO_MUCH]},
    "no model": {"model": GONE},
    "model is null": {"model": None},
    "model of white space": {"model": " "},
    "model of 101 letters": {"model": "x" * 101},
    "model of three megabytes": {"model": TOO_MUCH},
    "no finish": {"finish": GONE},
    "unknown finish": {"finish": "error"},
    "no input tokens": {"input_tokens": GONE},
    "input tokens are null": {"input_tokens": None},
    "input tokens below nothing": {"input_tokens": -1},
    "input tokens that are not a number": {"input_tokens": "NaN"},
    "half an input token": {"input_tokens": 0.5},
    "1e999 input tokens": {"input_tokens": 10**999},
    "more input tokens than an integer": {"input_tokens": 2**31},
    "output tokens below nothing": {"output_tokens": -1},
    "output tokens in words": {"output_tokens": "many"},
    "latency below nothing": {"latency_ms": -1},
    "latency without end": {"latency_ms": "Infinity"},
    "latency is an object": {"latency_ms": {}},
    "no message": {"message_id": GONE},
    "message is null": {"message_id": None},
    "message is no uuid": {"message_id": "first"},
    "message is a list": {"message_id": [NOBODY]},
    "message is not there": {"message_id": NOBODY},
    "evidence is null": {"evidence": None},
    "evidence is an object": {"evidence": FACT},
    "evidence is a text": {"evidence": "all of it"},
    "evidence is numbers": {"evidence": [1, 2]},
    "evidence is nulls": {"evidence": [None]},
    "evidence is lists": {"evidence": [[FACT]]},
    "evidence of an unknown kind": {"evidence": [FACT | {"kind": "secret"}]},
    "evidence that is no uuid": {"evidence": [FACT | {"id": "first"}]},
    "evidence that is an object": {"evidence": [FACT | {"id": {}}]},
    "evidence of three megabytes": {"evidence": [FACT | {"id": TOO_MUCH}]},
    "memories are null": {"memories": None},
    "memories are an object": {"memories": LEARNED},
    "memories are a text": {"memories": SAID},
}
# The same for something that it learned, and that the person did say.
MEMORIES: dict[str, dict[str, Any]] = {
    "memory without a kind": {"kind": GONE},
    "memory of an unknown kind": {"kind": "secret"},
    "memory without content": {"content": GONE},
    "memory of nothing": {"content": ""},
    "memory of white space": {"content": "\u2003"},
    "memory of 501 letters": {"content": "x" * 501},
    "memory of three megabytes": {"content": TOO_MUCH},
    "memory of many words": {"content": "word " * 2_000_000},
    "memory with an empty quote": {"quote": ""},
    "memory with a quote of white space": {"quote": " "},
    "memory with salience 2": {"salience": 2},
    "memory with salience below nothing": {"salience": -0.1},
    "memory with salience 1e999": {"salience": 10**999},
    "memory with salience that is not a number": {"salience": "NaN"},
    "memory with salience in words": {"salience": "high"},
    "memory with an embedding and no model": {"embedding": vector(1)},
    "memory with a model and no embedding": {"embedding_model": "offline"},
    "memory with a vector in words": {"embedding": "near", "embedding_model": "offline"},
    "memory with a short vector": {"embedding": "[1, 0]", "embedding_model": "offline"},
    "memory with a vector of three megabytes": {"embedding": f"[{'1,' * 5_000_000}1]", "embedding_model": "offline"},
    "memory with a vector of nothing": {"embedding": vector(0), "embedding_model": "offline"},
    "memory with a vector that is no number": {"embedding": f"[{'NaN,' * 767}1]", "embedding_model": "offline"},
    "memory with a vector without end": {"embedding": f"[{'Infinity,' * 767}1]", "embedding_model": "offline"},
    "memory with a vector too long": {"embedding": vector("1e999").replace('"', ""), "embedding_model": "offline"},
    "memory with a model of 101 letters": {"embedding": vector(1), "embedding_model": "x" * 101},
    "memory that replaces no uuid": {"replaces": "the first"},
    "memory that replaces a list": {"replaces": [NOBODY]},
}
# Payloads that are not even an answer.
RAW: dict[str, str] = {
    "null": "null",
    "number": "5",
    "text": '"Noted."',
    "list": "[]",
    "list of answers": f"[{json.dumps(REPLY)}]",
    "empty": "{}",
    "literal NaN": '{"latency_ms": NaN}',
    "half": '{"message_id": ',
    "deeper than a stack": "[" * 200_000 + "]" * 200_000,
    "three megabytes": json.dumps({"x": TOO_MUCH}),
}
# Calls of begin_chat that say nothing, or too much.
BEGINNINGS: dict[str, dict[str, Any]] = {
    "no client_id": {"client_id": GONE},
    "client_id is null": {"client_id": None},
    "client_id is no uuid": {"client_id": "mine"},
    "client_id is a list": {"client_id": [NOBODY]},
    "no message": {"message": GONE},
    "message is null": {"message": None},
    "message is empty": {"message": ""},
    "message of white space": {"message": "\u3000\n"},
    "message of 4001 letters": {"message": "x" * 4001},
    "message of three megabytes": {"message": TOO_MUCH},
    "message with a null byte": {"message": "a\u0000b"},
    "message with half a character": {"message": "\ud800"},
    "urgent is a text": {"is_urgent": "very"},
    "another owner": {"owner": NOBODY},
    "another user_id": {"user_id": NOBODY},
    "a role": {"role": "assistant"},
}


def changed(whole: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (whole | change).items() if value is not GONE}


async def begin(client: httpx.AsyncClient, message: str = SAID, **more: Any) -> dict[str, Any]:
    """Says something new as PostgREST takes it; the state."""
    response = await client.post("/rpc/begin_chat", json={"client_id": str(uuid4()), "message": message, **more})
    assert response.status_code == 200, response.text
    state: dict[str, Any] = response.json()
    return state


async def finish(client: httpx.AsyncClient, message_id: str, **change: Any) -> dict[str, Any]:
    """Answers it; the answer."""
    payload = REPLY | {"message_id": message_id} | change
    response = await client.post("/rpc/finish_chat", json={"payload": payload})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def talk_of(person: Person, stack: Stack) -> dict[str, list[Any]]:
    """Every row that a conversation of this person leaves, by table."""
    tables = ("chat_messages", "message_evidence", "ai_usage", "affinity_events", "memories")
    return await rows_of(stack, person.id, *tables)


async def asked_of(person: Person, stack: Stack) -> str:
    """The id of the last message that this person wrote."""
    rows = (await talk_of(person, stack))["chat_messages"]
    return str(max((row for row in rows if row["role"] == "user"), key=lambda row: row["created_at"])["id"])


async def answered_of(person: Person, stack: Stack) -> str:
    """The id of the last reply to this person."""
    rows = (await talk_of(person, stack))["chat_messages"]
    return str(max((row for row in rows if row["role"] == "assistant"), key=lambda row: row["created_at"])["id"])


@asynccontextmanager
async def guest_of(stack: Stack) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """PostgREST as somebody who signed in without an address, and who that is."""
    async with httpx.AsyncClient(headers={"apikey": stack.publishable_key}) as auth:
        session = (await auth.post(f"{stack.supabase_url}/auth/v1/signup", json={})).json()
    async with rest_client(stack, session["access_token"]) as client:
        yield client, session["user"]["id"]


async def test_strangers_say_nothing(bos: dict[str, str], bo: Person, stack: Stack) -> None:
    before = await talk_of(bo, stack)
    asked, answered = await asked_of(bo, stack), await answered_of(bo, stack)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("begin_chat", {"client_id": NOBODY, "message": "Hi"}),
        ("begin_chat", {"client_id": NOBODY, "message": "Hi", "is_urgent": True}),
        ("finish_chat", {"payload": REPLY | {"message_id": asked}}),
        ("release_chat", {"message_id": asked}),
        ("chat_evidence", {"message_id": answered}),
    ]
    async with rest_client(stack) as anyone, rest_client(stack, stack.publishable_key) as key:
        for function, arguments in calls:
            assert (await anyone.post(f"/rpc/{function}", json=arguments)).status_code == 401
            assert (await key.post(f"/rpc/{function}", json=arguments)).status_code == 401
    assert await talk_of(bo, stack) == before


async def test_a_guest_does_not_talk(stack: Stack) -> None:
    with each_case() as case:
        for is_urgent in (False, True):
            with case(is_urgent):
                async with guest_of(stack) as (guest, who):
                    call = {"client_id": NOBODY, "message": "Hi", "is_urgent": is_urgent}
                    assert (await guest.post("/rpc/begin_chat", json=call)).status_code == 403
                    assert (await guest.get("/chat_messages")).json() == []
                    assert (await guest.get("/ai_usage")).json() == []
                assert not any((await rows_of(stack, who, "chat_messages", "ai_usage")).values())


async def test_a_guest_has_nothing_of_others(bos: dict[str, str], bo: Person, stack: Stack) -> None:
    asked, answered = await asked_of(bo, stack), await answered_of(bo, stack)
    before = await talk_of(bo, stack)
    async with guest_of(stack) as (guest, _):
        payload = REPLY | {"message_id": asked}
        assert (await guest.post("/rpc/finish_chat", json={"payload": payload})).status_code == 404
        assert (await guest.post("/rpc/release_chat", json={"message_id": asked})).status_code in {200, 204}
        assert (await guest.post("/rpc/chat_evidence", json={"message_id": answered})).json() is None
    assert await talk_of(bo, stack) == before


async def test_an_account_that_is_gone_says_nothing(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    message = (await begin(rest))["message_id"]
    assert (await ana.delete("/api/v1/users/me")).status_code == 204
    call = {"client_id": NOBODY, "message": "Hi"}
    assert (await rest.post("/rpc/begin_chat", json=call)).status_code == 401
    refused = await rest.post("/rpc/finish_chat", json={"payload": REPLY | {"message_id": message}})
    assert refused.status_code == 401
    assert not any((await talk_of(ana, stack)).values())


async def test_a_message_of_another_person_is_not_there(
    rest: httpx.AsyncClient, bos: dict[str, str], bo: Person, ana: Person, stack: Stack
) -> None:
    async with rest_client(stack, bo.token) as theirs:
        open_message = (await begin(theirs, "Is anybody there?"))["message_id"]
    asked, answered = await asked_of(bo, stack), await answered_of(bo, stack)
    before = await everything(stack)
    unknown = await rest.post("/rpc/finish_chat", json={"payload": REPLY | {"message_id": NOBODY}})
    assert unknown.status_code == 404
    for message in (open_message, asked, answered):
        payload = REPLY | {"message_id": message, "user_id": bo.id}
        refused = await rest.post("/rpc/finish_chat", json={"payload": payload})
        # Nor is it told that there is such a message.
        assert (refused.status_code, refused.json()) == (404, unknown.json())
    for message in (open_message, asked, answered, NOBODY):
        released = await rest.post("/rpc/release_chat", json={"message_id": message})
        assert (released.status_code, released.text) in {(200, "null"), (200, ""), (204, "")}
        shown = await rest.post("/rpc/chat_evidence", json={"message_id": message})
        assert (shown.status_code, shown.json()) == (200, None)
    assert await everything(stack) == before
    assert not any((await talk_of(ana, stack)).values())


async def test_a_client_id_of_another_person_is_free(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    theirs = (await talk_of(bo, stack))["chat_messages"]
    asked = next(row for row in theirs if row["role"] == "user")
    state = await begin(rest, asked["message"], client_id=str(asked["client_id"]))
    assert (state["state"], state["message_id"] != str(asked["id"])) == ("yours", True)
    assert state["context"]["conversation"] == []
    assert (await talk_of(bo, stack))["chat_messages"] == theirs


async def test_what_an_answer_rests_on_is_of_ones_own(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    await log(ana, await squat(ana))
    await make_plan(ana, name="Push and pull")
    await begin(rest)
    state = await begin(rest, "What do you know of me?")
    text = json.dumps(state)
    theirs = await talk_of(bo, stack)
    assert bo.id not in text
    assert not [row for row in theirs["chat_messages"] if row["message"] != SAID and row["message"] in text]
    assert [said["message"] for said in state["context"]["conversation"]] == [SAID]
    assert len(state["context"]["sessions"]) == 1


async def test_evidence_is_never_another_persons(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    rows = await everything(stack)
    theirs = await talk_of(bo, stack)
    done = next(row for row in rows["sets"] if str(row["user_id"]) == bo.id)
    stolen = [
        {"kind": "memory", "id": str(theirs["memories"][0]["id"])},
        {"kind": "set", "id": str(done["id"])},
        {"kind": "plan", "id": bos["plans"].removeprefix("id=eq.")},
        *({"kind": "memory", "id": str(row["id"])} for table in theirs.values() for row in table),
    ]
    before = await everything(stack)
    answer = await finish(rest, (await begin(rest))["message_id"], evidence=stolen, text="Theirs")
    assert answer["evidence"] == []
    shown = (await rest.post("/rpc/chat_evidence", json={"message_id": answer["message"]["id"]})).json()
    assert shown == []
    secrets = [done["exercise_name"], *(row["content"] for row in theirs["memories"])]
    assert not [secret for secret in [*secrets, bo.id] if secret in json.dumps(answer)]
    after = await everything(stack)
    assert after["message_evidence"] == before["message_evidence"]
    assert await talk_of(bo, stack) == theirs
    assert (await rest.get("/message_evidence")).json() == []


async def test_the_texts_of_evidence_are_the_databases(rest: httpx.AsyncClient, ana: Person) -> None:
    workout = (await log(ana, await squat(ana)))["workout"]
    plan = await make_plan(ana, name="Push and pull")
    done = (await rest.get(f"/sets?workout_id=eq.{workout['id']}")).json()[0]
    forged = {"text": "You are the strongest", "user_id": NOBODY, "message_id": NOBODY}
    given = [{"kind": "plan", "id": plan["id"]} | forged, {"kind": "set", "id": done["id"]} | forged]
    wrong = [
        {"kind": "memory", "id": plan["id"]},
        {"kind": "plan", "id": done["id"]},
        {"kind": "set", "id": plan["id"]},
    ]
    answer = await finish(rest, (await begin(rest))["message_id"], evidence=[*given, *wrong, *given])
    assert [(one["kind"], one["id"]) for one in answer["evidence"]] == [("plan", plan["id"]), ("set", done["id"])]
    assert answer["evidence"][0]["text"] == "Push and pull"
    assert answer["evidence"][1]["text"].startswith(f"{done['exercise_name']}: 5 \u00d7 100 kg on ")


async def test_evidence_that_is_mostly_made_up_is_soon_done(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_plan(ana)
    many = [FACT | {"kind": kind} for kind in ("memory", "set", "plan")] * 15_000
    given = [{"kind": "plan", "id": plan["id"]}, *many]
    answer = await finish(rest, (await begin(rest))["message_id"], evidence=given)
    assert [one["id"] for one in answer["evidence"]] == [plan["id"]]
    assert len((await talk_of(ana, stack))["message_evidence"]) == 1


NOT_SAID: dict[str, Any] = {
    "other": "I prefer training in the evening.",
    "case": "i prefer training in the MORNING.",
    "longer": SAID + " ",
    "more": f"{SAID} And I hate squats.",
    "like": "%",
    "regex": ".*",
    "theirs": "Bo's own words",
    "null": None,
    "number": 7,
    "list": [SAID],
    "none": GONE,
}


async def test_what_the_person_did_not_write_is_not_learned(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    with each_case() as case:
        for name, quote in NOT_SAID.items():
            with case(name):
                message = (await begin(rest))["message_id"]
                answer = await finish(rest, message, memories=[changed(LEARNED, {"quote": quote})])
                assert answer["memories_learned"] == []
                assert (await talk_of(ana, stack))["memories"] == []


async def test_a_quote_of_another_persons_message_teaches_nothing(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    theirs = await talk_of(bo, stack)
    replaced = str(theirs["memories"][0]["id"])
    message = (await begin(rest, "Good morning"))["message_id"]
    stolen = LEARNED | {"replaces": replaced, "message_id": str(theirs["chat_messages"][0]["id"]), "user_id": bo.id}
    assert (await finish(rest, message, memories=[stolen]))["memories_learned"] == []
    assert (await talk_of(ana, stack))["memories"] == []
    assert await talk_of(bo, stack) == theirs


async def test_what_is_learned_is_ones_own_and_replaces_nothing_of_others(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    theirs = await talk_of(bo, stack)
    forged = {
        "replaces": str(theirs["memories"][0]["id"]),
        "user_id": bo.id,
        "owner": bo.id,
        "id": NOBODY,
        "status": "dismissed",
        "mentions": 99,
    }
    message = (await begin(rest))["message_id"]
    answer = await finish(rest, message, memories=[LEARNED | forged])
    assert [one["content"] for one in answer["memories_learned"]] == [LEARNED["content"]]
    (learned,) = (await talk_of(ana, stack))["memories"]
    assert (str(learned["user_id"]), str(learned["source_message_id"])) == (ana.id, message)
    assert (str(learned["id"]) != NOBODY, learned["status"], learned["mentions"]) == (True, "active", 1)
    assert await talk_of(bo, stack) == theirs


async def test_ten_memories_of_a_message_are_enough(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    many = [LEARNED | {"content": f"Fact {'x' * n}"} for n in range(1, 100)]
    answer = await finish(rest, (await begin(rest))["message_id"], memories=many)
    assert len(answer["memories_learned"]) == 10
    assert len((await talk_of(ana, stack))["memories"]) == 10


async def test_nothing_is_learned_while_memory_is_off(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    await ana.patch("/api/v1/users/me", json={"memory_enabled": False})
    answer = await finish(rest, (await begin(rest))["message_id"], memories=[LEARNED, LEARNED | {"kind": "nonsense"}])
    assert answer["memories_learned"] == []
    assert (await talk_of(ana, stack))["memories"] == []


def unsound(name: str, message: str) -> str:
    """A sound answer but for what this name says, as it is sent."""
    whole = REPLY | {"message_id": message}
    if name in ANSWERS:
        return json.dumps(changed(whole, ANSWERS[name]))
    if name in MEMORIES:
        return json.dumps(whole | {"memories": [LEARNED, changed(LEARNED, {"content": "x"} | MEMORIES[name])]})
    return RAW[name]


async def test_an_unsound_answer_is_refused_whole(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_plan(ana)
    message = (await begin(rest))["message_id"]
    before = await talk_of(ana, stack)
    with each_case() as case:
        for name in (*ANSWERS, *MEMORIES, *RAW):
            with case(name):
                call = f'{{"payload": {unsound(name, message)}}}'
                response = await rest.post("/rpc/finish_chat", content=call, headers=JSON)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert await talk_of(ana, stack) == before
    # And the message can be answered still.
    answer = await finish(rest, message, evidence=[{"kind": "plan", "id": plan["id"]}], memories=[LEARNED])
    assert (len(answer["evidence"]), len(answer["memories_learned"])) == (1, 1)


async def test_what_is_no_message_is_not_kept(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    with each_case() as case:
        for name, change in BEGINNINGS.items():
            with case(name):
                call = changed({"client_id": str(uuid4()), "message": "Hi"}, change)
                response = await rest.post("/rpc/begin_chat", content=json.dumps(call), headers=JSON)
                assert 400 <= response.status_code < 500, response.text[:300]
                assert not any((await talk_of(ana, stack)).values())


async def test_calls_of_another_shape_are_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    bodies = ("", "{}", "[]", "null", '{"payload": {}, "owner": "x"}', '{"message_id": "x"}')
    with each_case() as case:
        for body, function in product(bodies, ("begin_chat", "finish_chat", "release_chat", "chat_evidence")):
            with case(f"{function} {body}"):
                response = await rest.post(f"/rpc/{function}", content=body, headers=JSON)
                assert 400 <= response.status_code < 500, response.text
                assert not any((await talk_of(ana, stack)).values())


# Actions that are no action: whoever reads the conversation later has to make something of them.
ACTIONS: dict[str, str] = {
    "a number": "[1]",
    "a null": "[null]",
    "a list": "[[]]",
    "an empty object": "[{}]",
    "of an unknown kind": '[{"kind": "delete_everything"}]',
    "a kind that is a list": '[{"kind": ["log_workout"]}]',
    "a start without a plan": '[{"kind": "start_workout", "plan_day": 0}]',
    "a start of no uuid": '[{"kind": "start_workout", "plan_id": "first", "plan_day": 0}]',
    "a start on day 14": f'[{{"kind": "start_workout", "plan_id": "{NOBODY}", "plan_day": 14}}]',
    "a start on half a day": f'[{{"kind": "start_workout", "plan_id": "{NOBODY}", "plan_day": 0.5}}]',
    "a start in words": f'[{{"kind": "start_workout", "plan_id": "{NOBODY}", "plan_day": "0"}}]',
    "more than an action": '[{"kind": "log_workout", "x": "<script>"}]',
    "long numbers": f"[{','.join(['1e131071'] * 450)}]",
    "a meal plan with members": '[{"kind": "generate_meal_plan", "goal": "lose"}]',
    "an adaptation of nothing": '[{"kind": "adapt_plan"}]',
    "an adaptation of two": f'[{{"kind": "adapt_plan", "plan_id": ["{NOBODY}", "{NOBODY}"]}}]',
    "a proposal of no plan": f'[{{"kind": "accept_proposal", "proposal_id": "{NOBODY}"}}]',
    "a proposal in capitals": f'[{{"kind": "accept_proposal", "plan_id": "{NOBODY}", "proposal_id": "{"A" * 36}"}}]',
    "a ninth meal": f'[{{"kind": "swap_meal", "meal_plan_id": "{NOBODY}", "day": 0, "meal": 8}}]',
    "a meal before the first": f'[{{"kind": "swap_meal", "meal_plan_id": "{NOBODY}", "day": 0, "meal": -1}}]',
    "a meal of long numbers": '[{"kind": "swap_meal", "meal_plan_id": 1e131071, "day": 1e131071, "meal": 1e131071}]',
    "a kind with a line after it": '[{"kind": "log_workout\\n"}]',
    "a long day": f'[{{"kind": "start_workout", "plan_id": "{NOBODY}", "plan_day": 1e131071}}]',
    "a day of many decimals": f'[{{"kind": "start_workout", "plan_id": "{NOBODY}", "plan_day": 1.{"0" * 9000}}}]',
    "deep": "[" * 700 + "]" * 700,
    "many": json.dumps([{"kind": "log_workout"}] * 200),
}


async def test_what_is_no_action_is_not_kept(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    message = (await begin(rest))["message_id"]
    before = await talk_of(ana, stack)
    with each_case() as case:
        for name, actions in ACTIONS.items():
            with case(name):
                payload = json.dumps(REPLY | {"message_id": message, "actions": "HERE"}).replace('"HERE"', actions)
                response = await rest.post("/rpc/finish_chat", content=f'{{"payload": {payload}}}', headers=JSON)
                assert 400 <= response.status_code < 500, f"{response.status_code}: {len(response.content)} bytes"
                assert await talk_of(ana, stack) == before


async def test_whatever_is_forged_the_conversation_can_be_read(rest: httpx.AsyncClient, ana: Person) -> None:
    odd = "\u202e\U0001f600 <script> {{name}} ${x} \\u0000 ]}\n\r\u2028data: x"
    actions = [
        {"kind": "start_workout", "plan_id": NOBODY, "plan_day": 13},
        {"kind": "log_workout"},
        {"kind": "review_memories"},
        {"kind": "generate_plan"},
        {"kind": "generate_meal_plan"},
        {"kind": "adapt_plan", "plan_id": NOBODY},
        {"kind": "accept_proposal", "plan_id": NOBODY, "proposal_id": NOBODY},
        {"kind": "swap_meal", "meal_plan_id": NOBODY, "day": 13, "meal": 7},
    ]
    client_id = str(uuid4())
    message = (await begin(rest, odd, client_id=client_id))["message_id"]
    whole = {"finish": "length", "mood": "playful", "input_tokens": 2**31 - 1, "output_tokens": 2**31 - 1}
    answer = await finish(rest, message, reply=odd, model="safety", actions=actions, latency_ms=2**31 - 1, **whole)
    page = await ana.get(f"{CHAT}/messages")
    assert page.status_code == 200, page.text
    assert [(item["role"], item["message"]) for item in page.json()["items"]] == [("assistant", odd), ("user", odd)]
    shown = page.json()["items"][0]["actions"]
    assert [{name: value for name, value in action.items() if value is not None} for action in shown] == actions
    evidence = await ana.get(f"{CHAT}/messages/{answer['message']['id']}/evidence")
    assert evidence.json() == {"items": []}
    again = await ana.post(CHAT, json={"client_id": client_id, "message": odd})
    assert (again.status_code, again.json()["message"]["id"]) == (200, answer["message"]["id"])
    # Nor does one reply of theirs break the next.
    assert (await ana.post(CHAT, json={"client_id": str(uuid4()), "message": "Hello"})).status_code == 200


async def test_what_is_not_the_persons_to_say_is_not_heard(
    rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack
) -> None:
    message = (await begin(rest))["message_id"]
    forged = {
        "id": NOBODY,
        "user_id": bo.id,
        "owner": bo.id,
        "role": "user",
        "client_id": NOBODY,
        "reply_to": NOBODY,
        "answering_until": "infinity",
        "created_at": "2999-01-01T00:00:00Z",
        "affinity": {"score": 1000},
        "points": 100,
        "calls": 0,
    }
    await finish(rest, message, **forged)
    assert not any((await talk_of(bo, stack)).values())
    mine = await talk_of(ana, stack)
    reply = next(row for row in mine["chat_messages"] if row["role"] == "assistant")
    assert (str(reply["id"]) != NOBODY, str(reply["reply_to"]), reply["client_id"]) == (True, message, None)
    assert reply["created_at"].year < 2999
    assert [(row["rule"], row["points"]) for row in mine["affinity_events"]] == [("conversation", 1)]
    assert [(row["calls"], row["input_tokens"], row["output_tokens"]) for row in mine["ai_usage"]] == [(1, 10, 5)]


async def test_a_second_answer_changes_nothing(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_plan(ana)
    evidence = [{"kind": "plan", "id": plan["id"]}]
    message = (await begin(rest))["message_id"]
    first = await finish(rest, message, evidence=evidence, memories=[LEARNED])
    before = await talk_of(ana, stack)
    other = LEARNED | {"content": "Prefers the evening.", "kind": "fact"}
    second = await finish(rest, message, reply="Other.", model="forged", input_tokens=99, evidence=[], memories=[other])
    assert second == first
    # Not even when it is unsound.
    assert await finish(rest, message, reply=None, actions=7, evidence="x", memories="y") == first
    assert await talk_of(ana, stack) == before


async def test_27_answers_at_once_are_one(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    message = (await begin(rest))["message_id"]
    answers = await asyncio.gather(
        *(finish(rest, message, reply=f"Answer {n}.", memories=[LEARNED]) for n in range(27))
    )
    assert len({answer["message"]["id"] for answer in answers}) == 1
    assert len({answer["message"]["message"] for answer in answers}) == 1
    mine = await talk_of(ana, stack)
    assert Counter(row["role"] for row in mine["chat_messages"]) == {"user": 1, "assistant": 1}
    assert [row["mentions"] for row in mine["memories"]] == [1]
    assert [row["input_tokens"] for row in mine["ai_usage"]] == [10]
    assert [row["points"] for row in mine["affinity_events"]] == [1]


async def test_of_27_beginnings_at_once_one_answers(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    client_id = str(uuid4())
    states = await asyncio.gather(*(begin(rest, client_id=client_id) for _ in range(27)))
    assert Counter(state["state"] for state in states) == {"yours": 1, "answering": 26}
    mine = await talk_of(ana, stack)
    assert [row["message"] for row in mine["chat_messages"]] == [SAID]
    assert [row["calls"] for row in mine["ai_usage"]] == [1]


async def test_a_released_message_is_one_requests_again(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    client_id = str(uuid4())
    message = (await begin(rest, client_id=client_id))["message_id"]
    assert (await begin(rest, client_id=client_id))["state"] == "answering"
    assert (await rest.post("/rpc/release_chat", json={"message_id": message})).status_code in {200, 204}
    states = await asyncio.gather(*(begin(rest, client_id=client_id) for _ in range(9)))
    assert Counter(state["state"] for state in states) == {"yours": 1, "answering": 8}
    assert [row["calls"] for row in (await talk_of(ana, stack))["ai_usage"]] == [2]


async def test_what_was_answered_cannot_be_asked_again_under_its_id(rest: httpx.AsyncClient) -> None:
    client_id = str(uuid4())
    message = (await begin(rest, client_id=client_id))["message_id"]
    answer = await finish(rest, message)
    assert (await begin(rest, client_id=client_id)) == {"state": "answered", "answer": answer}
    assert (await rest.post("/rpc/release_chat", json={"message_id": message})).status_code in {200, 204}
    assert (await begin(rest, client_id=client_id))["state"] == "answered"
    other = {"client_id": client_id, "message": "Something else"}
    for is_urgent in (False, True):
        assert (await rest.post("/rpc/begin_chat", json=other | {"is_urgent": is_urgent})).status_code == 409


async def test_a_reply_is_not_replied_to(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    reply = (await finish(rest, (await begin(rest))["message_id"]))["message"]["id"]
    before = await talk_of(ana, stack)
    refused = await rest.post("/rpc/finish_chat", json={"payload": REPLY | {"message_id": reply}})
    assert refused.status_code == 404
    assert await talk_of(ana, stack) == before


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "message": ("chat_messages", {"role": "user", "client_id": NOBODY, "message": "Forged"}),
    "reply": (
        "chat_messages",
        {key: value for key, value in REPLY.items() if key not in {"reply", "evidence", "memories"}}
        | {"role": "assistant", "message": "Forged", "reply_to": NOBODY},
    ),
    "evidence": (
        "message_evidence",
        {"message_id": NOBODY, "kind": "plan", "source_id": NOBODY, "text": "Forged"},
    ),
    "usage": ("ai_usage", {"day": "2026-01-01", "kind": "chat", "calls": 0}),
}
PREFERENCES = ("return=minimal", "resolution=merge-duplicates,return=minimal", "resolution=ignore-duplicates")


async def test_what_functions_write_is_not_written_by_hand(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_plan(ana)
    evidence = [{"kind": "plan", "id": plan["id"]}]
    answer = await finish(rest, (await begin(rest))["message_id"], evidence=evidence)
    before = await talk_of(ana, stack)
    with each_case() as case:
        for name, (table, row) in WRITES.items():
            with case(name):
                assert before[table]
                own = {"message_id": answer["message"]["id"]} if table == "message_evidence" else {}
                for prefer, rows in product(
                    PREFERENCES, (row | own, [row | own, row], row | own | {"user_id": ana.id})
                ):
                    response = await rest.post(f"/{table}", json=rows, headers={"Prefer": prefer})
                    assert response.status_code == 403, response.text
                assert (await rest.patch(f"/{table}?user_id=eq.{ana.id}&select=id", json=row)).status_code == 403
                assert (await rest.put(f"/{table}?id=eq.{before[table][0]['id']}", json=row)).status_code in {400, 403}
                if table != "chat_messages":
                    assert (await rest.delete(f"/{table}?user_id=eq.{ana.id}&select=id")).status_code == 403
                assert await talk_of(ana, stack) == before


async def test_a_reply_is_not_attached_to_another_persons_message(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    async with rest_client(stack, bo.token) as theirs:
        message = (await begin(theirs, "Is anybody there?"))["message_id"]
    before = await everything(stack)
    row = {"role": "assistant", "message": "Forged", "reply_to": message, "mood": "warm", "actions": []}
    row |= {"model": "x", "finish": "stop", "input_tokens": 0, "output_tokens": 0, "latency_ms": 0}
    for more in ({}, {"user_id": ana.id}, {"user_id": bo.id}):
        assert (await rest.post("/chat_messages", json=row | more)).status_code == 403
    assert await everything(stack) == before
    # Not even the server can.
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(
                "insert into public.chat_messages (user_id, role, message, reply_to, mood, actions, model, finish,"
                " input_tokens, output_tokens, latency_ms) values ($1, 'assistant', 'x', $2, 'warm', '[]', 'x', 'stop',"
                " 0, 0, 0)",
                ana.id,
                message,
            )
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(
                "insert into public.message_evidence (user_id, message_id, kind, source_id, text)"
                " values ($1, $2, 'plan', $2, 'x')",
                ana.id,
                message,
            )
    finally:
        await connection.close()


async def refused_for_today(rest: httpx.AsyncClient, **more: Any) -> bool:
    response = await rest.post("/rpc/begin_chat", json={"client_id": str(uuid4()), "message": "Hi", **more})
    return response.status_code == 429


async def test_the_last_calls_of_a_day_go_to_whoever_is_first(
    rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack
) -> None:
    await use_up(stack, ana, "chat", LIMIT - 5)
    calls = [{"client_id": str(uuid4()), "message": f"Message {n}"} for n in range(27)]
    answers = await asyncio.gather(*(rest.post("/rpc/begin_chat", json=call) for call in calls))
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 22}
    mine = await talk_of(ana, stack)
    assert ([row["calls"] for row in mine["ai_usage"]], len(mine["chat_messages"])) == ([LIMIT], 5)
    async with rest_client(stack, bo.token) as other:
        assert (await begin(other))["state"] == "yours"


async def test_the_daily_limit_is_nobodys_to_raise(
    rest: httpx.AsyncClient, ana: Person, bo: Person, stack: Stack
) -> None:
    kept = (await begin(rest))["message_id"]
    await finish(rest, kept)
    await use_up(stack, ana, "chat", LIMIT)
    assert await refused_for_today(rest)
    usage = f"/ai_usage?user_id=eq.{ana.id}"
    for change in ({"calls": 0}, {"calls": -1000}, {"day": "2020-01-01"}, {"user_id": bo.id}):
        assert (await rest.patch(usage, json=change)).status_code == 403
    upsert = {"Prefer": "resolution=merge-duplicates"}
    row = {"user_id": ana.id, "day": (await rest.get(usage)).json()[0]["day"], "kind": "chat", "calls": 0}
    assert (await rest.post("/ai_usage?on_conflict=user_id,day,kind", json=row, headers=upsert)).status_code == 403
    assert (await rest.delete(usage)).status_code == 403
    # Nor by changing zone, answering again, limits of one's own, or deleting what was said.
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert (await ana.patch("/api/v1/users/me", json={"timezone": zone})).status_code == 200
        assert await refused_for_today(rest)
    await rest.post("/rpc/release_chat", json={"message_id": kept})
    assert await refused_for_today(rest)
    forged = {"client_id": str(uuid4()), "message": "Hi", "most": 1000}
    assert (await rest.post("/rpc/begin_chat", json=forged)).status_code == 404
    assert (await rest.delete(f"/chat_messages?user_id=eq.{ana.id}&select=id")).status_code == 200
    assert await refused_for_today(rest)
    mine = await talk_of(ana, stack)
    assert ([row["calls"] for row in mine["ai_usage"]], mine["chat_messages"]) == ([LIMIT], [])


async def test_whoever_calls_everything_urgent_gets_no_models_answer_for_it(
    rest: httpx.AsyncClient, ana: Person, stack: Stack
) -> None:
    await use_up(stack, ana, "chat", LIMIT)
    client_id = str(uuid4())
    lied = await begin(rest, client_id=client_id, is_urgent=True)
    assert lied["state"] == "yours"
    await rest.post("/rpc/release_chat", json={"message_id": lied["message_id"]})
    # The same message by way of the API, which asks a model, is what its words say.
    refused = await ana.post(CHAT, json={"client_id": client_id, "message": SAID})
    assert refused.status_code == 429, refused.text
    # A concern of their own making brings them fixed texts.
    await finish(rest, lied["message_id"], concern="cardiac", concern_step="warned", actions=[])
    answered = await ana.post(CHAT, json={"client_id": str(uuid4()), "message": SAID})
    assert answered.json()["message"]["model"] == "safety"
    # And all of it has an end.
    await use_up(stack, ana, "chat", URGENT_LIMIT)
    assert await refused_for_today(rest, is_urgent=True)
    assert (await ana.post(CHAT, json={"client_id": str(uuid4()), "message": SAID})).status_code == 429


async def test_a_concern_is_of_a_reply_and_offers_nothing(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    message = (await begin(rest))["message_id"]
    before = await talk_of(ana, stack)
    with each_case() as case:
        for change in (
            {"concern": "cardiac"},
            {"concern_step": "warned"},
            {"concern": "hunger", "concern_step": "warned"},
            {"concern": "cardiac", "concern_step": "cheered"},
            {"concern": "cardiac", "concern_step": "warned", "actions": [{"kind": "log_workout"}]},
        ):
            with case(str(change)):
                payload = REPLY | {"message_id": message} | change
                assert (await rest.post("/rpc/finish_chat", json={"payload": payload})).status_code == 400
    assert await talk_of(ana, stack) == before


async def test_tokens_are_counted_and_never_taken_back(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    for n in range(3):
        await finish(rest, (await begin(rest, f"Message {n}"))["message_id"])
    assert (await rest.delete("/chat_messages?role=eq.assistant&select=id")).status_code == 200
    (usage,) = (await talk_of(ana, stack))["ai_usage"]
    assert (usage["calls"], usage["input_tokens"], usage["output_tokens"]) == (3, 30, 15)


async def test_people_delete_their_own_conversation_alone(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person, stack: Stack
) -> None:
    theirs = await talk_of(bo, stack)
    plan = await make_plan(ana)
    evidence = [{"kind": "plan", "id": plan["id"]}]
    first = await finish(rest, (await begin(rest))["message_id"], evidence=evidence, memories=[LEARNED])
    await finish(rest, (await begin(rest, "And now?"))["message_id"], evidence=evidence)
    for message in theirs["chat_messages"]:
        assert (await rest.delete(f"/chat_messages?id=eq.{message['id']}")).json() == []
    asked = first["message"]["reply_to"]
    assert len((await rest.delete(f"/chat_messages?id=eq.{asked}")).json()) == 1
    mine = await talk_of(ana, stack)
    # The reply and what it rested on go along; what was learned stays, and does not say where any more.
    assert (len(mine["chat_messages"]), len(mine["message_evidence"])) == (2, 1)
    assert [(row["status"], row["source_message_id"]) for row in mine["memories"]] == [("active", None)]
    assert (await rest.delete("/chat_messages?id=not.is.null")).status_code == 200
    mine = await talk_of(ana, stack)
    assert (mine["chat_messages"], mine["message_evidence"], len(mine["ai_usage"])) == ([], [], 1)
    assert await talk_of(bo, stack) == theirs


async def test_no_relation_of_a_message_leads_to_another_person(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], bo: Person
) -> None:
    plan = await make_plan(ana)
    await finish(rest, (await begin(rest))["message_id"], evidence=[{"kind": "plan", "id": plan["id"]}])
    for path in (
        "chat_messages?select=user_id,message_evidence(user_id)",
        "message_evidence?select=user_id,chat_messages(user_id)",
        "chat_messages?select=user_id,replies:chat_messages!reply_to(user_id)",
        "chat_messages?select=user_id,memories(user_id)",
        f"chat_messages?select=user_id&or=(user_id.eq.{ana.id},user_id.eq.{bo.id})",
        f"message_evidence?select=user_id&or=(user_id.eq.{ana.id},user_id.eq.{bo.id})",
        f"ai_usage?select=user_id&or=(user_id.eq.{ana.id},user_id.eq.{bo.id})",
    ):
        response = await rest.get(f"/{path}")
        assert response.status_code in {200, 300, 400}, response.text
        assert bo.id not in response.text
        if response.status_code == 200:
            assert {row["user_id"] for row in response.json()} == {ana.id}


async def test_what_is_forgotten_fits_where_it_was_said(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    # Each "a" becomes the longer "[forgotten]", in a message that is as long as a message may be.
    message = (await begin(rest, "a " * 2000))["message_id"]
    answer = await finish(rest, message, reply="a " * 2000, memories=[LEARNED | {"content": "a", "quote": "a"}])
    (learned,) = answer["memories_learned"]
    response = await rest.post("/rpc/forget_memory", json={"memory_id": learned["id"]})
    assert (response.status_code, response.text) == (200, "true")
    mine = await talk_of(ana, stack)
    assert not [row for row in mine["chat_messages"] if "a" in row["message"]]
    assert [row["content"] for row in mine["memories"]] == [None]
