"""Meal plans that are made without a model: asked for, made by a job, kept once, legal and as near as they say."""

import asyncio
import json
from collections import Counter
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.jobs.worker import ClaimedJob
from src.nutrition.generator.tasks import generate_meal_plan
from src.vocabulary import JobKind
from tests.support.cases import each_case
from tests.support.jobs import JOBS, drain, result_of
from tests.support.nutrition import (
    GENERATE,
    NUTRITION_DATA,
    born,
    foods_by_id,
    grams_of,
    guest,
    known,
    own_food,
    rows,
    waits_again,
)
from tests.support.people import Person, assert_problem, fields_of, rest_client


async def made(
    person: Person, stack: Stack, settings: Settings, **request: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The job's result, and the plan."""
    result = await result_of(person, await person.post(GENERATE, json=request), settings)
    (plan,) = await rows(person, stack, "plans", id=f"eq.{result['meal_plan_id']}")
    return result, plan


BAD: list[Any] = [
    {"days": 0},
    {"days": 8},
    {"meals_per_day": 1},
    {"meals_per_day": 7},
    {"goal": "fly"},
    {"targets": {"energy_kcal": 1199}},
    {"targets": {"energy_kcal": 6001}},
    {"targets": {"energy_kcal": 1500, "protein_g": 200}},
    {"targets": {"energy_kcal": 1500, "protein_g": 100, "carbohydrate_g": 300, "fat_g": 50}},
    {"targets": {"energy_kcal": 3000, "protein_g": 100, "carbohydrate_g": 100, "fat_g": 50}},
    {"include": ["x"]},
    {"exclude": [str(uuid4())] * 2},
    {"notes": "x" * 501},
    {"starts_on": "tomorrow"},
    {"surprise": 1},
    [],
]


class TestAsking:
    async def test_strangers(self, anonymous: Person) -> None:
        assert_problem(await anonymous.post(GENERATE, json={}), 401, "unauthenticated")

    async def test_guests(self, stack: Stack, anonymous: Person) -> None:
        assert_problem(await anonymous.post(GENERATE, json={}, headers=await guest(stack)), 403, "forbidden")

    async def test_what_is_missing_is_named(self, ana: Person) -> None:
        problem = assert_problem(await ana.post(GENERATE), 422, "validation_failed")
        assert fields_of(problem) == NUTRITION_DATA
        await known(ana)
        await ana.patch("/api/v1/users/me", json={"sex": None})
        assert fields_of(assert_problem(await ana.post(GENERATE), 422, "validation_failed")) == {("profile", "sex")}

    async def test_bad_requests(self, ana: Person) -> None:
        with each_case() as case:
            for body in BAD:
                with case(json.dumps(body)[:60]):
                    assert_problem(await ana.post(GENERATE, json=body), 422, "validation_failed")

    async def test_foods_that_cannot_be_planned_are_named(self, ana: Person, bo: Person, stack: Stack) -> None:
        await known(ana)
        theirs = await own_food(bo, stack)
        wanted = {"include": [await own_food(ana, stack), theirs, str(uuid4())]}
        problem = assert_problem(await ana.post(GENERATE, json=wanted), 422, "validation_failed")
        assert fields_of(problem) == {("body", "include", 1), ("body", "include", 2)}

    async def test_two_at_once_are_one_job(self, ana: Person) -> None:
        await known(ana)
        answers = await asyncio.gather(*(ana.post(GENERATE, json={"days": 1}) for _ in range(5)))
        assert Counter(answer.status_code for answer in answers) == {202: 5}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert answers[0].json()["kind"] == "generate_meal_plan"
        assert answers[0].headers["location"] == f"{JOBS}/{answers[0].json()['id']}"


async def test_a_week_is_kept_as_a_draft(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(ana)
    result, plan = await made(ana, stack, settings, goal="lose", starts_on="2026-11-25")
    assert (result["source"], result["model"]) == ("rules", "offline")
    assert (plan["source"], plan["status"], plan["version"]) == ("rules", "draft", 1)
    assert (plan["target_energy_kcal"], plan["target_protein_g"]) == (2319, 160)
    days = plan["content"]["days"]
    assert [day["name"] for day in days[:2]] == ["Wednesday", "Thursday"]
    assert [len(day["meals"]) for day in days] == [4] * 7
    foods = await foods_by_id(ana, stack)
    for day, residual in zip(grams_of(plan["content"]), result["residual"], strict=True):
        energy = sum(foods[food]["energy_kcal"] * grams / 100 for food, grams in day)
        protein = sum(foods[food]["protein_g"] * grams / 100 for food, grams in day)
        assert residual["within_tolerance"] is True
        assert energy == pytest.approx(2319, rel=0.05)
        assert protein == pytest.approx(160, rel=0.05)
        assert residual["energy_kcal"] == pytest.approx(energy - 2319, abs=0.06)
    (version,) = await rows(ana, stack, "plan_versions", plan_id=f"eq.{plan['id']}")
    assert version["changed_by"] == "companion"


async def test_wishes_are_heard(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(ana)
    foods = await foods_by_id(ana, stack)
    bread = await own_food(ana, stack)
    first, plan = await made(ana, stack, settings, days=2, meals_per_day=3)
    eaten = [food for day in grams_of(plan["content"]) for food, _ in day][:5]
    targets = {"energy_kcal": 2000, "protein_g": 110}
    request = {"days": 2, "meals_per_day": 3, "include": [bread], "exclude": eaten, "targets": targets}
    result, plan = await made(ana, stack, settings, **request)
    assert first["targets"]["energy_kcal"] == 2759
    assert (result["targets"]["energy_kcal"], result["targets"]["protein_g"]) == (2000, 110)
    now = {food for day in grams_of(plan["content"]) for food, _ in day}
    assert bread in now
    assert now.isdisjoint(eaten)
    assert len(foods) > 30


async def test_set_targets_need_no_profile_but_do_not_pass_its_floors(
    ana: Person, bo: Person, stack: Stack, settings: Settings
) -> None:
    targets = {"energy_kcal": 1300, "protein_g": 80}
    result, _ = await made(ana, stack, settings, days=1, targets=targets)
    assert result["targets"]["energy_kcal"] == 1300
    await known(bo)
    result, _ = await made(bo, stack, settings, days=1, targets=targets)
    assert result["targets"]["energy_kcal"] == 1780
    assert "resting energy" in str(result["explanation"])


async def test_somebody_who_grows_cannot_set_a_deficit(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(ana, date_of_birth=born(15), weight=50.0, height=1.60)
    result, _ = await made(ana, stack, settings, days=1, goal="lose", targets={"energy_kcal": 1300, "protein_g": 80})
    assert result["targets"]["energy_kcal"] == round((17.686 * 50 + 658.2) * 1.55)


async def test_too_little_left_is_said_in_plain_words(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(
        ana, dietary={"dislikes": sorted({row["category"] for row in (await foods_by_id(ana, stack)).values()})}
    )
    accepted = await ana.post(GENERATE, json={})
    assert accepted.status_code == 202, accepted.text
    await drain(settings)
    job = (await ana.get(accepted.headers["location"])).json()
    assert job["status"] == "failed"
    assert "Too few foods are left" in job["problem"]["detail"]


async def test_a_worker_that_dies_makes_one_plan(ana: Person, stack: Stack, settings: Settings) -> None:
    await known(ana)
    accepted = await ana.post(GENERATE, json={"days": 1})
    seen: list[dict[str, Any]] = []

    async def dies(job: ClaimedJob) -> dict[str, Any]:
        seen.append(await generate_meal_plan(job))
        raise ZeroDivisionError  # after the plan was kept, before the job was finished

    await drain(settings, {JobKind.GENERATE_MEAL_PLAN: dies})
    await waits_again(stack, accepted.json()["id"])
    await drain(settings)
    job = (await ana.get(accepted.headers["location"])).json()
    assert job["status"] == "succeeded", job
    assert job["result"] == seen[0]
    assert len(await rows(ana, stack, "plans")) == 1


PAST_THE_API: dict[str, dict[str, str]] = {
    "nothing": {},
    "no JSON": {"request": "no json"},
    "an empty request": {"request": "{}"},
    "too much": {"request": '{"days": 99}'},
    "no such food": {
        "request": json.dumps({"include": [str(UUID(int=0))], "targets": {"energy_kcal": 2000, "protein_g": 99}})
    },
    "no id": {"request": '{"kind": "rescale"}', "plan_id": "x"},
    "no such plan": {"request": '{"kind": "rescale"}', "plan_id": "00000000-0000-4000-8000-000000000000"},
}


async def test_what_no_request_would_send_fails_in_plain_words(ana: Person, stack: Stack, settings: Settings) -> None:
    words = ("not sound", "needed to compute", "not one that can be planned", "names no plan", "is gone")
    with each_case() as case:
        for kind, (name, asked) in product(("generate_meal_plan", "adapt_meal_plan"), PAST_THE_API.items()):
            with case(f"{kind}: {name}"):
                async with rest_client(stack, ana.token) as rest:
                    given = {"kind": kind, "input": asked, "dedupe_key": "x"}
                    job = (await rest.post("/rpc/enqueue_job", json=given)).raise_for_status().json()["id"]
                await drain(settings)
                failed = (await ana.get(f"{JOBS}/{job}")).json()
                assert (failed["status"], failed["problem"]["code"]) == ("failed", "job_failed"), failed
                assert any(phrase in failed["problem"]["detail"] for phrase in words)
                assert await rows(ana, stack, "plans") == []
