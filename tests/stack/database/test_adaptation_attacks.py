"""Proposals as an attacker sees them: everything that PostgREST must refuse."""

import json
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.core.errors import AppError
from tests.stack.database.rows import everything
from tests.support.cases import each_case
from tests.support.jobs import service
from tests.support.people import Person, rest_client
from tests.support.plans import PLANS, content_with, exercise_id, make_plan
from tests.support.proposals import propose

WRITES: dict[str, dict[str, Any]] = {
    "status": {"status": "accepted"},
    "changes": {"changes": []},
    "content": {"content": {"days": []}},
    "base_version": {"base_version": 99},
    "owner": {"user_id": "00000000-0000-4000-8000-00000000dead"},
    "reason": {"reason": "forged"},
}


@pytest.fixture
async def mine(ana: Person, stack: Stack) -> dict[str, str]:
    """An open proposal of Ana's own, and its plan."""
    plan = await make_plan(ana)
    return {"plan_id": plan["id"], "proposal_id": await propose(plan["id"], stack)}


async def test_nobody_changes_a_proposal(
    rest: httpx.AsyncClient, mine: dict[str, str], bos: dict[str, str], stack: Stack
) -> None:
    before = await everything(stack)
    with each_case() as case:
        for name, change in WRITES.items():
            with case(name):
                for whose in (f"id=eq.{mine['proposal_id']}", bos["plan_proposals"], "status=eq.open"):
                    assert (await rest.patch(f"/plan_proposals?{whose}", json=change)).status_code == 403
                    assert (await rest.delete(f"/plan_proposals?{whose}")).status_code == 403
                assert await everything(stack, "plan_proposals") == {"plan_proposals": before["plan_proposals"]}
    assert await everything(stack) == before


async def test_nobody_makes_one(rest: httpx.AsyncClient, ana: Person, mine: dict[str, str], stack: Stack) -> None:
    before = await everything(stack)
    (own,) = (await rest.get("/plan_proposals", params={"select": "*"})).json()
    del own["bytes"]  # generated: Postgres refuses it before it asks who may write
    for row in (own | {"id": str(uuid4())}, own):
        for prefer in ("return=minimal", "resolution=merge-duplicates", "resolution=ignore-duplicates"):
            forged = await rest.post("/plan_proposals", json=row, headers={"Prefer": prefer})
            assert forged.status_code == 403, forged.text
    assert await everything(stack) == before


async def test_anothers_proposal_is_not_there_to_decide(
    rest: httpx.AsyncClient, mine: dict[str, str], bo: Person, bos: dict[str, str], stack: Stack
) -> None:
    plan_id = bos["plans"].removeprefix("id=eq.")
    async with rest_client(stack, bo.token) as direct:
        offered = {"select": "id", "kind": "eq.workout"}
        (theirs,) = (await direct.get("/plan_proposals", params=offered)).json()
    before = await everything(stack)
    assert (await rest.get(f"/plan_proposals?{bos['plan_proposals']}")).json() == []
    for what in ("accept", "reject", "undo"):
        for plan, proposal in (
            (plan_id, theirs["id"]),
            (mine["plan_id"], theirs["id"]),
            (plan_id, mine["proposal_id"]),
        ):
            named = {"plan_id": plan, "proposal_id": proposal}
            assert (await rest.post(f"/rpc/{what}_plan_proposal", json=named)).json() == []
            async with rest_client(stack) as anyone:
                assert (await anyone.post(f"/rpc/{what}_plan_proposal", json=named)).status_code == 401
    assert (await rest.post("/rpc/adapt_plan", json={"plan_id": plan_id})).json() is None
    assert (
        await rest.post("/rpc/plan_proposals_page", json={"plan_id": plan_id, "page_offset": 0, "page_limit": 9})
    ).json() is None
    assert await everything(stack) == before


async def test_what_is_the_servers_is_not_called(
    rest: httpx.AsyncClient, mine: dict[str, str], ana: Person, stack: Stack
) -> None:
    asked = (await rest.post("/rpc/adapt_plan", json={"plan_id": mine["plan_id"]})).json()
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        # Held, so that nothing but the caller is wrong.
        await connection.execute(
            "update public.jobs set status = 'running', attempts = 1, lease_expires_at = now() + interval '1 hour'"
            " where id = $1",
            asked["id"],
        )
    finally:
        await connection.close()
    held = {"job_id": asked["id"], "attempt": 1}
    proposal = {"plan_id": mine["plan_id"], "base_version": 1, "source": "ai", "changes": [], "content": {"days": []}}
    before = await everything(stack)
    async with rest_client(stack) as anyone:
        for function, arguments in (
            ("keep_plan_proposal", {**held, "proposal": proposal}),
            ("adaptation_context", {**held, "plan_id": mine["plan_id"]}),
            ("adapt_plans", {}),
        ):
            assert (await rest.post(f"/rpc/{function}", json=arguments)).status_code == 403
            assert (await anyone.post(f"/rpc/{function}", json=arguments)).status_code == 401
    for private in ("lock_proposal", "apply_proposal", "keep_plan_version", "exercise_sessions", "prescribed_since"):
        assert (await rest.post(f"/rpc/{private}", json={})).status_code == 404
    assert await everything(stack) == before


TOO_MUCH: dict[str, dict[str, Any]] = {
    "three megabytes": {"reason": "x" * 3_000_000},
    "a long list": {"pain": ["knee"] * 100_000},
    "no joint": {"pain": ["heart"]},
    "no list": {"pain": "knee"},
    "an unknown argument": {"more": 1},
}


async def test_what_is_too_much_to_ask_is_refused(rest: httpx.AsyncClient, mine: dict[str, str], stack: Stack) -> None:
    before = await everything(stack)
    with each_case() as case:
        for name, arguments in TOO_MUCH.items():
            with case(name):
                refused = await rest.post("/rpc/adapt_plan", json={"plan_id": mine["plan_id"], **arguments})
                assert refused.status_code in {400, 404, 413}, refused.text
    assert await everything(stack) == before


async def test_ones_own_words_are_bounded(rest: httpx.AsyncClient, mine: dict[str, str], stack: Stack) -> None:
    for reason in ("x" * 501, " ", "\u00a0"):
        rejected = await rest.post("/rpc/reject_plan_proposal", json={**mine, "reason": reason})
        assert rejected.status_code == 400
    (own,) = (await rest.get("/plan_proposals", params={"select": "status,reason"})).json()
    assert own == {"status": "open", "reason": None}


async def test_the_worker_is_not_trusted_either(
    ana: Person, bo: Person, settings: Settings, stack: Stack, rest: httpx.AsyncClient
) -> None:
    """With the secret key, but for another person's plan, exercise or sets; or for what this person cannot do."""
    plan, theirs = await make_plan(ana), await make_plan(bo)
    own = {"name": "Bo's Own", "kind": "weight_reps", "primary_muscles": ["chest"]}
    exercise = (await bo.post("/api/v1/exercises", json=own)).json()["id"]
    out_of_reach = await exercise_id(ana, "Leg Press")
    asked = (await rest.post("/rpc/adapt_plan", json={"plan_id": plan["id"]})).json()
    content = plan["content"]
    change = {
        "rule": "x",
        "exercise_id": content["days"][0]["exercises"][0]["exercise_id"],
        "path": "/days/0",
        "from": None,
        "to": None,
        "evidence": [],
        "explanation": "x",
    }
    good = {"plan_id": plan["id"], "base_version": 1, "source": "rules", "content": content, "changes": [change]}
    wrong = [
        good | {"plan_id": theirs["id"]},
        good | {"base_version": 7},
        good | {"content": content_with(exercise)},
        good | {"content": content_with(out_of_reach)},
        good | {"content": {"days": []}},
        good | {"changes": [change | {"evidence": [str(uuid4())]}]},
        good | {"changes": []},
        good | {"source": "manual"},
    ]
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        async with service(settings) as gateway:
            await gateway.call("claim_jobs", {"max_jobs": 100, "lease_seconds": 60})
            before = await everything(stack)
            for proposal in wrong:
                with pytest.raises(AppError):
                    await gateway.call(
                        "keep_plan_proposal", {"job_id": asked["id"], "attempt": 1, "proposal": proposal}
                    )
            assert await everything(stack) == before
            kept = await gateway.call("keep_plan_proposal", {"job_id": asked["id"], "attempt": 1, "proposal": good})
            assert kept == {"source": "rules", "model": None, "changes": 1}
        stored = await connection.fetchval("select content from public.plan_proposals where id = $1", asked["id"])
        assert json.loads(stored) == content
    finally:
        await connection.execute("delete from public.jobs where status in ('queued', 'running')")
        await connection.close()
    assert (await ana.get(f"{PLANS}/{plan['id']}")).json()["version"] == 1
