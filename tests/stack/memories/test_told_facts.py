"""What a person tells the companion reaches everything that is made for them, and they decide what the profile gets."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from src.core.config import Settings
from tests.support.archive import bring, exported
from tests.support.facts import fact
from tests.support.jobs import result_of
from tests.support.meals import ANYBODY, MEAL_PLANS, make_food, make_meal_plan, meals_with
from tests.support.memories import MEMORIES, fetch, memory_of, remember, statement, tell
from tests.support.nutrition import GENERATE, TARGETS, foods_by_id, grams_of, known, rows
from tests.support.people import Person, assert_problem, rest_client
from tests.support.plans import PLANS, exercise_id, make_plan
from tests.support.transactions import session_of, waits

PROFILE = "/api/v1/users/me"
PEANUT = fact("allergens", "add", "peanut")
TRAINING: dict[str, Any] = {
    "sport": "gym",
    "experience_level": "advanced",
    "days_per_week": 4,
    "equipment": ["barbell", "rack", "bench", "dumbbell", "cable", "machine", "pull_up_bar"],
}


async def unconfirmed(person: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await person.get(PROFILE)).json()["unconfirmed"]
    return items


async def offered(person: Person) -> list[tuple[Any, ...]]:
    return [(item["field"], item["op"], item["value"]) for item in await unconfirmed(person)]


async def apply(person: Person, memory: dict[str, Any], **headers: str) -> Any:
    return await person.post(f"{MEMORIES}/{memory['id']}/apply", headers=headers)


async def decline(person: Person, memory: dict[str, Any], **headers: str) -> Any:
    return await person.post(f"{MEMORIES}/{memory['id']}/decline", headers=headers)


# What is made -------------------------------------------------------------------------------------------------------


async def meals_of(person: Person, stack: Stack, settings: Settings) -> list[dict[str, Any]]:
    """The foods of a new week of meals."""
    result = await result_of(person, await person.post(GENERATE, json={}), settings)
    (plan,) = await rows(person, stack, "plans", id=f"eq.{result['meal_plan_id']}")
    foods = await foods_by_id(person, stack)
    return [foods[food_id] for day in grams_of(plan["content"]) for food_id, _ in day]


async def test_told_allergies_and_a_diet_reach_the_next_week_of_meals(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    await known(ana)
    await known(bo)
    message = "I am allergic to peanuts, walnuts and milk, and I am vegan"
    told = [*(fact("allergens", "add", value) for value in ("peanut", "nuts", "milk")), fact("diet", "set", "vegan")]
    await tell(stack, ana, message, *told)
    await tell(stack, bo, message)  # the same words, of which nothing was understood
    assert await offered(bo) == []
    eaten = await meals_of(ana, stack, settings)
    assert len(eaten) > 20
    assert not {allergen for food in eaten for allergen in food["allergens"]} & {"peanut", "nuts", "milk"}
    assert all("vegan" in food["diets"] for food in eaten)
    assert any("vegan" not in food["diets"] for food in await meals_of(bo, stack, settings))
    # Declined, it constrains nothing any more.
    assert (await decline(ana, await memory_of(ana, message))).status_code == 200
    assert any("vegan" not in food["diets"] for food in await meals_of(ana, stack, settings))


async def say(person: Person, message: str) -> None:
    answer = await person.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": message})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("eats", "trains"),
    [
        (
            ("I am allergic to peanuts, walnuts and milk.", "I am vegan."),
            ("I tore my ACL in spring", "My back hurts badly when I deadlift", "I hate front squats"),
        ),
        (
            ("Ich bin allergisch gegen Erdnüsse, Walnüsse und Milch.", "Ich lebe vegan."),
            ("Ich habe mir im Frühjahr das Kreuzband gerissen", "Beim Kreuzheben tut mir der untere Rücken weh"),
        ),
    ],
    ids=["English", "German"],
)
async def test_what_is_said_in_the_chat_reaches_meals_and_training(
    eats: tuple[str, ...], trains: tuple[str, ...], ana: Person, stack: Stack, settings: Settings
) -> None:
    await known(ana, **TRAINING)
    for message in (*eats, *trains):
        await say(ana, message)
    eaten = await meals_of(ana, stack, settings)
    assert all("vegan" in food["diets"] for food in eaten)
    assert not {allergen for food in eaten for allergen in food["allergens"]} & {"peanut", "nuts", "milk"}
    names = await names_of(ana, await ana.post(f"{PLANS}/generate", json={"goal": "strength"}), settings)
    library = await rows(ana, stack, "exercises", select="name,contraindications")
    unwise = {row["name"] for row in library if {"knee", "lower_back"} & {*row["contraindications"]}}
    assert not names & unwise
    assert not any("Deadlift" in name or "Front Squat" in name for name in names)


async def test_no_path_brings_a_told_allergen_into_a_meal_plan(ana: Person, stack: Stack, settings: Settings) -> None:
    milk = await make_food(ana, stack, allergens=["milk"], diets=ANYBODY[:3], name="Kefir of mine")
    rice = await make_food(ana, stack, name="Rice of mine")
    with_milk = await make_meal_plan(ana, stack, content=meals_with(milk))
    plan = await make_meal_plan(ana, stack, content=meals_with(rice))
    await tell(stack, ana, "Milk makes me ill", fact("allergens", "add", "milk"))
    async with rest_client(stack, ana.token) as direct:
        direct.headers["Prefer"] = "return=representation"
        made = {"kind": "meal", "name": "x", "content": meals_with(milk)}
        ways = {
            "insert": direct.post("/plans", json=made),
            "update": direct.patch("/plans", params={"id": f"eq.{plan['id']}"}, json={"content": meals_with(milk)}),
            "create": direct.post("/rpc/create_plan", json={"payload": made}),
            "activate": direct.post("/rpc/activate_plan", json={"plan_id": with_milk["id"], "kind": "meal"}),
            "api": ana.post(MEAL_PLANS, json={"name": "x", "content": meals_with(milk)}),
            "swap": ana.post(f"{MEAL_PLANS}/{plan['id']}/swap", json={"day": 0, "meal": 0, "item": 0, "food_id": milk}),
        }
        for way, request in ways.items():
            answer = await request
            assert answer.status_code == 422, (way, answer.text)
            assert "milk" in answer.text, way
        checked = {"content": meals_with(milk), "kind": "meal"}
        [problem] = (await direct.post("/rpc/validate_plan_content", json=checked)).json()
    assert problem["type"] == "allergen"
    # What is there already says so, and searching for what suits does not find it.
    [food] = (await ana.get(f"{MEAL_PLANS}/{with_milk['id']}")).json()["conflicts"]
    assert food["allergens"] == ["milk"]
    found = await ana.get("/api/v1/foods", params={"q": "Kefir of mine", "suitable": True})
    assert milk not in {item["id"] for item in found.json()["items"]}
    # A restored version is checked like any other.
    await tell(stack, ana, "Milk is fine after all", fact("allergens", "remove", "milk"))
    assert (await ana.post(f"{MEAL_PLANS}/{with_milk['id']}/activate")).status_code == 200


async def test_an_allergy_that_is_told_meanwhile_wins(ana: Person, stack: Stack) -> None:
    milk = await make_food(ana, stack, allergens=["milk"], diets=ANYBODY[:3])
    content = json.dumps(meals_with(milk))
    told = {**statement("Milk makes me ill", facts=[fact("allergens", "add", "milk")]), "quote": None}
    async with session_of(ana, stack) as tells, session_of(ana, stack) as plans:
        await tells.execute("select public.add_memory($1)", json.dumps(told))
        insert = "insert into public.plans (kind, name, content) values ('meal', 'x', $1)"
        planned = asyncio.create_task(plans.execute(insert, content))
        await waits(plans, stack)
        await tells.execute("commit")
        with pytest.raises(asyncpg.PostgresError, match="allergens"):
            await planned


async def names_of(person: Person, accepted: Any, settings: Settings) -> set[str]:
    """The exercises of a new plan."""
    result = await result_of(person, accepted, settings)
    plan = (await person.get(f"{PLANS}/{result['plan_id']}")).json()
    ids = {planned["exercise_id"] for day in plan["content"]["days"] for planned in day["exercises"]}
    names = {(await person.get(f"/api/v1/exercises/{each}")).json()["name"] for each in ids}
    assert len(names) > 5
    return names


async def test_told_injuries_and_exclusions_reach_the_next_plan(ana: Person, stack: Stack, settings: Settings) -> None:
    assert (await ana.patch(PROFILE, json=TRAINING)).status_code == 200
    before = await names_of(ana, await ana.post(f"{PLANS}/generate", json={"goal": "strength"}), settings)
    assert any("Squat" in name for name in before)
    torn = {"joint": "knee", "side": "left", "since": "2025", "severity": "severe"}
    await tell(stack, ana, "I tore my left ACL last year", fact("injuries", "add", torn), kind="injury")
    [press] = [name for name in before if "Press" in name][:1]
    await tell(stack, ana, f"I hate the {press}", fact("excluded_exercises", "add", press.lower().replace("-", " ")))
    after = await names_of(ana, await ana.post(f"{PLANS}/generate", json={"goal": "strength"}), settings)
    rows_of_library = await rows(ana, stack, "exercises", select="name,contraindications")
    unwise = {row["name"] for row in rows_of_library if "knee" in row["contraindications"]}
    assert unwise
    assert not after & (unwise | {press})
    await tell(stack, ana, "My knee is as good as new", fact("injuries", "remove", {"joint": "knee"}))
    healed = await names_of(ana, await ana.post(f"{PLANS}/generate", json={"goal": "strength"}), settings)
    assert healed & unwise


async def test_minutes_of_the_profile_are_those_of_a_plan(ana: Person, stack: Stack, settings: Settings) -> None:
    assert (await ana.patch(PROFILE, json=TRAINING)).status_code == 200
    await tell(stack, ana, "I have half an hour", fact("session_minutes", "set", 30))
    assert (await apply(ana, await memory_of(ana, "I have half an hour"))).status_code == 200
    assert (await ana.get(PROFILE)).json()["session_minutes"] == 30
    for request, minutes in (({}, 30), ({"minutes": 75}, 75)):
        result = await result_of(ana, await ana.post(f"{PLANS}/generate", json=request), settings)
        plan = (await ana.get(f"{PLANS}/{result['plan_id']}")).json()
        assert f"{minutes} minutes" in plan["description"]
    cleared = await ana.patch(PROFILE, json={"session_minutes": None})
    assert cleared.json()["session_minutes"] is None


async def test_a_proposal_of_before_an_injury_is_not_accepted(ana: Person, stack: Stack) -> None:
    squat = await exercise_id(ana, "Front Squat")
    assert (await ana.patch(PROFILE, json=TRAINING)).status_code == 200
    plan = await make_plan(ana)
    proposal = str(uuid4())
    content = plan["content"]
    planned = {**content["days"][0]["exercises"][0], "exercise_id": squat}
    proposed = {**content, "days": [{**content["days"][0], "exercises": [planned]}]}
    await _propose(stack, ana, plan, proposal, proposed, squat)
    await tell(stack, ana, "My knee hurts badly", fact("injuries", "add", {"joint": "knee"}), kind="injury")
    answer = await ana.post(f"{PLANS}/{plan['id']}/proposals/{proposal}/accept")
    assert_problem(answer, 422, "validation_failed")
    assert (await ana.get(f"{PLANS}/{plan['id']}")).json()["content"] == content


async def _propose(
    stack: Stack, person: Person, plan: dict[str, Any], proposal: str, content: dict[str, Any], exercise: str
) -> None:
    change: dict[str, Any] = {
        "rule": "swap.preference",
        "path": "/days/0/exercises/0",
        "from": None,
        "to": None,
        "exercise_id": exercise,
        "evidence": [],
        "explanation": "For a change.",
    }
    await fetch(
        stack,
        "insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, source)"
        " values ($1::uuid, $2::uuid, $3::uuid, 'workout', $4, $5, $6, 'rules')",
        proposal,
        person.id,
        plan["id"],
        plan["version"],
        json.dumps(content),
        json.dumps([change]),
    )


@pytest.mark.parametrize(
    ("told", "kind"),
    [(fact("pregnancy", "set", True), "pregnancy"), (fact("conditions", "add", "eating_disorder"), "eating_disorder")],
)
async def test_with_care_no_formula_says_what_to_eat(
    told: dict[str, Any], kind: str, ana: Person, stack: Stack, settings: Settings
) -> None:
    await known(ana)
    assert (await ana.get(TARGETS)).status_code == 200
    queued = await ana.post(GENERATE, json={"days": 1})
    await tell(stack, ana, "There is something you should know", told)
    for answer in (await ana.get(TARGETS), await ana.post(GENERATE, json={"days": 2})):
        problem = assert_problem(answer, 422, "validation_failed")
        assert [(error["loc"], error["type"]) for error in problem["errors"]] == [(["memories", kind], kind)]
        assert "doctor" in problem["detail"]
        assert not any(sign.isdigit() for sign in problem["detail"])
    # A job that was waiting computes nothing either.
    with pytest.raises(AssertionError, match="doctor"):
        await result_of(ana, queued, settings)
    given = {"days": 1, "targets": {"energy_kcal": 2300, "protein_g": 95}}
    result = await result_of(ana, await ana.post(GENERATE, json=given), settings)
    assert (result["targets"]["energy_kcal"], result["targets"]["protein_g"]) == (2300, 95)
    memory = await memory_of(ana, "There is something you should know")
    assert_problem(await apply(ana, memory), 409, "conflict")
    assert (await ana.delete(f"{MEMORIES}/{memory['id']}")).status_code == 204
    assert (await ana.get(TARGETS)).status_code == 200


# What is offered ----------------------------------------------------------------------------------------------------


async def test_what_was_told_is_offered_with_the_words_and_applied_once(ana: Person, bo: Person, stack: Stack) -> None:
    before = await ana.get(PROFILE)
    assert before.json()["unconfirmed"] == []
    said = "I have a peanut allergy and own kettlebells"
    await tell(stack, ana, said, PEANUT, fact("equipment", "add", "kettlebell"))
    etag = {"If-None-Match": before.headers["etag"]}
    assert (await ana.get(PROFILE, headers=etag)).status_code == 200
    memory = await memory_of(ana, said)
    assert (memory["facts"], memory["decision"]) == ([PEANUT, fact("equipment", "add", "kettlebell")], None)
    items = await unconfirmed(ana)
    assert {item["field"]: (item["op"], item["value"], item["quote"]) for item in items} == {
        "allergens": ("add", "peanut", said),
        "equipment": ("add", "kettlebell", said),
    }
    assert {(item["memory_id"], item["said_at"]) for item in items} == {(memory["id"], memory["stated_at"])}
    assert await unconfirmed(bo) == []
    await ana.patch(PROFILE, json={"equipment": ["barbell"], "dietary": {"allergens": ["soy"]}})
    applied = await apply(ana, memory)
    assert applied.status_code == 200
    assert applied.json()["decision"] == "applied"
    profile = (await ana.get(PROFILE)).json()
    assert profile["equipment"] == ["barbell", "kettlebell"]
    assert profile["dietary"]["allergens"] == ["soy", "peanut"]
    assert profile["unconfirmed"] == []
    again = await apply(ana, memory)
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, applied.json(), applied.headers["etag"])
    assert_problem(await decline(ana, memory), 409, "conflict")
    # Forgetting it leaves what was applied.
    await ana.delete(f"{MEMORIES}/{memory['id']}")
    assert (await ana.get(PROFILE)).json()["dietary"]["allergens"] == ["soy", "peanut"]


async def test_who_may_decide_about_what(ana: Person, bo: Person, anonymous: Person, stack: Stack) -> None:
    await tell(stack, ana, "Peanuts could kill me", PEANUT)
    memory = await memory_of(ana, "Peanuts could kill me")
    plain = await remember(ana, "I have a dog called Rex")
    for verb in ("apply", "decline"):
        path = f"{MEMORIES}/{memory['id']}/{verb}"
        assert_problem(await anonymous.post(path), 401, "unauthenticated")
        assert_problem(await bo.post(path), 404, "not_found")
        assert_problem(await ana.post(f"{MEMORIES}/{uuid4()}/{verb}"), 404, "not_found")
        assert_problem(await ana.post(f"{MEMORIES}/no-id/{verb}"), 422, "validation_failed")
        assert_problem(await ana.post(path, headers={"If-Match": '"0"'}), 412, "precondition_failed")
        assert_problem(await ana.post(f"{MEMORIES}/{plain['id']}/{verb}"), 409, "conflict")
        async with rest_client(stack, bo.token) as direct:
            answer = await direct.post(f"/rpc/{verb}_memory", json={"memory_id": memory["id"]})
            assert (answer.status_code, answer.json()) == (200, None)
    assert await offered(ana) == [("allergens", "add", "peanut")]
    assert (await memory_of(ana, "Peanuts could kill me"))["updated_at"] == memory["updated_at"]
    etag = (await ana.get(f"{MEMORIES}/{memory['id']}")).headers["etag"]
    assert (await ana.post(f"{MEMORIES}/{memory['id']}/decline", headers={"If-Match": etag})).status_code == 200
    assert await offered(ana) == []


async def test_many_decide_at_once(ana: Person, stack: Stack) -> None:
    await tell(stack, ana, "I am 1.82 m tall", fact("height", "set", 1.82))
    memory = await memory_of(ana, "I am 1.82 m tall")
    answers = await asyncio.gather(*(apply(ana, memory) for _ in range(4)), *(decline(ana, memory) for _ in range(2)))
    statuses = sorted(answer.status_code for answer in answers)
    measured = (await ana.get("/api/v1/measurements")).json()
    decision = (await memory_of(ana, "I am 1.82 m tall"))["decision"]
    assert set(statuses) <= {200, 409}
    # Applying may follow declining, never the other way round.
    assert (decision, [item["value"] for item in measured["items"]]) == ("applied", [1.82])


async def test_a_full_list_of_the_profile_is_said(ana: Person, stack: Stack) -> None:
    goals = [f"Goal {number}" for number in range(10)]
    assert (await ana.patch(PROFILE, json={"goals": goals})).status_code == 200
    await tell(stack, ana, "I want a handstand", fact("goals", "add", "a handstand"))
    memory = await memory_of(ana, "I want a handstand")
    assert "goals" in assert_problem(await apply(ana, memory), 409, "conflict")["detail"]
    assert (await memory_of(ana, "I want a handstand"))["decision"] is None
    assert (await ana.patch(PROFILE, json={"goals": goals[1:]})).status_code == 200
    assert (await apply(ana, memory)).status_code == 200
    assert (await ana.get(PROFILE)).json()["goals"] == [*goals[1:], "a handstand"]


async def test_what_is_changed_by_hand_answers_what_was_told(ana: Person, stack: Stack) -> None:
    await tell(stack, ana, "Three days a week work for me, and I lift in pounds",
               fact("days_per_week", "set", 3), fact("weight_unit", "set", "lb"))  # fmt: skip
    assert len(await offered(ana)) == 2
    changed = await ana.patch(PROFILE, json={"days_per_week": 5})
    assert [(item["field"], item["value"]) for item in changed.json()["unconfirmed"]] == [("weight_unit", "lb")]


async def test_bad_facts_are_not_learned_and_no_direct_way_writes_them(ana: Person, stack: Stack) -> None:
    await tell(stack, ana, "Peanuts!", fact("allergens", "add", "stones"), fact("shoes", "set", 43))
    memory = await memory_of(ana, "Peanuts!")
    assert memory["facts"] == []
    async with rest_client(stack, ana.token) as direct:
        for change in ({"facts": [PEANUT]}, {"decision": "applied"}, {"asks_to_keep": True}):
            answer = await direct.patch("/memories", params={"id": f"eq.{memory['id']}"}, json=change)
            assert answer.status_code == 403, change
        assert (await direct.post("/rpc/unconfirmed", json={"id": ana.id})).status_code == 404
    assert await offered(ana) == []


async def test_told_again_after_forgetting_it_is_asked_about(ana: Person, stack: Stack) -> None:
    said = "My shoulder was operated in Zurich"
    hurt = fact("injuries", "add", {"joint": "shoulder", "side": None, "since": None, "severity": None})
    await tell(stack, ana, said, hurt, kind="injury")
    await ana.delete(f"{MEMORIES}/{(await memory_of(ana, said))['id']}")
    assert await offered(ana) == []
    await tell(stack, ana, f"{said}.", hurt, kind="injury")
    memory = await memory_of(ana, f"{said}.")
    assert memory["asks_to_keep"] is True
    assert sorted(await offered(ana), key=str) == [("injuries", "add", hurt["value"]), (None, "keep", None)]
    declined = await decline(ana, memory)
    assert (declined.status_code, declined.content) == (204, b"")
    assert_problem(await ana.get(f"{MEMORIES}/{memory['id']}"), 404, "not_found")
    assert await offered(ana) == []
    await tell(stack, ana, said, hurt, kind="injury")
    kept = await apply(ana, await memory_of(ana, said))
    assert (kept.json()["asks_to_keep"], kept.json()["decision"]) == (False, "applied")
    assert (await ana.get(PROFILE)).json()["injuries"] == ["shoulder"]
    await tell(stack, ana, f"{said}!", hurt, kind="injury")
    assert (await memory_of(ana, said))["asks_to_keep"] is False


async def test_facts_and_decisions_are_exported_and_imported(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    await tell(stack, ana, "Peanuts are dangerous for me", PEANUT)
    await tell(stack, ana, "I would like 50 minutes", fact("session_minutes", "set", 50))
    await tell(stack, ana, "Celery is not my thing", fact("dislikes", "add", "celery"))
    assert (await apply(ana, await memory_of(ana, "I would like 50 minutes"))).status_code == 200
    assert (await decline(ana, await memory_of(ana, "Celery is not my thing"))).status_code == 200
    document = await exported(ana)
    assert (await bring(bo, document, settings))["rejected"] == []
    both = [
        [(item["content"], item["facts"], item["decision"]) for item in (await exported(person))["memories"]]
        for person in (ana, bo)
    ]
    assert both[0] == both[1]
    assert (await bo.get(PROFILE)).json()["session_minutes"] == 50
    assert await offered(bo) == [("allergens", "add", "peanut")]
    bad = {**document["memories"][0], "id": str(uuid4()), "content": "Another", "facts": [fact("diet", "set", "keto")]}
    result = await bring(bo, {**document, "memories": [bad]}, settings)
    assert [item["section"] for item in result["rejected"]] == ["memories"]


async def test_what_is_added_or_corrected_by_hand_says_as_much(ana: Person) -> None:
    made = await remember(ana, "I am allergic to peanuts", "profile")
    assert made["facts"] == [PEANUT]
    assert await offered(ana) == [("allergens", "add", "peanut")]
    path = f"{MEMORIES}/{made['id']}"
    assert (await ana.patch(path, json={"pinned": True})).json()["facts"] == [PEANUT]
    corrected = (await ana.patch(path, json={"content": "I am allergic to sesame"})).json()
    assert corrected["facts"] == [fact("allergens", "add", "sesame")]
    assert await offered(ana) == [("allergens", "add", "sesame")]
    await apply(ana, corrected)
    again = (await ana.patch(path, json={"content": "I am allergic to sesame and mustard"})).json()
    assert again["decision"] is None
    assert await offered(ana) == [("allergens", "add", "mustard")]
    await remember(ana, "I am vegan", "profile")
    retracted = await remember(ana, "I am no longer vegan", "profile")
    assert retracted["facts"] == [fact("diet", "remove", "vegan")]
    assert ("diet", "set", "vegan") not in await offered(ana)


async def test_weight_that_was_told_is_measured_today(ana: Person, stack: Stack) -> None:
    await tell(stack, ana, "I weigh 82.5 kg", fact("body_weight", "set", 82.5))
    assert (await apply(ana, await memory_of(ana, "I weigh 82.5 kg"))).status_code == 200
    [measured] = (await ana.get("/api/v1/measurements")).json()["items"]
    assert (measured["kind"], measured["value"]) == ("body_weight", 82.5)
    assert measured["local_date"] == datetime.now(UTC).date().isoformat()
