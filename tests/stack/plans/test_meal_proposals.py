"""Proposals for meal plans: shown, accepted, rejected, taken back, and over once the plan has changed."""

import asyncio
from collections import Counter
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from tests.support.meals import CHANGE, MEAL_PLANS, make_food, make_meal_plan, meals_with, propose
from tests.support.people import Person, assert_problem


async def test_a_proposal_is_listed_and_shown(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}/proposals"
    assert (await ana.get(path)).json() == {"items": [], "total": 0, "page": 1, "per_page": 20}
    older, newer = await propose(plan["id"], stack), await propose(plan["id"], stack)
    page = (await ana.get(path, params={"per_page": 1})).json()
    assert (page["total"], [one["id"] for one in page["items"]]) == (2, [newer])
    assert "content" not in page["items"][0]
    shown = (await ana.get(f"{path}/{newer}")).json()
    assert (shown["status"], shown["base_version"], shown["source"], shown["changes"]) == ("open", 1, "rules", [CHANGE])
    assert shown["content"]["days"][0]["name"] == "Proposed"
    # At most one is open.
    assert (await ana.get(f"{path}/{older}")).json()["status"] == "expired"
    assert_problem(await ana.get(f"{path}/{uuid4()}"), 404, "not_found")
    other = await make_meal_plan(ana, stack)
    for verb in ("accept", "undo"):
        elsewhere = f"{MEAL_PLANS}/{other['id']}/proposals/{newer}"
        assert_problem(await ana.post(f"{elsewhere}/{verb}"), 404, "not_found")
    assert_problem(await ana.get(f"{MEAL_PLANS}/{uuid4()}/proposals"), 404, "not_found")


async def test_accepting_makes_a_version_and_can_be_taken_back(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    proposal = f"{path}/proposals/{(id_ := await propose(plan['id'], stack))}"
    accepted = await ana.post(f"{proposal}/accept")
    assert (accepted.status_code, accepted.json()["version"]) == (200, 2)
    assert accepted.json()["content"]["days"][0]["name"] == "Proposed"
    newest = (await ana.get(f"{path}/versions")).json()["items"][0]
    assert (newest["changed_by"], newest["reason"]) == ("companion", f"Accepted proposal {id_}")
    assert (await ana.post(f"{proposal}/accept")).json()["version"] == 2
    assert_problem(await ana.post(f"{proposal}/reject", json={}), 409, "conflict")
    undone = (await ana.post(f"{proposal}/undo")).json()
    assert (undone["status"], undone["base_version"], undone["decided_at"]) == ("open", 3, None)
    shown = (await ana.get(path)).json()
    assert (shown["version"], shown["content"]) == (3, plan["content"])
    assert (await ana.post(f"{proposal}/accept")).json()["version"] == 4


async def test_rejecting_keeps_why_and_can_be_taken_back(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    proposal = f"{MEAL_PLANS}/{plan['id']}/proposals/{await propose(plan['id'], stack)}"
    for wrong in ({"reason": ""}, {"reason": "x" * 501}, {"why": "x"}):
        assert_problem(await ana.post(f"{proposal}/reject", json=wrong), 422, "validation_failed")
    rejected = (await ana.post(f"{proposal}/reject", json={"reason": "I like my lunch"})).json()
    assert (rejected["status"], rejected["reason"]) == ("rejected", "I like my lunch")
    assert_problem(await ana.post(f"{proposal}/accept"), 409, "conflict")
    undone = (await ana.post(f"{proposal}/undo")).json()
    assert (undone["status"], undone["reason"]) == ("open", None)
    assert_problem(await ana.post(f"{proposal}/undo"), 409, "conflict")
    assert (await ana.post(f"{proposal}/reject", json={"reason": None})).json()["reason"] is None
    assert (await ana.get(f"{MEAL_PLANS}/{plan['id']}")).json()["version"] == 1


async def test_another_change_expires_a_proposal(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    proposal = f"{path}/proposals/{await propose(plan['id'], stack)}"
    await ana.put(path, json={"name": "Only words", "content": plan["content"]})
    assert (await ana.get(proposal)).json()["status"] == "open"
    await ana.put(path, json={"name": "x", "content": meals_with(await make_food(ana, stack))})
    assert (await ana.get(proposal)).json()["status"] == "expired"
    for verb, body in (("accept", None), ("reject", {}), ("undo", None)):
        assert_problem(await ana.post(f"{proposal}/{verb}", json=body), 409, "conflict")
    # A job that comes too late is told so, and begins again with the plan as it is.
    with pytest.raises(asyncpg.PostgresError, match="The meal plan has changed") as late:
        await propose(plan["id"], stack, base_version=1)
    assert late.value.sqlstate == "PT412"


async def test_a_decision_is_not_taken_back_over_another_change(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    accepted = f"{path}/proposals/{await propose(plan['id'], stack)}"
    await ana.post(f"{accepted}/accept")
    rejected = f"{path}/proposals/{await propose(plan['id'], stack, content=plan['content'])}"
    await ana.post(f"{rejected}/reject", json={})
    await ana.put(path, json={"name": "x", "content": meals_with(await make_food(ana, stack))})
    for proposal in (accepted, rejected):
        assert_problem(await ana.post(f"{proposal}/undo"), 409, "conflict")
    assert (await ana.get(path)).json()["version"] == 3


async def test_deciding_at_once_decides_once(ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    path = f"{MEAL_PLANS}/{plan['id']}"
    proposal = f"{path}/proposals/{await propose(plan['id'], stack)}"
    content = meals_with(await make_food(ana, stack))
    answers = await asyncio.gather(
        *(ana.post(f"{proposal}/accept") for _ in range(6)),
        *(ana.post(f"{proposal}/reject", json={}) for _ in range(6)),
        *(ana.put(path, json={"name": "x", "content": content}) for _ in range(3)),
        *(ana.post(f"{proposal}/undo") for _ in range(3)),
        ana.post(f"{path}/activate"),
    )
    assert set(Counter(answer.status_code for answer in answers)) <= {200, 409}
    history = (await ana.get(f"{path}/versions")).json()
    assert history["total"] == (await ana.get(path)).json()["version"]
    assert (await ana.get(proposal)).json()["status"] in {"accepted", "rejected", "expired", "open"}
