"""Proposals for plans of either kind: shown, accepted, rejected, taken back, and over once the plan has changed."""

import asyncio
from collections import Counter
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import pytest

from dev.stack import Stack
from tests.support.cases import each_case
from tests.support.people import Person, assert_problem, fields_of
from tests.support.plan_kinds import PlanKindCase
from tests.support.proposals import propose

MANY = 27
DECISIONS = ("accept", "reject", "undo")


class Proposed(NamedTuple):
    """An active plan of Ana's, and the paths of it and of an open proposal."""

    plan: dict[str, Any]
    path: str
    id: str

    @property
    def proposal(self) -> str:
        return f"{self.path}/proposals/{self.id}"


@pytest.fixture
async def proposed(ana: Person, stack: Stack, kind: PlanKindCase) -> Proposed:
    made = await kind.make(ana, stack)
    plan = (await ana.post(f"{kind.path_of(made)}/activate")).json()
    return Proposed(plan, kind.path_of(plan), await propose(plan["id"], stack))


async def test_a_proposal_is_listed_and_shown(ana: Person, stack: Stack, kind: PlanKindCase) -> None:
    plan = await kind.make(ana, stack)
    path = f"{kind.path_of(plan)}/proposals"
    assert (await ana.get(path)).json() == {"items": [], "total": 0, "page": 1, "per_page": 20}
    older, newer = await propose(plan["id"], stack), await propose(plan["id"], stack)
    page = (await ana.get(path, params={"per_page": 1})).json()
    assert (page["total"], [summary["id"] for summary in page["items"]]) == (2, [newer])
    assert "content" not in page["items"][0]
    shown = (await ana.get(f"{path}/{newer}")).json()
    assert (shown["status"], shown["base_version"], shown["source"]) == ("open", 1, "rules")
    assert shown["changes"] == [kind.change(plan["content"])]
    assert (shown["reason"], shown["decided_at"]) == (None, None)
    assert shown["content"]["days"][0]["name"] == "Proposed"
    assert (await ana.get(kind.path_of(plan))).json()["content"] == plan["content"]
    # At most one is open.
    assert (await ana.get(f"{path}/{older}")).json()["status"] == "expired"
    statuses = [summary["status"] for summary in (await ana.get(path)).json()["items"]]
    assert statuses == ["open", "expired"]
    past = (await ana.get(path, params={"page": 9})).json()
    assert (past["total"], past["items"]) == (2, [])


async def test_anonymous_another_and_missing(
    ana: Person, bo: Person, anonymous: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed
) -> None:
    other = await kind.make(ana, stack)
    for method, path in (
        ("GET", f"{proposed.path}/proposals"),
        ("GET", proposed.proposal),
        *(("POST", f"{proposed.proposal}/{decision}") for decision in DECISIONS),
    ):
        assert_problem(await anonymous.request(method, path), 401, "unauthenticated")
        assert_problem(await bo.request(method, path), 404, "not_found")
        missing = path.replace(proposed.plan["id"], str(uuid4()))
        assert_problem(await ana.request(method, missing), 404, "not_found")
        if "proposals/" in path:
            # A proposal is found by its own plan only.
            elsewhere = path.replace(proposed.plan["id"], other["id"])
            assert_problem(await ana.request(method, elsewhere), 404, "not_found")
            unknown = path.replace(proposed.id, str(uuid4()))
            assert_problem(await ana.request(method, unknown), 404, "not_found")
    assert (await ana.get(proposed.proposal)).json()["status"] == "open"


async def test_accepting_makes_a_new_version(ana: Person, proposed: Proposed) -> None:
    offered = (await ana.get(proposed.proposal)).json()
    accepted = await ana.post(f"{proposed.proposal}/accept")
    assert accepted.status_code == 200, accepted.text
    plan = accepted.json()
    assert accepted.headers["etag"]
    assert (plan["version"], plan["status"], plan["content"]) == (2, "active", offered["content"])
    newest = (await ana.get(f"{proposed.path}/versions")).json()["items"][0]
    assert (newest["version"], newest["changed_by"]) == (2, "companion")
    assert newest["reason"] == f"Accepted proposal {proposed.id}"
    decided = (await ana.get(proposed.proposal)).json()
    assert decided["status"] == "accepted"
    assert decided["decided_at"]
    assert (await ana.post(f"{proposed.proposal}/accept")).json() == plan
    assert_problem(await ana.post(f"{proposed.proposal}/reject"), 409, "conflict")
    assert_problem(await ana.post(f"{proposed.proposal}/reject", json={}), 409, "conflict")


async def test_rejecting_keeps_why_and_changes_nothing(ana: Person, proposed: Proposed) -> None:
    rejected = await ana.post(f"{proposed.proposal}/reject", json={"reason": " Too soon "})
    assert rejected.status_code == 200, rejected.text
    assert (rejected.json()["status"], rejected.json()["reason"]) == ("rejected", "Too soon")
    assert (await ana.get(proposed.path)).json()["version"] == 1
    assert (await ana.post(f"{proposed.proposal}/reject")).json()["reason"] == "Too soon"
    assert_problem(await ana.post(f"{proposed.proposal}/accept"), 409, "conflict")


async def test_a_bad_reason(ana: Person, proposed: Proposed) -> None:
    bodies: list[Any] = [{"reason": "x" * 501}, {"reason": ""}, {"reason": " "}, {"why": "x"}, "no"]
    with each_case() as case:
        for body in bodies:
            with case(body):
                assert_problem(await ana.post(f"{proposed.proposal}/reject", json=body), 422, "validation_failed")
    assert (await ana.get(proposed.proposal)).json()["status"] == "open"


async def test_both_decisions_can_be_undone(ana: Person, proposed: Proposed) -> None:
    undo, reject, accept = (f"{proposed.proposal}/{decision}" for decision in ("undo", "reject", "accept"))
    assert_problem(await ana.post(undo), 409, "conflict")
    await ana.post(reject, json={"reason": "No"})
    opened = (await ana.post(undo)).json()
    assert (opened["status"], opened["reason"], opened["decided_at"]) == ("open", None, None)
    assert_problem(await ana.post(undo), 409, "conflict")
    assert (await ana.post(reject, json={"reason": None})).json()["reason"] is None
    assert (await ana.get(proposed.path)).json()["version"] == 1
    await ana.post(undo)
    await ana.post(accept)
    opened = (await ana.post(undo)).json()
    assert (opened["status"], opened["base_version"], opened["decided_at"]) == ("open", 3, None)
    after = (await ana.get(proposed.path)).json()
    assert (after["version"], after["content"]) == (3, proposed.plan["content"])
    assert (await ana.post(accept)).json()["version"] == 4


async def test_another_change_expires_it(ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed) -> None:
    words = {"name": "Renamed", "content": proposed.plan["content"]}
    assert (await ana.put(proposed.path, json=words)).status_code == 200
    assert (await ana.get(proposed.proposal)).json()["status"] == "open"
    body = {"name": "Mine", "content": await kind.other_content(ana, stack)}
    assert (await ana.put(proposed.path, json=body)).status_code == 200
    assert (await ana.get(proposed.proposal)).json()["status"] == "expired"
    for decision in DECISIONS:
        problem = assert_problem(await ana.post(f"{proposed.proposal}/{decision}"), 409, "conflict")
        assert "expired" in problem["detail"]
    assert_problem(await ana.post(f"{proposed.proposal}/reject", json={}), 409, "conflict")


async def test_a_job_that_comes_too_late_begins_again(
    ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed
) -> None:
    body = {"name": "Mine", "content": await kind.other_content(ana, stack)}
    assert (await ana.put(proposed.path, json=body)).status_code == 200
    with pytest.raises(asyncpg.PostgresError, match=f"The {kind.noun} has changed") as late:
        await propose(proposed.plan["id"], stack, base_version=1)
    assert late.value.sqlstate == "PT412"
    assert (await ana.get(f"{proposed.path}/proposals")).json()["total"] == 1


async def test_a_decision_is_not_taken_back_over_another_change(
    ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed
) -> None:
    await ana.post(f"{proposed.proposal}/accept")
    rejected = (
        f"{proposed.path}/proposals/{await propose(proposed.plan['id'], stack, content=proposed.plan['content'])}"
    )
    await ana.post(f"{rejected}/reject", json={})
    await ana.put(proposed.path, json={"name": "x", "content": await kind.other_content(ana, stack)})
    for proposal in (proposed.proposal, rejected):
        assert_problem(await ana.post(f"{proposal}/undo"), 409, "conflict")
    assert (await ana.get(proposed.path)).json()["version"] == 3


async def test_an_item_that_is_gone_changes_nothing(
    ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed
) -> None:
    content = await kind.make_item(ana, stack)
    proposal = f"{proposed.path}/proposals/{await propose(proposed.plan['id'], stack, content=content)}"
    assert (await ana.delete(f"{kind.item_path}/{kind.item_in(content)}")).status_code == 204
    problem = assert_problem(await ana.post(f"{proposal}/accept"), 422, "validation_failed")
    assert fields_of(problem) == {("stored", "content", *kind.item_at)}
    assert (await ana.get(proposal)).json()["status"] == "open"
    assert (await ana.get(proposed.path)).json()["version"] == 1


async def test_an_etag_says_whether_it_has_changed(ana: Person, proposed: Proposed) -> None:
    seen = {"If-None-Match": (await ana.get(proposed.proposal)).headers["etag"]}
    assert (await ana.get(proposed.proposal, headers=seen)).status_code == 304
    await ana.post(f"{proposed.proposal}/reject")
    assert (await ana.get(proposed.proposal, headers=seen)).status_code == 200


async def test_many_accepts_make_one_version(ana: Person, proposed: Proposed) -> None:
    answers = await asyncio.gather(*(ana.post(f"{proposed.proposal}/accept") for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["version"] == 2
    assert (await ana.get(f"{proposed.path}/versions")).json()["total"] == 2


async def test_deciding_at_once_decides_once(ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed) -> None:
    body = {"name": "x", "content": await kind.other_content(ana, stack)}
    answers = await asyncio.gather(
        *(ana.post(f"{proposed.proposal}/{decision}") for decision in DECISIONS for _ in range(6)),
        *(ana.put(proposed.path, json=body) for _ in range(3)),
        *(ana.put(proposed.path, json=body | {"status": "active"}) for _ in range(3)),
        *(ana.post(f"{proposed.path}/{what}") for what in ("activate", "versions/1/restore") for _ in range(3)),
    )
    codes = Counter(answer.status_code for answer in answers)
    assert codes.keys() <= {200, 409}, codes
    history = (await ana.get(f"{proposed.path}/versions", params={"per_page": 100})).json()
    assert [version["version"] for version in history["items"]] == list(range(history["total"], 0, -1))
    assert history["total"] == (await ana.get(proposed.path)).json()["version"]
    assert (await ana.get(proposed.proposal)).json()["status"] in {"accepted", "rejected", "expired", "open"}


async def test_an_accept_and_a_put_take_turns(
    ana: Person, stack: Stack, kind: PlanKindCase, proposed: Proposed
) -> None:
    body = {"name": "x", "content": await kind.other_content(ana, stack)}
    accepted, put = await asyncio.gather(ana.post(f"{proposed.proposal}/accept"), ana.put(proposed.path, json=body))
    after = (await ana.get(proposed.path)).json()
    assert put.status_code == 200
    assert after["content"] == put.json()["content"]
    status = (await ana.get(proposed.proposal)).json()["status"]
    assert (accepted.status_code, status, after["version"]) in {(200, "accepted", 3), (409, "expired", 2)}
