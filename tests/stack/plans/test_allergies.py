"""No way into a meal plan for a food that its owner's allergens or diet forbid: every way is tried."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from tests.support.cases import each_case
from tests.support.meals import (
    BEEF,
    MEAL_PLANS,
    MILK,
    PROFILE,
    item,
    make_food,
    make_meal_plan,
    meals_with,
)
from tests.support.people import Person, assert_problem, fields_of, rest_client
from tests.support.proposals import MEAL_CHANGE, hold_job, propose
from tests.support.transactions import session_of, waits

# What a person says of themselves, a food that it forbids, and what is said of the food then.
FORBIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "allergen": ({"allergens": ["egg", "milk"]}, MILK, "contains milk, which you avoid"),
    "diet": ({"diet": "pescatarian"}, BEEF, "does not fit a pescatarian diet"),
}


class Kitchen(NamedTuple):
    """Somebody who avoids a food, and the plans that they made with it (or without) before they did."""

    person: Person
    stack: Stack
    food: str
    with_it: str
    without: str
    was_with_it: str
    proposal: str
    said: str
    rest: httpx.AsyncClient
    admin: asyncpg.Connection

    @property
    def content(self) -> dict[str, Any]:
        return meals_with(item(self.food, 120))


@pytest.fixture(params=FORBIDDEN)
async def kitchen(request: pytest.FixtureRequest, ana: Person, stack: Stack) -> AsyncIterator[Kitchen]:
    dietary, values, said = FORBIDDEN[request.param]
    food, rice = await make_food(ana, stack, values), await make_food(ana, stack)
    with_it = await make_meal_plan(ana, stack, content=meals_with(food))
    without = await make_meal_plan(ana, stack, content=meals_with(rice))
    was_with_it = await make_meal_plan(ana, stack, content=meals_with(food))
    body = {"name": "x", "content": meals_with(rice)}
    assert (await ana.put(f"{MEAL_PLANS}/{was_with_it['id']}", json=body)).status_code == 200
    proposal = await propose(without["id"], stack, content=meals_with(food))
    assert (await ana.patch(PROFILE, json={"dietary": dietary})).status_code == 200
    admin = await asyncpg.connect(stack.admin_database_url, ssl=False)
    async with rest_client(stack, ana.token) as rest:
        ids = (with_it["id"], without["id"], was_with_it["id"])
        yield Kitchen(ana, stack, food, *ids, proposal, said, rest, admin)
    await admin.close()


MEAL = {"kind": "meal", "name": "x"}
Way = Callable[[Kitchen], Awaitable[httpx.Response]]
WAYS: dict[str, Way] = {
    "create": lambda k: k.person.post(MEAL_PLANS, json={"name": "x", "content": k.content}),
    "replace": lambda k: k.person.put(f"{MEAL_PLANS}/{k.without}", json={"name": "x", "content": k.content}),
    "change a plan that has it": lambda k: k.person.put(
        f"{MEAL_PLANS}/{k.with_it}", json={"name": "x", "content": k.content}
    ),
    "restore": lambda k: k.person.post(f"{MEAL_PLANS}/{k.was_with_it}/versions/1/restore"),
    "activate": lambda k: k.person.post(f"{MEAL_PLANS}/{k.with_it}/activate"),
    "activate by status": lambda k: k.person.put(
        f"{MEAL_PLANS}/{k.with_it}", json={"name": "x", "content": meals_with(k.food), "status": "active"}
    ),
    "swap": lambda k: k.person.post(
        f"{MEAL_PLANS}/{k.without}/swap", json={"day": 0, "meal": 0, "item": 0, "food_id": k.food}
    ),
    "accept": lambda k: k.person.post(f"{MEAL_PLANS}/{k.without}/proposals/{k.proposal}/accept"),
    "insert": lambda k: k.rest.post("/plans", json=MEAL | {"content": k.content}),
    "insert many": lambda k: k.rest.post("/plans", json=[MEAL | {"content": k.content}] * 2),
    "update": lambda k: k.rest.patch(f"/plans?id=eq.{k.without}", json={"content": k.content}),
    "update all": lambda k: k.rest.patch(f"/plans?kind=eq.meal&user_id=eq.{k.person.id}", json={"content": k.content}),
    "activate directly": lambda k: k.rest.patch(f"/plans?id=eq.{k.with_it}", json={"status": "active"}),
    "create directly": lambda k: k.rest.post("/rpc/create_plan", json={"payload": MEAL | {"content": k.content}}),
    "as the server": lambda k: k.rest.post(
        "/plans",
        json=MEAL | {"user_id": k.person.id, "content": k.content},
        headers={"apikey": k.stack.secret_key, "Authorization": ""},
    ),
}


async def state(kitchen: Kitchen) -> list[Any]:
    """Every row of meal plans of the person's."""
    tables = ("plans", "plan_versions", "plan_proposals")
    asked = [f"select * from public.{table} where user_id = $1 order by id" for table in tables]  # noqa: S608
    return [await kitchen.admin.fetch(sql, kitchen.person.id) for sql in asked]


async def test_what_is_forbidden_gets_into_no_plan(kitchen: Kitchen) -> None:
    before = await state(kitchen)
    with each_case() as case:
        for name, way in WAYS.items():
            with case(name):
                response = await way(kitchen)
                assert response.status_code == 422, response.text
                assert kitchen.said in response.text
                assert await state(kitchen) == before


async def test_the_worker_neither_generates_nor_proposes_it(kitchen: Kitchen) -> None:
    before = await state(kitchen)
    plan = MEAL | {"source": "ai", "content": kitchen.content}
    proposal = {"plan_id": kitchen.without, "base_version": 1, "changes": [MEAL_CHANGE], **plan}
    for function, document in (("keep_generated_plan", plan), ("keep_plan_proposal", proposal)):
        job = await hold_job(kitchen.admin, kitchen.person.id)
        with pytest.raises(asyncpg.PostgresError, match="allergens or your diet forbid") as refused:
            await kitchen.admin.execute(f"select public.{function}($1, 1, $2)", job, json.dumps(document))
        assert refused.value.sqlstate == "PT422"
    assert await state(kitchen) == before


async def test_undoing_does_not_bring_it_back(ana: Person, stack: Stack) -> None:
    milk, rice = await make_food(ana, stack, MILK), await make_food(ana, stack)
    path = f"{MEAL_PLANS}/{(plan := await make_meal_plan(ana, stack, content=meals_with(milk)))['id']}"
    proposal = await propose(plan["id"], stack, content=meals_with(rice))
    assert (await ana.post(f"{path}/proposals/{proposal}/accept")).status_code == 200
    await ana.patch(PROFILE, json={"dietary": {"allergens": ["milk"]}})
    assert_problem(await ana.post(f"{path}/proposals/{proposal}/undo"), 422, "validation_failed")
    assert (await ana.get(path)).json()["foods"][0]["id"] == rice


async def test_a_plan_that_is_there_stays_and_says_what_is_wrong(kitchen: Kitchen) -> None:
    path = f"{MEAL_PLANS}/{kitchen.with_it}"
    shown = (await kitchen.person.get(path)).json()
    (conflict,) = shown["conflicts"]
    assert (shown["version"], conflict["food_id"]) == (1, kitchen.food)
    assert all(allergen in kitchen.said for allergen in conflict["allergens"])
    assert conflict["diet"] is None or conflict["diet"] in kitchen.said
    # Words may change, and what is wrong may be taken out.
    assert (await kitchen.person.put(path, json={"name": "y", "content": shown["content"]})).status_code == 200
    rice = (await kitchen.person.get(f"{MEAL_PLANS}/{kitchen.without}")).json()["foods"][0]["id"]
    swap = {"day": 0, "meal": 0, "item": 0, "food_id": rice}
    swapped = (await kitchen.person.post(f"{path}/swap", json=swap)).json()
    assert (swapped["version"], swapped["conflicts"]) == (2, [])
    assert (await kitchen.person.post(f"{path}/activate")).status_code == 200


async def test_an_allergen_that_a_custom_food_turns_out_to_have_is_a_conflict(ana: Person, stack: Stack) -> None:
    await ana.patch(PROFILE, json={"dietary": {"allergens": ["nuts"]}})
    food = await make_food(ana, stack)
    path = f"{MEAL_PLANS}/{(await make_meal_plan(ana, stack, content=meals_with(food)))['id']}"
    async with rest_client(stack, ana.token) as direct:
        assert (await direct.patch(f"/foods?id=eq.{food}", json={"allergens": ["nuts"]})).status_code == 204
    assert (await ana.get(path)).json()["conflicts"][0]["allergens"] == ["nuts"]
    problem = assert_problem(await ana.post(f"{path}/activate"), 422, "validation_failed")
    # No body named it: it is in what is kept.
    assert fields_of(problem) == {("stored", "content", "days", 0, "meals", 0, "items", 0, "food_id")}


# Races --------------------------------------------------------------------------------------------------------------


AVOID = "update public.users set allergens = '{milk}'"
RELABEL = "update public.foods set allergens = '{milk}', diets = '{omnivore}'"
INSERT = "insert into public.plans (kind, name, content) values ('meal', 'x', $1)"
UPDATE = "update public.plans set content = $1"


@pytest.mark.parametrize("write", [INSERT, UPDATE])
@pytest.mark.parametrize("change", [AVOID, RELABEL])
async def test_who_writes_while_an_allergy_is_told_hears_of_it(
    write: str, change: str, ana: Person, stack: Stack
) -> None:
    if change == RELABEL:
        await ana.patch(PROFILE, json={"dietary": {"allergens": ["milk"]}})
        food = await make_food(ana, stack)
    else:
        food = await make_food(ana, stack, MILK)
    await make_meal_plan(ana, stack, content=meals_with(await make_food(ana, stack, name="Rice")))
    async with session_of(ana, stack) as teller, session_of(ana, stack) as writer:
        where = f" where id = '{food}'" if change == RELABEL else ""
        await teller.execute(change + where)
        writing = asyncio.ensure_future(writer.execute(write, json.dumps(meals_with(food))))
        await waits(writer, stack)
        await teller.execute("commit")
        with pytest.raises(asyncpg.PostgresError) as refused:
            await writing
        assert refused.value.sqlstate == "PT422"


@pytest.mark.parametrize("write", [INSERT, UPDATE])
async def test_who_tells_of_an_allergy_while_a_plan_is_written_waits(write: str, ana: Person, stack: Stack) -> None:
    milk = await make_food(ana, stack, MILK)
    await make_meal_plan(ana, stack)
    async with session_of(ana, stack) as teller, session_of(ana, stack) as writer:
        await writer.execute(write, json.dumps(meals_with(milk)))
        telling = asyncio.ensure_future(teller.execute(AVOID))
        await waits(teller, stack)
        await writer.execute("commit")
        await telling
        await teller.execute("commit")
    plans = [
        (await ana.get(f"{MEAL_PLANS}/{plan['id']}")).json() for plan in (await ana.get(MEAL_PLANS)).json()["items"]
    ]
    assert [conflict["food_id"] for plan in plans for conflict in plan["conflicts"]] == [milk]


async def test_the_worker_too_hears_of_an_allergy_that_is_being_told(ana: Person, stack: Stack) -> None:
    milk = await make_food(ana, stack, MILK)
    admin = await asyncpg.connect(stack.admin_database_url, ssl=False)
    worker = await asyncpg.connect(stack.admin_database_url, ssl=False)
    job = await hold_job(admin, ana.id, "generate_meal_plan")
    plan = json.dumps(MEAL | {"source": "ai", "content": meals_with(milk)})
    raw = "insert into public.plans (kind, user_id, name, content) values ('meal', $1, 'x', $2)"
    for statement, given in (
        ("select public.keep_generated_plan($1, 1, $2)", (job, plan)),
        (raw, (ana.id, json.dumps(meals_with(milk)))),
    ):
        await admin.execute("update public.users set allergens = '{}' where id = $1", ana.id)
        async with session_of(ana, stack) as teller:
            await teller.execute(AVOID)
            working = asyncio.ensure_future(worker.execute(statement, *given))
            await waits(worker, stack)
            await teller.execute("commit")
            with pytest.raises(asyncpg.PostgresError) as refused:
                await working
            assert refused.value.sqlstate == "PT422"
    await worker.close()
    await admin.close()
    assert (await ana.get(MEAL_PLANS)).json()["total"] == 0


async def test_profile_and_plans_at_once_leave_no_forbidden_plan_active(ana: Person, stack: Stack) -> None:
    milk, rice = await make_food(ana, stack, MILK), await make_food(ana, stack)
    for _ in range(3):
        await ana.patch(PROFILE, json={"dietary": {"allergens": []}})
        plan = await make_meal_plan(ana, stack, content=meals_with(rice))
        path = f"{MEAL_PLANS}/{plan['id']}"
        answers = await asyncio.gather(
            *(ana.put(path, json={"name": "x", "content": meals_with(item(milk, 50 + n))}) for n in range(4)),
            ana.patch(PROFILE, json={"dietary": {"allergens": ["milk"]}}),
            *(ana.post(MEAL_PLANS, json={"name": "y", "content": meals_with(milk)}) for _ in range(4)),
            ana.post(f"{path}/activate"),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 422}
        # Whatever came after the allergy was refused; what was there before it shows it.
        late = await ana.put(path, json={"name": "x", "content": meals_with(item(milk, 99))})
        assert_problem(late, 422, "validation_failed")
        shown = (await ana.get(path)).json()
        assert bool(shown["conflicts"]) == (shown["foods"][0]["id"] == milk)
