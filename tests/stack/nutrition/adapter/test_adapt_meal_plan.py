"""Meal plans that are adapted: a meal swapped, targets changed, leftovers used, and what no longer suits replaced."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.jobs.worker import ClaimedJob
from src.nutrition.adapter.tasks import adapt_meal_plan
from src.vocabulary import JobKind
from tests.support.cases import each_case
from tests.support.gemini import Asked, FakeGemini, Reply, answers
from tests.support.jobs import drain, result_of
from tests.support.meal_answers import WRONG, good_answer
from tests.support.nutrition import GENERATE, foods_by_id, grams_of, guest, known, own_food, rows, waits_again
from tests.support.people import Person, assert_problem, fields_of, rest_client

SWAP = {"kind": "swap_meal", "day": 0, "meal": 1}


def adapt_path(plan_id: str) -> str:
    return f"/api/v1/meal-plans/{plan_id}/adapt"


async def planned(person: Person, stack: Stack, settings: Settings, **request: Any) -> dict[str, Any]:
    """A meal plan of a person of whom everything is known."""
    await known(person)
    wanted = {"days": 2, "meals_per_day": 3, **request}
    result = await result_of(person, await person.post(GENERATE, json=wanted), settings)
    (plan,) = await rows(person, stack, "plans", id=f"eq.{result['meal_plan_id']}")
    return plan


async def adapted(
    person: Person, stack: Stack, settings: Settings, plan: dict[str, Any], **body: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The job's result, and the proposal."""
    result = await result_of(person, await person.post(adapt_path(plan["id"]), json=body), settings)
    (proposal,) = await rows(person, stack, "plan_proposals", id=f"eq.{result['proposal_id']}")
    return result, proposal


async def energy_and_protein(person: Person, stack: Stack, items: list[tuple[str, float]]) -> tuple[float, float]:
    foods = await foods_by_id(person, stack)
    return (
        sum(foods[food]["energy_kcal"] * grams / 100 for food, grams in items),
        sum(foods[food]["protein_g"] * grams / 100 for food, grams in items),
    )


def foods_in(meal: dict[str, Any]) -> set[str]:
    return {item["food_id"] for item in meal["items"]}


BAD: list[dict[str, Any]] = [
    {},
    {"kind": "burn"},
    {"kind": "swap_meal"},
    {"kind": "swap_meal", "day": 0, "meal": -1},
    {"kind": "swap_meal", "day": 0, "meal": 3},
    {"kind": "swap_meal", "day": 2, "meal": 0},
    {"kind": "rescale", "energy_kcal": 100},
    {"kind": "rescale", "energy_kcal": 1500, "protein_g": 300},
    {"kind": "use_up", "foods": []},
    {"kind": "use_up", "foods": [{"food_id": "00000000-0000-4000-8000-000000000000", "grams": 100}]},
    {"kind": "use_up", "foods": [{"food_id": "00000000-0000-4000-8000-000000000000", "grams": 100}] * 2},
]


class TestAsking:
    async def test_strangers_and_guests(
        self, ana: Person, bo: Person, anonymous: Person, stack: Stack, settings: Settings
    ) -> None:
        plan = await planned(ana, stack, settings)
        path = adapt_path(plan["id"])
        assert_problem(await anonymous.post(path, json=SWAP), 401, "unauthenticated")
        assert_problem(await bo.post(path, json=SWAP), 404, "not_found")
        assert_problem(await ana.post(adapt_path(str(uuid4())), json=SWAP), 404, "not_found")
        assert_problem(await ana.post(adapt_path("x"), json=SWAP), 422, "validation_failed")
        headers = await guest(stack)
        headers["apikey"] = stack.publishable_key
        async with rest_client(stack) as rest:
            made = await rest.post(
                "/plans",
                json={"kind": "meal", "name": "A guest's"},
                headers={**headers, "Prefer": "return=representation"},
            )
            guests = made.raise_for_status().json()[0]["id"]
        assert_problem(await anonymous.post(adapt_path(guests), json=SWAP, headers=headers), 403, "forbidden")

    async def test_an_empty_plan_is_a_conflict(self, ana: Person, stack: Stack) -> None:
        async with rest_client(stack, ana.token) as rest:
            made = await rest.post(
                "/plans", json={"kind": "meal", "name": "Empty"}, headers={"Prefer": "return=representation"}
            )
        empty = made.raise_for_status().json()[0]["id"]
        assert_problem(await ana.post(adapt_path(empty), json=SWAP), 409, "conflict")

    async def test_bad_requests(self, ana: Person, stack: Stack, settings: Settings) -> None:
        path = adapt_path((await planned(ana, stack, settings))["id"])
        with each_case() as case:
            for body in BAD:
                with case(json.dumps(body)):
                    assert_problem(await ana.post(path, json=body), 422, "validation_failed")

    async def test_rescaling_names_what_is_missing(self, ana: Person, stack: Stack, settings: Settings) -> None:
        plan = await planned(ana, stack, settings)
        await ana.patch("/api/v1/users/me", json={"activity_level": None})
        body: dict[str, Any] = {"kind": "rescale"}
        problem = assert_problem(await ana.post(adapt_path(plan["id"]), json=body), 422, "validation_failed")
        assert fields_of(problem) == {("profile", "activity_level")}
        body |= {"energy_kcal": 2000, "protein_g": 100}
        answers = await asyncio.gather(*(ana.post(adapt_path(plan["id"]), json=body) for _ in range(3)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_swapped_meal_has_the_same_energy_and_protein(ana: Person, stack: Stack, settings: Settings) -> None:
    plan = await planned(ana, stack, settings)
    result, proposal = await adapted(ana, stack, settings, plan, **SWAP)
    assert (result["source"], result["model"], proposal["status"], proposal["base_version"]) == (
        "rules",
        "offline",
        "open",
        1,
    )
    (change,) = proposal["changes"]
    assert (change["rule"], change["path"]) == ("meal.swap", "/days/0/meals/1")
    old, new = (content["days"][0]["meals"][1] for content in (plan["content"], proposal["content"]))
    assert (change["from"], change["to"]) == (old, new)
    assert foods_in(old) != foods_in(new)
    before = await energy_and_protein(ana, stack, [(item["food_id"], item["grams"]) for item in old["items"]])
    after = await energy_and_protein(ana, stack, [(item["food_id"], item["grams"]) for item in new["items"]])
    assert after == pytest.approx(before, rel=0.06)
    assert proposal["content"]["days"][1] == plan["content"]["days"][1]


async def test_days_are_rescaled_to_what_is_said_or_computed_anew(
    ana: Person, stack: Stack, settings: Settings
) -> None:
    plan = await planned(ana, stack, settings)
    for body, expected in (({"energy_kcal": 2100, "protein_g": 120}, (2100, 120)), ({"goal": "lose"}, (2319, 160))):
        result, proposal = await adapted(ana, stack, settings, plan, kind="rescale", **body)
        assert {change["rule"] for change in proposal["changes"]} == {"rescale"}
        for day, residual in zip(grams_of(proposal["content"]), result["residual"], strict=True):
            assert residual["within_tolerance"] is True
            assert await energy_and_protein(ana, stack, day) == pytest.approx(expected, rel=0.05)
        assert (proposal["targets"]["energy_kcal"], proposal["targets"]["protein_g"]) == expected


async def test_accepting_another_scale_makes_it_the_plans_and_undoing_takes_it_back(
    ana: Person, stack: Stack, settings: Settings
) -> None:
    plan = await planned(ana, stack, settings)
    before = (plan["target_energy_kcal"], plan["target_protein_g"])
    _, proposal = await adapted(ana, stack, settings, plan, kind="rescale", energy_kcal=2100, protein_g=120)
    path = f"/api/v1/meal-plans/{plan['id']}/proposals/{proposal['id']}"
    for _ in range(2):
        accepted = (await ana.post(f"{path}/accept")).json()
        assert (accepted["target_energy_kcal"], accepted["target_protein_g"]) == (2100, 120)
        assert all(abs(day["residual"]["energy_ratio"]) <= 0.05 for day in accepted["nutrients"]["days"])
        undone = await ana.post(f"{path}/undo")
        assert undone.json()["targets"]["energy_kcal"] == 2100
        again = (await ana.get(f"/api/v1/meal-plans/{plan['id']}")).json()
        assert (again["target_energy_kcal"], again["target_protein_g"]) == before


async def test_targets_that_were_set_since_are_not_taken_back(ana: Person, stack: Stack, settings: Settings) -> None:
    plan = await planned(ana, stack, settings)
    _, proposal = await adapted(ana, stack, settings, plan, kind="rescale", energy_kcal=2100, protein_g=120)
    path = f"/api/v1/meal-plans/{plan['id']}"
    undo = f"{path}/proposals/{proposal['id']}/undo"
    accepted = (await ana.post(f"{path}/proposals/{proposal['id']}/accept")).json()
    kept = ("name", "target_energy_kcal", "target_protein_g", "target_carbohydrate_g", "target_fat_g", "content")
    same = {name: accepted[name] for name in kept}
    assert (await ana.put(path, json={**same, "target_protein_g": 140})).status_code == 200
    assert_problem(await ana.post(undo), 409, "conflict")
    again = (await ana.get(path)).json()
    assert (again["target_energy_kcal"], again["target_protein_g"]) == (2100, 140)
    assert (await ana.put(path, json=same)).status_code == 200
    assert (await ana.post(undo)).json()["status"] == "open"


async def test_leftovers_are_used_in_the_coming_days(ana: Person, stack: Stack, settings: Settings) -> None:
    plan = await planned(ana, stack, settings, days=7)
    bread = await own_food(ana, stack)
    result, proposal = await adapted(
        ana, stack, settings, plan, kind="use_up", foods=[{"food_id": bread, "grams": 900}]
    )
    used = [grams for day in grams_of(proposal["content"]) for food, grams in day if food == bread]
    assert sum(used) == pytest.approx(900, abs=1)
    assert 2 <= len(used) <= 7
    assert "use_up" in {change["rule"] for change in proposal["changes"]}
    assert all(residual["within_tolerance"] for residual in result["residual"])
    changed = {int(change["path"].split("/")[2]) for change in proposal["changes"]}
    for number, day in enumerate(grams_of(plan["content"])):
        if number not in changed:
            assert proposal["content"]["days"][number] == plan["content"]["days"][number]
        after = await energy_and_protein(ana, stack, grams_of(proposal["content"])[number])
        assert after == pytest.approx(await energy_and_protein(ana, stack, day), rel=0.051)


@pytest.mark.parametrize("body", [SWAP, {"kind": "rescale"}, {"kind": "use_up"}], ids=lambda body: str(body["kind"]))
async def test_what_no_longer_suits_is_replaced_whatever_is_asked(
    body: dict[str, Any], ana: Person, stack: Stack, settings: Settings
) -> None:
    milk = await own_food(
        ana,
        stack,
        name="My milk",
        category="dairy",
        allergens=["milk"],
        diets=["omnivore", "pescatarian", "vegetarian"],
    )
    plan = await planned(ana, stack, settings, include=[milk])
    await ana.patch("/api/v1/users/me", json={"dietary": {"diet": "vegan", "allergens": ["milk", "soy"]}})
    if body["kind"] == "use_up":
        body = {**body, "foods": [{"food_id": await own_food(ana, stack), "grams": 100}]}
    result, proposal = await adapted(ana, stack, settings, plan, **body)
    foods = await foods_by_id(ana, stack)
    for food, _ in (item for day in grams_of(proposal["content"]) for item in day):
        assert "vegan" in foods[food]["diets"]
        assert not {"milk", "soy"} & set(foods[food]["allergens"])
    assert "conflict.replace" in {change["rule"] for change in proposal["changes"]}
    assert "no longer suits you" in " ".join(change["explanation"] for change in proposal["changes"])
    assert all(residual["within_tolerance"] for residual in result["residual"]) or result["notes"]


async def test_a_worker_that_dies_makes_one_proposal(ana: Person, stack: Stack, settings: Settings) -> None:
    plan = await planned(ana, stack, settings)
    accepted = await ana.post(adapt_path(plan["id"]), json=SWAP)
    seen: list[dict[str, Any]] = []

    async def dies(job: ClaimedJob) -> dict[str, Any]:
        seen.append(await adapt_meal_plan(job))
        raise ZeroDivisionError

    await drain(settings, {JobKind.ADAPT_MEAL_PLAN: dies})
    await waits_again(stack, accepted.json()["id"])
    await drain(settings)
    job = (await ana.get(accepted.headers["location"])).json()
    assert (job["status"], job["result"]["proposal_id"]) == ("succeeded", job["id"])
    assert job["result"] == seen[0]
    assert len(await rows(ana, stack, "plan_proposals")) == 1


async def test_a_model_may_choose_the_other_meal(
    ana: Person, stack: Stack, settings: Settings, gemini: FakeGemini
) -> None:
    plan = await planned(ana, stack, settings)
    gemini.otherwise = lambda asked: answers(good_answer(asked.prompt))
    result, proposal = await adapted(ana, stack, gemini.settings(settings), plan, **SWAP)
    assert (result["source"], proposal["source"]) == ("ai", "ai")
    assert proposal["content"]["days"][0]["meals"][1]["name"] == "The model's lunch"


async def test_and_is_not_listened_to_when_it_is_wrong(
    ana: Person, stack: Stack, settings: Settings, gemini: FakeGemini
) -> None:
    plan = await planned(ana, stack, settings)
    wrong = {"garbage": WRONG["garbage"], "overloaded": WRONG["overloaded"], "illegal ids": with_an_illegal_id}
    with each_case() as case:
        for name, reply in wrong.items():
            with case(name):
                gemini.otherwise = to_prompts(reply)
                result, proposal = await adapted(ana, stack, gemini.settings(settings), plan, **SWAP)
                assert (result["source"], proposal["source"], result["model"]) == ("rules", "rules", "offline")


def to_prompts(reply: Callable[[str], Reply]) -> Callable[[Asked], Reply]:
    return lambda asked: reply(asked.prompt)


def with_an_illegal_id(prompt: str) -> Reply:
    answer = good_answer(prompt)
    answer["days"][0]["meals"][0]["items"][0]["ref"] = "f0"
    return answers(answer)
