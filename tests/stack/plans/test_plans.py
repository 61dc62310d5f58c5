"""Plans of either kind: written, listed, replaced, activated, restored and deleted, on the real stack."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from dev.stack import Stack
from tests.support.cases import each_case
from tests.support.meals import PROFILE
from tests.support.people import Person, assert_problem, fields_of
from tests.support.plan_kinds import KINDS, PlanKindCase, other_kind
from tests.support.proposals import propose

MANY = 27


async def test_a_plan_is_created_whole_and_read_back_equal(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    fields = {"goal": "Strength", "duration_weeks": 8, **kind.fields}
    content = await kind.content(ana, stack)
    response = await ana.post(kind.path, json={"name": "  Mine  ", "content": content, **fields})
    plan = response.json()
    assert response.status_code == 201, response.text
    assert response.headers["location"] == kind.path_of(plan)
    assert (plan["name"], plan["status"], plan["source"], plan["version"]) == ("Mine", "draft", "manual", 1)
    assert {field: plan[field] for field in fields} == fields
    read = await ana.get(response.headers["location"])
    assert read.json() == plan


async def test_a_draft_may_be_empty_and_is_not_activated(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    plan = await kind.make(ana, stack, content=None)
    assert (plan["content"], plan["version"]) == (None, 0)
    assert_problem(await ana.post(f"{kind.path_of(plan)}/activate"), 409, "conflict")
    assert (await ana.get(f"{kind.path_of(plan)}/versions")).json()["items"] == []


async def test_the_list_is_paged_ordered_and_without_content(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    for number in range(5):
        await kind.make(ana, stack, name=f"Plan {number}", content=None)
    page = (await ana.get(kind.path, params={"page": 2, "per_page": 2, "sort": "name"})).json()
    assert [plan["name"] for plan in page["items"]] == ["Plan 2", "Plan 3"]
    assert (page["total"], page["page"], page["per_page"]) == (5, 2, 2)
    assert "content" not in page["items"][0]
    newest = (await ana.get(kind.path)).json()
    assert [plan["name"] for plan in newest["items"]] == [f"Plan {number}" for number in (4, 3, 2, 1, 0)]


async def test_a_page_past_the_end_is_empty_with_the_true_total(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    await kind.make(ana, stack, content=None)
    response = await ana.get(kind.path, params={"page": 9})
    assert response.status_code == 200
    assert response.json() == {"items": [], "total": 1, "page": 9, "per_page": 20}


async def test_the_list_is_filtered_by_status(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    await kind.make(ana, stack, content=None)
    active = await kind.make(ana, stack)
    await ana.post(f"{kind.path_of(active)}/activate")
    found = (await ana.get(kind.path, params=[("status", "active"), ("status", "completed")])).json()
    assert [plan["id"] for plan in found["items"]] == [active["id"]]


async def test_wrong_query_parameters_are_named(ana: Person, kind: PlanKindCase) -> None:
    wrong: dict[str, int | str] = {"page": 0, "per_page": 101, "sort": "user_id", "status": "gone"}
    problem = assert_problem(await ana.get(kind.path, params=wrong), 422, "validation_failed")
    assert fields_of(problem) == {
        ("query", "page"),
        ("query", "per_page"),
        ("query", "sort"),
        ("query", "status", 0),
    }
    unknown = await ana.get(kind.path, params={"perpage": 5})
    assert fields_of(assert_problem(unknown, 422, "validation_failed")) == {("query", "perpage")}


async def test_put_replaces_and_keeps_the_history(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    plan = await kind.make(ana, stack, description="Old words")
    path, content = kind.path_of(plan), await kind.other_content(ana, stack)
    replaced = (await ana.put(path, json={"name": "New", "content": content})).json()
    assert (replaced["name"], replaced["description"], replaced["version"]) == ("New", None, 2)
    history = (await ana.get(f"{path}/versions")).json()
    assert [entry["version"] for entry in history["items"]] == [2, 1]
    assert history["items"][1]["content"] == plan["content"]
    assert history["total"] == 2
    assert_problem(await ana.put(path, json={"name": "New", "content": None}), 422, "validation_failed")


async def test_a_change_of_words_alone_is_no_new_version(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    plan = await kind.make(ana, stack, description="Old words")
    answer = await ana.put(kind.path_of(plan), json={"name": "Renamed", "content": plan["content"]})
    renamed = answer.json()
    assert (renamed["name"], renamed["description"], renamed["version"]) == ("Renamed", None, 1)


async def test_restore_brings_an_older_content_back_as_the_newest(
    ana: Person, stack: Stack, kind: PlanKindCase
) -> None:
    plan = await kind.make(ana, stack)
    path = kind.path_of(plan)
    await ana.put(path, json={"name": "x", "content": await kind.other_content(ana, stack)})
    restored = (await ana.post(f"{path}/versions/1/restore")).json()
    assert (restored["version"], restored["content"]) == (3, plan["content"])
    assert (await ana.post(f"{path}/versions/1/restore")).json()["version"] == 3
    newest = (await ana.get(f"{path}/versions", params={"per_page": 1})).json()
    assert (newest["items"][0]["reason"], newest["total"]) == ("Restored version 1", 3)
    assert_problem(await ana.post(f"{path}/versions/9/restore"), 404, "not_found")


async def test_one_plan_is_active_and_the_former_is_archived(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    first, second = await kind.make(ana, stack), await kind.make(ana, stack)
    assert (await ana.post(f"{kind.path_of(first)}/activate")).json()["status"] == "active"
    assert (await ana.post(f"{kind.path_of(second)}/activate")).json()["status"] == "active"
    assert (await ana.get(kind.path_of(first))).json()["status"] == "archived"
    body = {"name": "x", "content": first["content"], "status": "active"}
    assert_problem(await ana.put(kind.path_of(first), json=body), 409, "conflict")


async def test_one_plan_of_each_kind_is_active_at_once(ana: Person, stack: Stack) -> None:
    for case in KINDS:
        for _ in range(2):
            plan = await case.make(ana, stack)
            assert (await ana.post(f"{case.path_of(plan)}/activate")).json()["status"] == "active"
    for case in KINDS:
        plans = (await ana.get(case.path)).json()["items"]
        assert Counter(plan["status"] for plan in plans) == {"active": 1, "archived": 1}


async def test_a_plan_of_the_other_kind_is_not_found(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    other = other_kind(kind)
    plan, active = await other.make(ana, stack), await kind.make(ana, stack)
    assert (await ana.post(f"{kind.path_of(active)}/activate")).status_code == 200
    proposal = f"/proposals/{await propose(plan['id'], stack)}"
    before = (await ana.get(other.path_of(plan))).json()
    with each_case() as case:
        for method, route, body in (
            ("GET", "", None),
            ("PUT", "", {"name": "x", "content": active["content"]}),
            ("DELETE", "", None),
            ("POST", "/activate", None),
            ("GET", "/versions", None),
            ("POST", "/versions/1/restore", None),
            ("GET", "/proposals", None),
            ("GET", proposal, None),
            ("POST", f"{proposal}/accept", None),
            ("POST", f"{proposal}/reject", {}),
            ("POST", f"{proposal}/undo", None),
            *kind.own_routes,
        ):
            with case((method, route)):
                answer = await ana.request(method, f"{kind.path}/{plan['id']}{route}", json=body)
                assert_problem(answer, 404, "not_found")
    assert (await ana.get(other.path_of(plan))).json() == before
    assert (await ana.get(f"{other.path_of(plan)}{proposal}")).json()["status"] == "open"
    assert (await ana.get(kind.path_of(active))).json()["status"] == "active"
    assert [found["id"] for found in (await ana.get(kind.path)).json()["items"]] == [active["id"]]
    assert [found["id"] for found in (await ana.get(other.path)).json()["items"]] == [plan["id"]]


@pytest.mark.parametrize("is_empty", [True, False])
async def test_if_match_guards_a_change(is_empty: bool, ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    plan = await kind.make(ana, stack, content=None if is_empty else await kind.content(ana, stack))
    path, content = kind.path_of(plan), plan["content"]
    stale = {"If-Match": (await ana.get(path)).headers["etag"]}
    changed = await ana.put(path, json={"name": "One", "content": content}, headers=stale)
    assert changed.status_code == 200
    again = await ana.put(path, json={"name": "Two", "content": content}, headers=stale)
    assert_problem(again, 412, "precondition_failed")
    assert_problem(await ana.put(path, json={"name": "Two"}, headers=stale), 412, "precondition_failed")
    assert_problem(await ana.delete(path, headers=stale), 412, "precondition_failed")
    weak = {"If-Match": f"W/{changed.headers['etag']}"}
    assert_problem(await ana.delete(path, headers=weak), 412, "precondition_failed")
    assert (await ana.get(path)).json()["name"] == "One"
    current = changed.headers["etag"] if is_empty else f'"0", {changed.headers["etag"]}'
    assert (await ana.delete(path, headers={"If-Match": current})).status_code == 204
    assert_problem(await ana.delete(path, headers={"If-Match": current}), 404, "not_found")


async def test_if_none_match_saves_the_body(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    path = kind.path_of(await kind.make(ana, stack, content=None))
    first = await ana.get(path)
    again = await ana.get(path, headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_the_same_idempotency_key_makes_one_plan(ana: Person, kind: PlanKindCase) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = await ana.post(kind.path, json={"name": "Once"}, headers=key)
    again = await ana.post(kind.path, json={"name": "Once"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert_problem(await ana.post(kind.path, json={"name": "Other"}, headers=key), 409, "conflict")
    assert (await ana.get(kind.path)).json()["total"] == 1


async def test_an_idempotency_key_belongs_to_one_person(ana: Person, bo: Person, kind: PlanKindCase) -> None:
    key = {"Idempotency-Key": "the-same-words"}
    hers = await ana.post(kind.path, json={"name": "Hers"}, headers=key)
    his = await bo.post(kind.path, json={"name": "His"}, headers=key)
    assert (hers.status_code, his.status_code) == (201, 201)
    assert his.json()["id"] != hers.json()["id"]


async def test_an_idempotency_key_is_not_for_both_kinds(ana: Person, kind: PlanKindCase) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    assert (await ana.post(kind.path, json={"name": "Once"}, headers=key)).status_code == 201
    other = other_kind(kind)
    assert_problem(await ana.post(other.path, json={"name": "Once"}, headers=key), 409, "conflict")
    assert (await ana.get(other.path)).json()["total"] == 0


async def test_one_key_at_once_makes_one_plan(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    body = {"name": "Once", "content": await kind.content(ana, stack)}
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(ana.post(kind.path, json=body, headers=key) for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: MANY - 1}
    assert len({answer.text for answer in answers}) == 1
    assert (await ana.get(kind.path)).json()["total"] == 1
    assert_problem(await ana.post(kind.path, json={"name": "Other"}, headers=key), 409, "conflict")


async def test_everything_at_once_ends_without_a_failure(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    content, other = await kind.content(ana, stack), await kind.other_content(ana, stack)
    plans = [await kind.make(ana, stack, content=content) for _ in range(5)]
    paths = [kind.path_of(plan) for plan in plans]
    swap = {"day": 0, "meal": 0, "item": 0, "food_id": kind.item_in(other)}
    has_swaps = "/swap" in {route for _, route, _ in kind.own_routes}
    answers = await asyncio.gather(
        *(ana.post(f"{path}/activate") for path in paths for _ in range(2)),
        *(ana.put(path, json={"name": "x", "content": other}) for path in paths),
        *(ana.post(f"{path}/swap", json=swap) for path in paths if has_swaps),
        *(ana.post(f"{path}/versions/1/restore") for path in paths),
        *(ana.put(path, json={"name": "y", "content": content, "status": "active"}) for path in paths),
        *(ana.patch(PROFILE, json={"name": "Ana"}) for _ in paths),
        *(ana.delete(path) for path in paths[:2]),
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 409}
    assert (await ana.get(kind.path, params={"status": "active"})).json()["total"] <= 1
