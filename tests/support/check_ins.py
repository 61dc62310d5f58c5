"""People whom the companion has a reason to write to, and the clock that makes it look."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from dev.stack import Stack
from tests.support.people import Person
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.workouts import lifted, log, squat

CRON = "/api/internal/cron/check-in"
MESSAGES = "/api/v1/chat/messages"
ME = "/api/v1/users/me"


async def run_cron(anonymous: Person, stack: Stack) -> int:
    """Runs the task as a clock does; how many messages were written, to whomever."""
    answer = await anonymous.post(CRON, headers={"Authorization": f"Bearer {stack.cron_secret}"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["done"] is True
    changed: int = answer.json()["changed"]
    return changed


async def execute(stack: Stack, sql: str, *values: Any) -> None:
    """Sets the clock columns that no person may set."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()


async def awake(person: Person, **settings: Any) -> None:
    """The person has no quiet hours, whatever the time is now."""
    sent = {"check_ins": {"quiet_from": "00:00", "quiet_to": "00:00", **settings}}
    assert (await person.patch(ME, json=sent)).status_code == 200


async def check_ins_of(person: Person) -> list[dict[str, Any]]:
    """What the companion has written first, newest first."""
    items = (await person.get(MESSAGES, params={"per_page": 100})).json()["items"]
    return [item for item in items if item["kind"] == "check_in"]


async def evidence_of(person: Person, message: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await person.get(f"{MESSAGES}/{message['id']}/evidence")).json()["items"]
    return items


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def miss_sessions(person: Person, stack: Stack, **fields: Any) -> dict[str, Any]:
    """Plans every day, trained last six days ago; the plan."""
    content = content_with(await exercise_id(person, "Bench Press"))
    day = content["days"][0]
    content["days"] = [day | {"name": f"Day {number}", "weekday": number} for number in range(1, 8)]
    plan = await make_plan(person, content=content | {"deload_weeks": []}, **fields)
    assert (await person.post(f"/api/v1/plans/{plan['id']}/activate")).status_code == 200
    await execute(stack, "update public.plans set activated_at = $2 where id = $1", plan["id"], days_ago(60))
    await execute(stack, "update public.plan_versions set created_at = $2 where plan_id = $1", plan["id"], days_ago(60))
    await log(person, await squat(person), at=days_ago(6), plan_id=plan["id"], plan_day=0)
    return plan


async def near_deload(person: Person) -> dict[str, Any]:
    """A plan whose fourth week, a deload, begins tomorrow; the plan."""
    plan = await make_plan(person)
    assert (await person.post(f"/api/v1/plans/{plan['id']}/activate")).status_code == 200
    for days in (20, 13, 6, 1):
        await log(person, await squat(person), at=days_ago(days), plan_id=plan["id"], plan_day=0)
    return plan


async def set_record_a_year_ago(person: Person) -> None:
    """Squats 100 kg, and a week later 110 kg: a year ago to the day."""
    now, lift = datetime.now(UTC), await squat(person)
    a_year_ago = now.replace(year=now.year - 1, day=28 if (now.month, now.day) == (2, 29) else now.day)
    await log(person, lift, lifted(5, 100), at=a_year_ago - timedelta(days=7))
    await log(person, lift, lifted(5, 110), at=a_year_ago)


async def note_pain(person: Person, words: str = "Left knee hurts") -> set[str]:
    """Notes pain on two days of this week, and none on a third; the ids of the two workouts."""
    lift = await squat(person)
    await log(person, lift, at=days_ago(3), notes="No pain today")
    hurting = [await log(person, lift, at=days_ago(days), notes=words) for days in (1, 5)]
    return {logged["workout"]["id"] for logged in hurting}
