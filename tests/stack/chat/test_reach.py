"""What a person says in the chat reaches what is made for them: no model, no step between."""

from typing import Any
from uuid import uuid4

import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.jobs import result_of
from tests.support.nutrition import GENERATE, foods_by_id, grams_of, known, rows
from tests.support.people import Person
from tests.support.plans import PLANS, exercise_id, make_plan

CHAT = "/api/v1/chat"
TRAINING = {
    "sport": "gym",
    "experience_level": "intermediate",
    "days_per_week": 4,
    "equipment": ["barbell", "rack", "bench", "dumbbell", "cable", "machine", "pull_up_bar"],
}


async def say(person: Person, message: str) -> dict[str, Any]:
    response = await person.post(CHAT, json={"client_id": str(uuid4()), "message": message})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def week_of_meals(person: Person, stack: Stack, settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """The foods of a new week of meals, and the notes on it."""
    result = await result_of(person, await person.post(GENERATE, json={}), settings)
    (plan,) = await rows(person, stack, "plans", id=f"eq.{result['meal_plan_id']}")
    foods = await foods_by_id(person, stack)
    return [foods[food_id] for day in grams_of(plan["content"]) for food_id, _ in day], result["notes"]


async def training_plan(person: Person, stack: Stack, settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """The exercises of a new plan, and the notes on it."""
    result = await result_of(person, await person.post(f"{PLANS}/generate", json={}), settings)
    plan = (await person.get(f"{PLANS}/{result['plan_id']}")).json()
    used = {exercise["exercise_id"] for day in plan["content"]["days"] for exercise in day["exercises"]}
    return await rows(person, stack, "exercises", id=f"in.({','.join(used)})"), result["notes"]


async def test_allergies_and_a_diet_said_in_the_chat_reach_the_meals(
    ana: Person, stack: Stack, settings: Settings
) -> None:
    await known(ana)
    await say(ana, "I am allergic to peanuts, walnuts and milk.")
    answer = await say(ana, "I am vegan.")
    assert "update_profile" in {action["kind"] for action in answer["actions"]}
    foods, notes = await week_of_meals(ana, stack, settings)
    assert foods
    assert not any({"peanut", "nuts", "milk"} & set(food["allergens"]) for food in foods)
    assert all("vegan" in food["diets"] for food in foods)
    assert any("“I am vegan.”" in note and "because you told me on" in note for note in notes)
    assert any("walnuts" in note for note in notes)


@pytest.mark.parametrize(
    "said",
    [
        ("I tore my ACL in spring", "My back hurts badly when I deadlift", "I hate front squats"),
        ("Mein Knie tut weh", "Beim Kreuzheben tut mir der Rücken weh", "Ich hasse Frontkniebeugen"),
    ],
)
async def test_injuries_and_dislikes_said_in_the_chat_reach_the_training(
    ana: Person, stack: Stack, settings: Settings, said: tuple[str, ...]
) -> None:
    await ana.patch("/api/v1/users/me", json=TRAINING)
    for message in said:
        await say(ana, message)
    exercises, notes = await training_plan(ana, stack, settings)
    names = [exercise["name"] for exercise in exercises]
    assert names
    assert not [name for name in names if "Deadlift" in name or "Front Squat" in name or name == "Back Squat"]
    assert not any({"knee", "lower_back"} & set(exercise["contraindications"]) for exercise in exercises)
    assert any(said[1] in note for note in notes)


async def test_what_is_taken_back_binds_no_longer(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(ana)
    await say(ana, "I'm vegetarian")
    await say(ana, "I'm not vegetarian anymore")
    _, notes = await week_of_meals(ana, stack, settings)
    assert not any("vegetarian" in note for note in notes)


async def test_the_next_session_spares_what_hurts_from_that_second_on(ana: Person, bo: Person) -> None:
    for person in (ana, bo):
        await person.patch("/api/v1/users/me", json=TRAINING)
        squat, bench = await exercise_id(person, "Back Squat"), await exercise_id(person, "Bench Press")
        sets = [{"set_type": "working", "reps_min": 5, "reps_max": 8}]
        days = [{"name": "A", "exercises": [{"exercise_id": one, "sets": sets} for one in (squat, bench)]}]
        plan = await make_plan(person, content={"days": days})
        await person.post(f"{PLANS}/{plan['id']}/activate")
    before = (await ana.get("/api/v1/workouts/next")).json()
    assert [exercise["exercise_name"] for exercise in before["exercises"]] == ["Back Squat", "Bench Press"]
    assert (before["notes"], before["exercises"][0]["replaces"]) == ([], None)

    learned = await say(ana, "My left knee hurts.")
    after = (await ana.get("/api/v1/workouts/next")).json()
    assert "Back Squat" not in [exercise["exercise_name"] for exercise in after["exercises"]]
    assert "Bench Press" in [exercise["exercise_name"] for exercise in after["exercises"]]
    (note,) = after["notes"]
    assert "“My left knee hurts.”" in note
    for exercise in after["exercises"]:
        if exercise["replaces"] is not None:
            assert exercise["replaces"]["exercise_name"] == "Back Squat"
            assert all(one["weight"] is None for one in exercise["sets"])
    assert (await bo.get("/api/v1/workouts/next")).json()["exercises"][0]["exercise_name"] == "Back Squat"

    memory = learned["memories_learned"][0]["id"]
    assert (await ana.post(f"/api/v1/memories/{memory}/decline")).status_code == 200
    assert (await ana.get("/api/v1/workouts/next")).json() == before


async def test_an_allergy_is_kept_whatever_else_has_to_be_said_first(
    ana: Person, stack: Stack, settings: Settings
) -> None:
    await known(ana)
    await say(ana, "Cashews make my throat swell.")
    foods, _ = await week_of_meals(ana, stack, settings)
    assert not any("nuts" in food["allergens"] for food in foods)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("I'm allergic to eggs. Can I have a tortilla española?", "egg"),
        ("Soy alérgico al marisco. ¿Puedo comer gambas?", "crustáceos"),
        ("Ich bin Veganer. Darf ich Käsekuchen essen?", "vegan"),
        ("Jeg er allergisk mot fisk. Kan jeg spise laks?", "fisk"),
    ],
)
async def test_what_is_told_counts_for_the_question_beside_it(ana: Person, message: str, why: str) -> None:
    told, answered = (await say(ana, message))["message"]["message"].split("\n\n")
    assert why in told
    assert why in answered
    assert answered.startswith(("Better not", "Mejor no", "Besser nicht", "Helst ikke"))


@pytest.mark.parametrize(
    "message",
    [
        "my wrist hurts when i do push ups, anything instead?",
        "mein handgelenk tut bei liegestützen weh, was gibts als alternative",
        "me duele la muñeca en las flexiones, alguna alternativa",
        "får vondt i håndleddet av armhevinger, noe annet jeg kan gjøre",
    ],
)
async def test_a_complaint_that_asks_in_the_same_breath_is_answered(ana: Person, message: str) -> None:
    answer = await say(ana, message)
    assert answer["memories_learned"]
    assert "Push-Up" in answer["message"]["message"]
    assert {item["kind"] for item in answer["evidence"]} == {"exercise"}


async def test_a_food_is_not_taken_for_another_that_is_spelt_alike(ana: Person) -> None:
    answer = await say(ana, "kan jeg spise sopp?")
    assert "Mushrooms" in answer["message"]["message"]
    assert "soup" not in answer["message"]["message"].lower()
