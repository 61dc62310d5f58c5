"""Meal plans as an attacker sees them: everything that their tables and functions must refuse at PostgREST."""

import json
from itertools import product
from typing import Any

import httpx

from dev.stack import Stack
from tests.stack.database.rows import changes_nothing, everything, rows_of
from tests.support.cases import each_case
from tests.support.meals import item, make_food, make_meal_plan, meals_with
from tests.support.people import Person, rest_client
from tests.support.proposals import MEAL_CHANGE, propose

TOO_MUCH = "x" * 3_000_000
NOBODY = "00000000-0000-4000-8000-00000000dead"
JSON = {"Content-Type": "application/json"}
HUGE = "1e131071"
MEAL: dict[str, Any] = {"kind": "meal"}
TABLES = ("plans", "plan_versions", "plan_proposals")


async def meals_of(stack: Stack) -> dict[str, list[Any]]:
    return await everything(stack, *TABLES)


async def food_of(bos: dict[str, str], stack: Stack) -> str:
    """A food of Bo's own."""
    bo = bos["foods"].removeprefix("user_id=eq.")
    return str((await rows_of(stack, bo, "foods"))["foods"][0]["id"])


# What stands in the place of each part of the content, as JSON.
PLACES = {
    "content": "%s",
    "days": '{"days": %s}',
    "day": '{"days": [%s]}',
    "day's name": '{"days": [{"name": %s, "meals": [%m]}]}',
    "weekday": '{"days": [{"name": "x", "weekday": %s, "meals": [%m]}]}',
    "meals": '{"days": [{"name": "x", "meals": %s}]}',
    "meal": '{"days": [{"name": "x", "meals": [%s]}]}',
    "slot": '{"days": [{"name": "x", "meals": [{"slot": %s, "name": "x", "items": [%i]}]}]}',
    "items": '{"days": [{"name": "x", "meals": [{"slot": "lunch", "name": "x", "items": %s}]}]}',
    "item": '{"days": [{"name": "x", "meals": [{"slot": "lunch", "name": "x", "items": [%s]}]}]}',
    "food": '{"days": [{"name": "x", "meals": [{"slot": "lunch", "name": "x", "items": [{"food_id": %s, "grams": 9}'
    "]}]}]}",
    "grams": '{"days": [{"name": "x", "meals": [{"slot": "lunch", "name": "x", "items": [{"food_id": "%f", "grams": %s}'
    "]}]}]}",
}
WRONG = ["null", "true", "-1", HUGE, f"[{HUGE}]", '"NaN"', '"Infinity"', '""', '"\\u0000"', "[]", "{}", "[null]"]
WRONG += ["[[]]", '{"": null}', "0.00001", f"9.{'9' * 400}", '"1e999"', '{"days": null}', "[" * 900 + "]" * 900]


def documents(place: str, food: str) -> list[str]:
    whole = json.dumps(item(food))
    meal = json.dumps({"slot": "lunch", "name": "x", "items": [item(food)]})
    template = PLACES[place].replace("%m", meal).replace("%i", whole).replace("%f", food)
    return [template.replace("%s", wrong) for wrong in WRONG]


# A day needs no weekday, a draft no content, and a name may be any text.
FINE = {"content": ["null"], "weekday": ["null"], "day's name": ['"NaN"', '"Infinity"', '"1e999"']}


async def test_wrong_content_is_refused_wherever_it_stands(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack)
    plan = (await make_meal_plan(ana, stack, content=meals_with(food)))["id"]
    before = await meals_of(stack)
    with each_case() as case:
        for place in PLACES:
            for wrong, document in zip(WRONG, documents(place, food), strict=True):
                if wrong in FINE.get(place, []):
                    continue
                with case(f"{wrong[:40]} for {place}"):
                    await refuses(rest, document, plan)
    assert await meals_of(stack) == before


async def refuses(rest: httpx.AsyncClient, document: str, plan: str) -> None:
    for method, path, body in (
        ("POST", "/plans", f'{{"kind": "meal", "name": "x", "content": {document}}}'),
        ("PATCH", f"/plans?id=eq.{plan}", f'{{"content": {document}}}'),
        ("POST", "/rpc/create_plan", f'{{"payload": {{"kind": "meal", "name": "x", "content": {document}}}}}'),
    ):
        response = await rest.request(method, path, content=body, headers=JSON)
        assert 400 <= response.status_code < 500, (path, document[:200], response.text[:300])
    body = f'{{"kind": "meal", "content": {document}}}'
    checked = await rest.post("/rpc/validate_plan_content", content=body, headers=JSON)
    assert checked.status_code < 500, document[:200]
    assert checked.json() != [], document[:200]


async def test_what_is_huge_is_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    food = await make_food(ana, stack)
    await make_meal_plan(ana, stack, content=meals_with(food))
    before = await meals_of(stack)
    long = meals_with(food)
    long["days"][0]["meals"][0]["notes"] = TOO_MUCH
    many = meals_with(*[food] * 30_000)
    for body in (
        {"name": "x", "content": long},
        {"name": "x", "content": many},
        {"name": "x", "content": TOO_MUCH},
        {"name": TOO_MUCH},
        {"description": TOO_MUCH, "name": "x"},
    ):
        for path, given in (("/plans", MEAL | body), ("/rpc/create_plan", {"payload": MEAL | body})):
            assert 400 <= (await rest.post(path, json=given)).status_code < 500
    assert await meals_of(stack) == before


NOT_THEIRS: dict[str, Any] = {
    "source": "ai",
    "version": 9,
    "id": NOBODY,
    "user_id": NOBODY,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2020-01-01T00:00:00Z",
}


async def test_what_is_not_the_persons_to_set_stays(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    with each_case() as case:
        for column, value in NOT_THEIRS.items():
            with case(column):
                before = await meals_of(stack)
                forged = {column: value}
                assert (await rest.post("/plans", json=MEAL | {"name": "x", **forged})).status_code == 403
                assert (await rest.patch(f"/plans?id=eq.{plan['id']}", json=forged)).status_code == 403
                upsert = MEAL | {"id": plan["id"], "name": "x", **forged}
                merged = await rest.post("/plans", json=upsert, headers={"Prefer": "resolution=merge-duplicates"})
                assert merged.status_code == 403
                assert await meals_of(stack) == before
                made = (await rest.post("/rpc/create_plan", json={"payload": MEAL | {"name": "x", **forged}})).json()[
                    "answer"
                ]
                assert (made["source"], made["version"], made["user_id"]) == ("manual", 0, ana.id)
                assert made[column] != value


OUT_OF_RANGE = ("-1", "0", "1199.5", HUGE, '"NaN"', '"Infinity"', "true", "[]", "{}", '"eaten"', '""', "99999999999")


async def test_no_number_or_word_is_out_of_range(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = (await make_meal_plan(ana, stack))["id"]
    before = await meals_of(stack)
    columns = ("target_energy_kcal", "target_protein_g", "duration_weeks", "status")
    with each_case() as case:
        for column, value in product(columns, OUT_OF_RANGE):
            body = f'{{"{column}": {value}}}'
            with case(body):
                assert (await rest.patch(f"/plans?id=eq.{plan}", content=body, headers=JSON)).status_code == 400
    assert await meals_of(stack) == before


async def test_nobody_eats_from_another_persons_shelf(
    rest: httpx.AsyncClient, ana: Person, bos: dict[str, str], stack: Stack
) -> None:
    theirs = await food_of(bos, stack)
    plan = (await make_meal_plan(ana, stack))["id"]
    before = await meals_of(stack)
    for path, body in (
        ("/plans", MEAL | {"name": "x", "content": "%s"}),
        ("/rpc/create_plan", {"payload": MEAL | {"name": "x", "content": "%s"}}),
        ("/rpc/swap_meal_food", {"plan_id": plan, "day": 0, "meal": 0, "item": 0, "food_id": "%f"}),
    ):
        answers = []
        for food in (theirs, NOBODY):
            text = json.dumps(body).replace('"%s"', json.dumps(meals_with(food))).replace("%f", food)
            answers.append(await rest.post(path, content=text, headers=JSON))
        assert [answer.status_code for answer in answers] == [422, 422]
        # Nor is it told that there is such a food.
        assert answers[0].json() == answers[1].json()
    assert await meals_of(stack) == before


async def test_another_persons_meal_plans_are_out_of_reach(
    rest: httpx.AsyncClient, bos: dict[str, str], stack: Stack
) -> None:
    bo = bos["foods"].removeprefix("user_id=eq.")
    offered = (await meals_of(stack))["plan_proposals"]
    proposal = next(row for row in offered if row["kind"] == "meal" and str(row["user_id"]) == bo)
    plan = str(proposal["plan_id"])
    food = await food_of(bos, stack)
    before = await meals_of(stack)
    both = MEAL | {"plan_id": plan, "proposal_id": str(proposal["id"])}
    for function, body in (
        ("activate_plan", MEAL | {"plan_id": plan}),
        ("restore_plan_version", MEAL | {"plan_id": plan, "version": 1}),
        ("swap_meal_food", {"plan_id": plan, "day": 0, "meal": 0, "item": 0, "food_id": food}),
        ("accept_plan_proposal", both),
        ("reject_plan_proposal", both),
        ("undo_plan_proposal", both),
    ):
        response = await rest.post(f"/rpc/{function}", json=body)
        assert (response.status_code, response.json()) == (200, []), function
    page = await rest.post("/rpc/plan_proposals_page", json=MEAL | {"plan_id": plan, "page_offset": 0, "page_limit": 9})
    assert page.json() is None
    for table in TABLES:
        assert (await rest.get(f"/{table}?user_id=neq.{NOBODY}&select=id,user_id")).json() == []
    # Its history is no excuse for a food of theirs.
    checked = await rest.post("/rpc/validate_plan_content", json=MEAL | {"content": meals_with(food), "plan_id": plan})
    assert [problem["type"] for problem in checked.json()] == ["unknown_food"]
    assert await meals_of(stack) == before


async def test_proposals_and_history_are_written_by_nobody(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    proposal = await propose(plan["id"], stack)
    before = await meals_of(stack)
    content = meals_with(await make_food(ana, stack))
    made = MEAL | {"id": NOBODY, "plan_id": plan["id"], "base_version": 1, "content": content, "changes": [MEAL_CHANGE]}
    for method, path, body in (
        ("POST", "/plan_proposals", made | {"user_id": ana.id, "source": "rules"}),
        ("PATCH", f"/plan_proposals?id=eq.{proposal}", {"content": content}),
        ("PATCH", f"/plan_proposals?id=eq.{proposal}", {"status": "accepted"}),
        ("PATCH", f"/plan_proposals?id=eq.{proposal}", {"changes": []}),
        ("PATCH", f"/plan_proposals?id=eq.{proposal}", {"targets": {"energy_kcal": 800}}),
        ("DELETE", f"/plan_proposals?id=eq.{proposal}", None),
        ("POST", "/plan_versions", {"plan_id": plan["id"], "version": 9, "content": content}),
        ("PATCH", f"/plan_versions?plan_id=eq.{plan['id']}", {"content": content}),
        ("DELETE", f"/plan_versions?plan_id=eq.{plan['id']}", None),
    ):
        assert (await rest.request(method, path, json=body)).status_code == 403, path
    assert await meals_of(stack) == before


SERVER = {
    "keep_generated_plan": {"plan": {"kind": "meal", "name": "x", "source": "ai"}},
    "keep_plan_proposal": {"proposal": {"kind": "meal", "source": "ai"}},
}


async def test_what_the_worker_does_nobody_else_does(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    job = {"kind": "generate_meal_plan", "input": {}, "dedupe_key": "mine"}
    mine = (await rest.post("/rpc/enqueue_job", json=job)).json()["id"]
    before = await meals_of(stack)
    async with rest_client(stack) as stranger:
        with each_case() as case:
            for function, given in SERVER.items():
                with case(function):
                    body = {"job_id": mine, "attempt": 1, **given}
                    assert (await rest.post(f"/rpc/{function}", json=body)).status_code == 403
                    assert (await stranger.post(f"/rpc/{function}", json=body)).status_code == 401
    assert await meals_of(stack) == before


async def test_calls_of_another_shape_are_refused(rest: httpx.AsyncClient, ana: Person, stack: Stack) -> None:
    plan = await make_meal_plan(ana, stack)
    proposal = await propose(plan["id"], stack)
    before = await meals_of(stack)
    both = MEAL | {"plan_id": plan["id"], "proposal_id": proposal}
    swap = {"plan_id": plan["id"], "day": 0, "meal": 0, "item": 0, "food_id": plan["foods"][0]["id"]}
    calls: list[tuple[str, Any]] = [
        ("foods_used", {"plans": {"user_id": ana.id, "content": {}}}),
        ("swap_meal_food", swap | {"day": None}),
        ("swap_meal_food", swap | {"item": -1}),
        ("swap_meal_food", swap | {"item": 10**12}),
        ("swap_meal_food", swap | {"item": 0.5}),
        ("swap_meal_food", swap | {"food_id": None}),
        ("swap_meal_food", swap | {"food_id": "rice"}),
        ("swap_meal_food", swap | {"unchanged_since": []}),
        ("swap_meal_food", swap | {"unchanged_since": ["infinity"]}),
        ("reject_plan_proposal", both | {"reason": ""}),
        ("reject_plan_proposal", both | {"reason": TOO_MUCH}),
        ("accept_plan_proposal", both | {"proposal_id": 5}),
        ("plan_proposals_page", MEAL | {"plan_id": plan["id"], "page_offset": -1, "page_limit": 5}),
        ("plan_proposals_page", MEAL | {"plan_id": plan["id"], "page_offset": 0, "page_limit": -1}),
        ("restore_plan_version", MEAL | {"plan_id": plan["id"], "version": 10**12}),
        ("create_plan", {"payload": []}),
        ("create_plan", {"payload": MEAL}),
        ("create_plan", {"payload": MEAL | {"name": "x"}, "idempotency_key": ""}),
    ]
    for function, body in calls:
        response = await rest.post(f"/rpc/{function}", json=body)
        assert 400 <= response.status_code < 500, (function, body, response.text)
    assert changes_nothing(await rest.post("/rpc/activate_plan", json=MEAL | {"plan_id": None}))
    assert await meals_of(stack) == before
