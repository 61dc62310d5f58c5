"""What a clock starts."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from dev.stack import Stack
from tests.support.people import Person, assert_problem
from tests.support.workouts import ledger_of, log, score_of, squat

CRON = "/api/internal/cron"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_only_the_secret_starts_a_task(method: str, anonymous: Person, ana: Person, stack: Stack) -> None:
    path = f"{CRON}/purge"
    assert (await anonymous.request(method, path, headers=bearer(stack.cron_secret))).status_code == 200
    for wrong in ("", "x", stack.secret_key, stack.cron_secret[:-1], f"{stack.cron_secret}x", ana.token):
        assert_problem(await anonymous.request(method, path, headers=bearer(wrong)), 401, "unauthenticated")
    assert_problem(await anonymous.request(method, path), 401, "unauthenticated")
    assert_problem(await ana.request(method, path), 401, "unauthenticated")


async def test_an_unknown_task_is_none(anonymous: Person, stack: Stack) -> None:
    answer = await anonymous.post(f"{CRON}/drop-tables", headers=bearer(stack.cron_secret))
    assert_problem(answer, 422, "validation_failed")


async def decay(anonymous: Person, stack: Stack) -> None:
    answer = await anonymous.post(f"{CRON}/decay-affinity", headers=bearer(stack.cron_secret))
    assert answer.status_code == 200, answer.text
    assert answer.json()["done"] is True


async def test_absence_costs_from_the_fifteenth_day_and_only_once(
    ana: Person, bo: Person, anonymous: Person, stack: Stack
) -> None:
    now = datetime.now(UTC)
    for person, days in ((ana, 17), (bo, 14)):
        lift = await squat(person)
        for day in range(2):
            await log(person, lift, at=now - timedelta(days=days + day), ended_at=None)
    for _ in range(2):
        await decay(anonymous, stack)
        assert await ledger_of(ana) == [("workout_logged", 10)] * 2 + [("absence", -2)] * 3
        assert await score_of(bo) == 20


async def test_the_score_stops_at_nought(ana: Person, anonymous: Person, stack: Stack) -> None:
    lift = await squat(ana)
    logged = await log(ana, lift, at=datetime.now(UTC) - timedelta(days=60), ended_at=None)
    for _ in range(2):
        await decay(anonymous, stack)
    assert await score_of(ana) == 0
    assert sum(points for _, points in await ledger_of(ana)) == 0
    # What absence has used up cannot be taken back again, nor does an edit bring it back.
    workout = logged["workout"]
    assert (await ana.delete(f"/api/v1/workouts/{workout['id']}")).status_code == 204
    assert await score_of(ana) == 0
    assert sum(points for _, points in await ledger_of(ana)) == 0


async def test_purging_removes_what_is_old(ana: Person, anonymous: Person, stack: Stack) -> None:
    await ana.post("/api/v1/plans", json={"name": "x"}, headers={"Idempotency-Key": "old"})
    await ana.post("/api/v1/plans", json={"name": "x"}, headers={"Idempotency-Key": "new"})
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        older = "update public.idempotency_keys set created_at = now() - interval '25 hours' where user_id = $1"
        await connection.execute(f"{older} and key = 'old'", ana.id)
        assert (await anonymous.post(f"{CRON}/purge", headers=bearer(stack.cron_secret))).json()["changed"] >= 1
        rows = await connection.fetch("select key from public.idempotency_keys where user_id = $1", ana.id)
    finally:
        await connection.close()
    assert [row[0] for row in rows] == ["new"]
