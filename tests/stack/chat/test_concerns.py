"""While the companion is worried it asks how people are, and says nothing of training until they are fine."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from dev.stack import Stack
from src.chat.safety.texts import careful_text, follow_up_text, question_text, thanks_text
from src.core.config import Settings
from src.language.language import Language
from src.vocabulary import Concern
from tests.stack.chat.test_chat import CHAT, MESSAGES, history, said, say
from tests.support.archive import bring, exported, neutral
from tests.support.events import events_of
from tests.support.gemini import FakeGemini, answers
from tests.support.people import Person, assert_problem
from tests.support.plans import make_plan
from tests.support.usage import use_up

STREAM = f"{CHAT}/stream"
ALARM = "My chest feels like an elephant is sitting on it since the sprints"
FINE = "I'm fine now, the doctor says OK"
NEXT = "What is my next workout?"
ANAS_ZONE = "Europe/London"


@pytest.fixture
async def ana_in_london(ana: Person) -> Person:
    assert (await ana.patch("/api/v1/users/me", json={"timezone": ANAS_ZONE})).status_code == 200
    return ana


def text_of(answer: dict[str, Any]) -> str:
    text: str = answer["message"]["message"]
    return text


async def test_an_alarm_opens_a_concern_and_being_fine_closes_it(ana_in_london: Person) -> None:
    ana = ana_in_london
    plan = await make_plan(ana)
    await ana.post(f"/api/v1/plans/{plan['id']}/activate")
    warned = await say(ana, ALARM)
    assert text_of(warned) == careful_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)
    assert "999" in text_of(warned)
    assert (warned["message"]["concern"], warned["message"]["model"]) == ("cardiac", "safety")
    for message in (NEXT, "Log my workout", "I'm fine with that"):
        asked = await say(ana, message)
        assert text_of(asked) == follow_up_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)
        assert (asked["message"]["concern"], asked["actions"], asked["evidence"]) == ("cardiac", [], [])
    thanked = await say(ana, FINE)
    assert text_of(thanked) == thanks_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)
    assert (thanked["message"]["concern"], thanked["message"]["mood"]) == (None, "warm")
    after = await say(ana, NEXT)
    assert after["message"]["concern"] is None
    assert after["message"]["model"] != "safety"
    assert [item["concern"] for item in await history(ana) if item["role"] == "assistant"] == [
        None,
        None,
        *["cardiac"] * 4,
    ]


async def test_a_stream_follows_the_same_rule(ana_in_london: Person) -> None:
    for message, expected in (
        (ALARM, careful_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)),
        (NEXT, follow_up_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)),
        (FINE, thanks_text(Concern.CARDIAC, Language.EN, ANAS_ZONE)),
    ):
        response = await ana_in_london.post(STREAM, json=said(message))
        events = events_of(response.text)
        assert "".join(event["text"] for name, event in events if name == "delta") == expected
        (answer,) = [event for name, event in events if name == "message"]
        assert text_of(answer) == expected


async def test_with_a_model_it_is_not_asked_until_they_are_fine(eva: Person, gemini: FakeGemini) -> None:
    for message in (ALARM, NEXT):
        assert (await say(eva, message))["message"]["concern"] == "cardiac"
        streamed = events_of((await eva.post(STREAM, json=said(NEXT))).text)
        assert next(event for name, event in streamed if name == "message")["message"]["concern"] == "cardiac"
    assert (await say(eva, FINE))["message"]["model"] == "safety"
    assert gemini.generations() == []
    gemini.will(answers({"reply": "Legs.", "mood": "warm", "used": [], "actions": [], "memories": []}))
    assert text_of(await say(eva, NEXT)) == "Legs."


@pytest.mark.parametrize(
    ("message", "language", "concern", "fine"),
    [
        ("Ich will nicht mehr leben", Language.DE, Concern.SELF_HARM, "Mir geht's wieder gut"),
        ("Mi orina parece Coca-Cola desde el d\u00eda de pierna", Language.ES, Concern.RHABDOMYOLYSIS, "Ya estoy bien"),
        ("Jeg besvimte p\u00e5 tredem\u00f8lla i dag", Language.NB, Concern.SYNCOPE, "Det g\u00e5r bra n\u00e5"),
    ],
)
async def test_it_speaks_the_language_of_the_message(
    message: str, language: Language, concern: Concern, fine: str, ana: Person
) -> None:
    zone = (await ana.get("/api/v1/users/me")).json()["timezone"]
    assert text_of(await say(ana, message)) == careful_text(concern, language, zone)
    assert text_of(await say(ana, "?")) == follow_up_text(concern, language, zone)
    assert text_of(await say(ana, fine)) == thanks_text(concern, language, zone)


async def test_in_doubt_one_question_is_asked(ana: Person) -> None:
    zone = (await ana.get("/api/v1/users/me")).json()["timezone"]
    asked = await say(ana, "My heart is skipping beats")
    assert text_of(asked) == question_text(Concern.CARDIAC, Language.EN, zone)
    assert asked["message"]["concern"] == "cardiac"
    warned = await say(ana, "Yes, a pressure")
    assert text_of(warned) == careful_text(Concern.CARDIAC, Language.EN, zone)
    await say(ana, FINE)
    await say(ana, "My heart is skipping beats")
    assert text_of(await say(ana, "No, I was joking")) == thanks_text(Concern.CARDIAC, Language.EN, zone)


async def test_a_new_alarm_is_answered_in_the_middle_of_another(ana: Person) -> None:
    await say(ana, ALARM)
    both = await say(ana, "I'm fine now, but I want to kill myself")
    assert both["message"]["concern"] == "self_harm"
    assert (await say(ana, NEXT))["message"]["concern"] == "self_harm"


async def test_deleting_the_conversation_ends_the_concern(ana: Person, bo: Person) -> None:
    await say(ana, ALARM)
    await say(bo, ALARM)
    assert (await ana.delete(MESSAGES)).status_code == 204
    assert (await say(ana, NEXT))["message"]["concern"] is None
    assert (await say(bo, NEXT))["message"]["concern"] == "cardiac"


async def test_a_message_sent_again_gets_the_same_answer(ana: Person) -> None:
    body = said(ALARM)
    first, *others = [
        response.json() for response in await asyncio.gather(*(ana.post(CHAT, json=body) for _ in range(5)))
    ]
    assert all(other == first for other in others)
    await say(ana, FINE)
    assert (await ana.post(CHAT, json=body)).json() == first
    assert (await say(ana, NEXT))["message"]["concern"] is None


async def test_a_reply_that_knows_nothing_of_the_alarm_is_not_kept(ana: Person, stack: Stack) -> None:
    """Two messages at once: one was being answered when the other raised the alarm."""
    headers = {"apikey": stack.publishable_key, "Authorization": f"Bearer {ana.token}"}
    async with httpx.AsyncClient(base_url=f"{stack.supabase_url}/rest/v1", headers=headers) as rest:
        call = {"client_id": str(uuid4()), "message": NEXT}
        begun = (await rest.post("/rpc/begin_chat", json=call)).json()
        await say(ana, ALARM)
        payload = {
            "message_id": begun["message_id"],
            "reply": "Squats.",
            "mood": "warm",
            "actions": [],
            "model": "x",
            "finish": "stop",
            "input_tokens": 0,
            "output_tokens": 0,
            "latency_ms": 0,
            "evidence": [],
            "memories": [],
        }
        refused = await rest.post("/rpc/finish_chat", json={"payload": payload})
        assert refused.status_code == 409
        assert "how you are" in refused.text
        await rest.post("/rpc/release_chat", json={"message_id": begun["message_id"]})
    answered = await ana.post(CHAT, json=call)
    assert answered.json()["message"]["concern"] == "cardiac"


async def test_an_emergency_is_never_turned_away_nor_is_being_fine(ana: Person, stack: Stack) -> None:
    await use_up(stack, ana, "chat", 200)
    assert_problem(await ana.post(CHAT, json=said(NEXT)), 429, "rate_limited")
    for message in (ALARM, NEXT, FINE):
        assert (await say(ana, message))["message"]["model"] == "safety"
    assert_problem(await ana.post(CHAT, json=said(NEXT)), 429, "rate_limited")
    await use_up(stack, ana, "chat", 1000)
    assert_problem(await ana.post(CHAT, json=said(ALARM)), 429, "rate_limited")


async def test_a_concern_is_exported_and_comes_back(ana: Person, bo: Person, settings: Settings) -> None:
    await say(ana, ALARM)
    document = await exported(ana)
    assert (await bring(bo, document, settings))["rejected"] == []
    assert neutral(await exported(bo)) == neutral(document)
    assert (await say(bo, NEXT))["message"]["concern"] == "cardiac"
