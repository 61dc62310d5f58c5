"""A worker that ends at any step of a job: nothing is lost, and nothing is done twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from dev.stack import Stack
from src.ai.rule_based import RuleBasedProvider
from src.core.config import Settings
from src.core.http_client import HttpClient, build_client
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace
from src.jobs.worker import Worker
from src.worker import HANDLERS
from tests.support.jobs import drain
from tests.support.people import Person
from tests.support.plans import make_plan
from tests.support.server import ROOT
from tests.support.upstreams import Exchange, scripted
from tests.support.workouts import log, squat

EXPORT, IMPORT = "/api/v1/users/me/export", "/api/v1/users/me/import"
DAY = datetime(2025, 6, 2, 10, tzinfo=UTC)


class Killed(BaseException):
    """Ends a worker where it stands: unlike an Exception, nobody catches it."""


class DyingGateway(ServiceGateway):
    """Ends its worker at the nth call, before or after the database has done it."""

    def __init__(self, *arguments: Any, at: int, done: bool) -> None:
        super().__init__(*arguments)
        self.left, self.done = at, done

    async def call(self, function: str, params: Any = None) -> Any:
        # Leases are renewed by the clock, which is no step of a job.
        self.left -= function != "renew_leases"
        if self.left == 0 and not self.done:
            raise Killed
        answer = await super().call(function, params)
        if self.left == 0:
            raise Killed
        return answer


async def leases_are_over(stack: Stack) -> None:
    """As when the time had passed."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute(
            "update public.jobs set lease_expires_at = now() - interval '1 s', attempts = 1 where status = 'running'"
        )
    finally:
        await connection.close()


async def document_of(person: Person) -> str:
    lift = await squat(person)
    await make_plan(person)
    for day in range(3):
        await log(person, lift, at=DAY + timedelta(days=day))
    return (await person.get(EXPORT)).text


async def kept(person: Person) -> list[Any]:
    """What must be there in the end, whatever happened on the way."""
    return [
        (await person.get("/api/v1/stats/summary")).json(),
        (await person.get("/api/v1/plans")).json()["total"],
        (await person.get("/api/v1/workouts")).json()["total"],
    ]


async def accepted(person: Person, document: str) -> str:
    answer = await person.post(IMPORT, content=document, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text
    path: str = answer.headers["location"]
    return path


async def test_a_worker_that_dies_at_any_step(
    ana: Person, newcomer: Callable[[], Awaitable[Person]], settings: Settings, stack: Stack
) -> None:
    document, expected = await document_of(ana), await kept(ana)
    await drain(settings)
    for step in range(1, 99):
        for done in (False, True):
            person = await newcomer()
            path = await accepted(person, document)
            alive = await dies_at(step, settings, done=done)
            await leases_are_over(stack)
            await drain(settings)
            job = (await person.get(path)).json()
            assert job["status"] == "succeeded", job
            assert job["result"]["sections"]["workouts"] == {"imported": 3}
            assert await kept(person) == expected
        if alive:
            assert step > 7  # taken, profile, progress, plans, workouts, the end, and nothing more to take
            return


async def dies_at(step: int, settings: Settings, *, done: bool) -> bool:
    """A worker that dies at this step; whether it did not come so far."""
    async with build_client() as client:
        gateway = DyingGateway(
            RestClient(HttpClient(client, timeout=30), {}), settings, Trace(None), at=step, done=done
        )
        try:
            await Worker(gateway, HANDLERS, Shutdown(), RuleBasedProvider()).drain()
        except Killed:
            return False
        return True


KILLS = [("import_batch", 1, True), ("import_batch", 3, False), ("finish_job", 1, True)]


@pytest.mark.parametrize(("function", "nth", "done"), KILLS)
async def test_a_worker_process_that_is_killed(
    function: str, nth: int, done: bool, ana: Person, bo: Person, settings: Settings, stack: Stack
) -> None:
    document, expected = await document_of(ana), await kept(ana)
    path = await accepted(bo, document)
    await work_off_killed(stack, function, nth, done=done)
    await leases_are_over(stack)
    await drain(settings)
    assert (await bo.get(path)).json()["status"] == "succeeded"
    assert await kept(bo) == expected


async def passed_on(exchange: Exchange, stack: Stack) -> tuple[int, bytes]:
    """What the real thing answers."""
    async with httpx.AsyncClient() as onward:
        headers = {"apikey": stack.secret_key, "content-type": "application/json"}
        url = f"{stack.supabase_url}{exchange.request.target}"
        answer = await onward.post(url, content=exchange.request.body, headers=headers)
    return answer.status_code, answer.content


def worker_at(url: str, stack: Stack) -> subprocess.Popen[bytes]:
    """A worker as production runs it, for a Supabase at this address."""
    environment = {**os.environ, **stack.environment(), "SUPABASE_URL": url, "LOG_LEVEL": "error"}
    return subprocess.Popen([sys.executable, "-m", "src.worker"], cwd=ROOT, env=environment)


async def work_off_killed(stack: Stack, function: str, nth: int, *, done: bool) -> None:
    """A worker that is killed at the nth request for a function, before or after it was done."""
    dead = asyncio.Event()
    seen = 0

    async def script(exchange: Exchange) -> None:
        nonlocal seen
        asked = exchange.request.path.endswith(function)
        seen += asked
        fatal = asked and seen == nth
        answer = (0, b"") if fatal and not done else await passed_on(exchange, stack)
        if not fatal:
            return await exchange.answer(*answer)
        process.send_signal(signal.SIGKILL)
        dead.set()
        return await exchange.stall()

    async with scripted(script) as server:
        process = worker_at(server.url, stack)
        try:
            async with asyncio.timeout(60):
                await dead.wait()
        finally:
            process.kill()
            assert await asyncio.to_thread(process.wait, 30) == -signal.SIGKILL


async def test_a_worker_that_is_asked_to_stop_gives_its_job_back(ana: Person, stack: Stack) -> None:
    path = await accepted(ana, json.dumps({"format": "slow-burn", "version": 1, "profile": {}}))
    begun = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        if not exchange.request.path.endswith("import_batch"):
            return await exchange.answer(*await passed_on(exchange, stack))
        begun.set()
        return await exchange.stall()

    async with scripted(script) as server:
        process = worker_at(server.url, stack)
        async with asyncio.timeout(60):
            await begun.wait()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 30) == 0
    assert (await ana.get(path)).json()["status"] == "queued"
    await ana.delete(path)
