"""Plans that are adapted, to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from src.core.config import Settings
from tests.support.jobs import result_of
from tests.support.people import Person
from tests.support.plans import PLANS, content_with, exercise_id, make_plan
from tests.support.workouts import lifted, log

BENCH = {"sets": [{"set_type": "working", "reps_min": 6, "reps_max": 10, "weight_kg": 60}] * 3}


async def bench_plan(person: Person, *others: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An active plan of one day with bench presses of 60 kg."""
    content = content_with(await exercise_id(person, "Bench Press"), **BENCH, **changes)
    content["days"][0]["exercises"].extend(others)
    plan = await make_plan(person, content=content)
    assert (await person.post(f"{PLANS}/{plan['id']}/activate")).status_code == 200
    return plan


async def press(person: Person, plan: dict[str, Any], days_ago: int, *reps: int, weight: float = 60) -> list[str]:
    """Logs a session of the plan; the ids of its sets."""
    exercise = plan["content"]["days"][0]["exercises"][0]["exercise_id"]
    at = datetime.now(UTC) - timedelta(days=days_ago, hours=2)
    logged = await log(person, exercise, *(lifted(one, weight) for one in reps), at=at, plan_id=plan["id"], plan_day=0)
    return [one["id"] for one in logged["workout"]["exercises"][0]["sets"]]


async def adapt(person: Person, plan: dict[str, Any], settings: Settings, **body: Any) -> dict[str, Any]:
    """The result of a job to adapt a plan."""
    return await result_of(person, await person.post(f"{PLANS}/{plan['id']}/adapt", json=body), settings)


async def proposed(person: Person, plan: dict[str, Any], settings: Settings, **body: Any) -> dict[str, Any]:
    """What is proposed for a plan that has something to change."""
    result = await adapt(person, plan, settings, **body)
    assert result["proposal_id"], result
    response = await person.get(f"{PLANS}/{plan['id']}/proposals/{result['proposal_id']}")
    assert response.status_code == 200, response.text
    proposal: dict[str, Any] = response.json()
    assert len(proposal["changes"]) == result["changes"]
    return proposal


def path_of(proposal: dict[str, Any], what: str = "") -> str:
    return f"{PLANS}/{proposal['plan_id']}/proposals/{proposal['id']}{what and '/'}{what}"
