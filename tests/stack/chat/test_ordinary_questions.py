"""Ordinary questions, answered from the person's data by a companion without a model."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.nutrition import known
from tests.support.people import Person
from tests.support.plans import PLANS, exercise_id, make_plan
from tests.support.workouts import LOG, lifted, session

CHAT = "/api/v1/chat"
PROFILE = "/api/v1/users/me"


async def say(person: Person, message: str) -> dict[str, Any]:
    response = await person.post(CHAT, json={"client_id": str(uuid4()), "message": message})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def text_of(answer: dict[str, Any]) -> str:
    """The reply with plain spaces."""
    text: str = answer["message"]["message"]
    return text.replace("\u00a0", " ")


def values_of(answer: dict[str, Any]) -> set[str]:
    return {found["value"].replace("\u00a0", " ") for found in answer["evidence"] if found["value"]}


@pytest.fixture
async def eva(ana: Person) -> Person:
    """Somebody with a profile, a plan and two sessions, the last one on a Tuesday."""
    await known(ana)
    await ana.patch(PROFILE, json={"equipment": ["barbell", "rack", "bench", "dumbbell", "cable"], "sport": "gym"})
    bench, press = await exercise_id(ana, "Bench Press"), await exercise_id(ana, "Overhead Press")
    sets = [{"set_type": "working", "reps_min": 5, "reps_max": 8}] * 3
    days = [{"name": "A", "exercises": [{"exercise_id": one, "sets": sets} for one in (bench, press)]}]
    plan = await make_plan(ana, content={"days": days, "deload_weeks": [8]})
    assert (await ana.post(f"{PLANS}/{plan['id']}/activate")).status_code == 200
    for on, kg in ((last_tuesday() - timedelta(days=28), 60), (last_tuesday(), 70)):
        at = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=9)
        response = await ana.post(LOG, json=session(bench, lifted(8, kg), at=at, plan_id=plan["id"], plan_day=0))
        assert response.status_code < 300, response.text
    return ana


def last_tuesday() -> date:
    today = datetime.now(UTC).date()
    return today - timedelta(days=(today.weekday() - 1) % 7 or 7)


async def test_the_age_is_known_or_where_to_enter_it(eva: Person, bo: Person) -> None:
    age = (await eva.get(PROFILE)).json()["age"]
    assert f"{age} years old" in text_of(await say(eva, "How old am I?"))
    assert "date of birth" in text_of(await say(bo, "How old am I?"))


async def test_protein_comes_from_the_targets_or_what_is_missing_is_named(eva: Person, bo: Person) -> None:
    targets = (await eva.get("/api/v1/nutrition/targets", params={"goal": "maintain"})).json()
    answer = await say(eva, "How much protein do I need?")
    assert f"{round(targets['protein_g'])} g of protein" in text_of(answer)
    assert f"{round(targets['protein_g'])} g" in values_of(answer)
    missing = text_of(await say(bo, "How much protein do I need?"))
    assert "your body weight" in missing
    assert not any(character.isdigit() for character in missing)


async def test_a_snickers_is_not_for_somebody_with_a_peanut_allergy(eva: Person) -> None:
    await eva.patch(PROFILE, json={"dietary": {"allergens": ["peanut"]}})
    assert "peanuts" in text_of(await say(eva, "Can I have a snickers?"))


async def test_progress_has_both_maxima_and_their_dates(eva: Person) -> None:
    answer = await say(eva, "How am I progressing on bench?")
    assert "Bench Press" in text_of(answer)
    assert {"76 kg", "88.7 kg"} <= values_of(answer)
    assert f"{last_tuesday().day} {last_tuesday():%B}" in text_of(answer)


async def test_what_was_done_last_tuesday(eva: Person, bo: Person) -> None:
    answer = await say(eva, "What did I do last Tuesday?")
    assert "Bench Press: 8 at 70 kg" in text_of(answer) or "Bench Press" in text_of(answer)
    assert "70 kg" in text_of(answer)
    assert answer["evidence"]
    assert "no" in text_of(await say(bo, "What did I do last Tuesday?")).lower()


async def test_twenty_minutes_get_a_shorter_session(eva: Person) -> None:
    answer = await say(eva, "I have only 20 minutes today")
    assert "20 minutes" in text_of(answer)
    assert "Bench Press" in text_of(answer)
    assert answer["memories_learned"] == []


async def test_the_next_deload_has_its_week_and_date(eva: Person, bo: Person) -> None:
    answer = await say(eva, "When is my next deload?")
    assert "week 8" in text_of(answer)
    assert "No plan is active" in text_of(await say(bo, "When is my next deload?"))


async def test_how_to_do_an_exercise(bo: Person) -> None:
    answer = await say(bo, "How do I do a Romanian deadlift?")
    assert "Push the hips back" in text_of(answer)


async def test_substitutes_spare_what_hurts(eva: Person) -> None:
    answer = await say(eva, "What can I do instead of overhead press? My shoulder hurts")
    assert "shoulder" in text_of(answer)
    named = [found["id"] for found in answer["evidence"] if found["kind"] == "exercise"]
    for exercise in named:
        found = (await eva.get(f"/api/v1/exercises/{exercise}")).json()
        if found["name"] != "Overhead Press":
            assert "shoulder" not in found["contraindications"]


async def test_creatine_is_general_information_marked_as_such(eva: Person) -> None:
    await say(eva, "I love training in the morning.")
    answer = await say(eva, "Should I take creatine?")
    assert "In general, and not from your data" in text_of(answer)
    assert "morning" not in text_of(answer)
    assert answer["evidence"] == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Wie viel Eiweiß brauche ich?", "Eiweiß"),
        ("¿Cuánta proteína necesito?", "de proteína"),
        ("Hvor mye protein trenger jeg?", "protein"),
    ],
)
async def test_the_answer_is_in_the_language_of_the_question(eva: Person, question: str, words: str) -> None:
    answer = await say(eva, question)
    assert words in text_of(answer)
    assert values_of(answer)


async def test_a_liking_that_ended_is_answered_so(ana: Person) -> None:
    await say(ana, "I love running")
    await say(ana, "I no longer like running")
    assert "no longer like running" in text_of(await say(ana, "Do I like running?"))


async def test_a_word_is_not_taken_for_a_short_name_of_an_exercise(ana: Person) -> None:
    await say(ana, "no me gustan las setas")
    assert "no me gustan las setas" in text_of(await say(ana, "Hva husker du om meg?"))
