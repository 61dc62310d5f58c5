"""Kill -9 of everything in random order while people write: is every acknowledged write there, once?

Writers repeat a request until it is acknowledged, as a good client does: the same `client_id`, the same
`Idempotency-Key`. What the stack answers meanwhile may be an outage (429, 502, 503, 504 or no answer), nothing else.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bench.people import BenchUser, sign_up_user
from bench.table import print_table
from bench.workouts import lifts, sessions
from dev.api import api_command, worker_command
from dev.child import Child
from dev.net import free_port
from dev.stack import Options, Stack

PEOPLE, ROUNDS = 6, 20
OUTAGE = {429, 502, 503, 504}
HEALED_WITHIN_SECONDS = 60.0
_JSON = {"content-type": "application/json"}


@dataclass
class Writer:
    """One person who writes until told to stop, and what was acknowledged: ids by kind of thing."""

    person: BenchUser
    new_session: Callable[[], bytes]
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: {"workouts": [], "plans": [], "jobs": []})
    outages: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    async def run(self, url: str, stop: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=self.person.headers, timeout=15) as client:
            for number in range(1_000_000):
                if stop.is_set():
                    return
                logged = await self._until_acknowledged(client, "/workouts/log", content=self.new_session())
                self.acknowledged["workouts"].append(logged["workout"]["id"])
                plan = await self._until_acknowledged(client, "/plans", json={"name": f"Plan {number}"})
                self.acknowledged["plans"].append(plan["id"])
                if number % 10 == 0:
                    job = await self._until_acknowledged(client, "/plans/generate", json={"days_per_week": 3})
                    self.acknowledged["jobs"].append(job["id"])
                await self._until_acknowledged(client, f"/plans/{plan['id']}", method="DELETE", gone_is_fine=True)
                self.acknowledged["plans"].pop()

    async def _until_acknowledged(
        self, client: httpx.AsyncClient, path: str, *, method: str = "POST", gone_is_fine: bool = False, **body: Any
    ) -> Any:
        headers = {"idempotency-key": uuid4().hex, **_JSON} if method == "POST" else {}
        while True:
            try:
                answer = await client.request(method, path, headers=headers, **body)
            except httpx.TransportError as error:
                self.outages[type(error).__name__] += 1
            else:
                if answer.is_success or (gone_is_fine and answer.status_code == 404):
                    return answer.json() if answer.content else None
                if answer.status_code not in OUTAGE:
                    self.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
                self.outages[str(answer.status_code)] += 1
            await asyncio.sleep(0.1)


@dataclass
class Running:
    """The stack with the API and a worker, each started again when it ends."""

    stack: Stack
    api_url: str
    children: Sequence[Child]

    async def healthy_after(self) -> float:
        """Seconds until the API reaches the database and everything runs."""
        started = time.perf_counter()
        async with httpx.AsyncClient(timeout=2) as client:
            while time.perf_counter() - started < HEALED_WITHIN_SECONDS:
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.get(f"{self.api_url}/api/health")
                    if answer.status_code == 200 and all(child.running for child in self.children):
                        return time.perf_counter() - started
                await asyncio.sleep(0.05)
        raise RuntimeError("It did not heal.")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """Everything that production runs, durable, under supervision."""
    async with Stack(Options(folder)) as stack:
        environment = {**stack.environment(), "LOG_LEVEL": "warning"}
        port = free_port()
        extra = [
            Child(command, folder / f"{command.name}.log")
            for command in (api_command(port, environment), worker_command(environment))
        ]
        children = [*stack.children, *extra]
        for child in extra:
            await child.start()
        await extra[0].ready()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_keep_running(child)) for child in children]
            try:
                yield Running(stack, f"http://127.0.0.1:{port}", children)
            finally:
                for task in tasks:
                    task.cancel()
                for child in extra:
                    await child.stop()


async def _keep_running(child: Child) -> None:
    """Starts it again whenever it ends, as often as it is killed: a platform does not give up."""
    while True:
        await child.exited()
        if not child.running:
            await child.start()


async def bench_chaos(folder: Path, *, rounds: int = ROUNDS, seed: int = 1) -> None:
    """Prints what each round did, and what was found in the end."""
    chance = random.Random(seed)  # noqa: S311  # a seed makes the order repeatable
    async with running(folder) as system:
        writers = await make_writers(system, PEOPLE)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.run(system.api_url, stop))
            rows = []
            for number in range(1, rounds + 1):
                await asyncio.sleep(chance.uniform(0.5, 2.5))
                victims = chance.sample(list(system.children), chance.choice((1, 1, 1, 2, 3)))
                for victim in victims:
                    victim.kill()
                await asyncio.sleep(0.3)
                healed = await system.healthy_after()
                names = ", ".join(victim.name for victim in victims)
                rows.append({"round": str(number), "killed": names, "healthy after s": f"{healed + 0.3:.1f}"})
            stop.set()
        print_table("Kill -9", rows)
        print_table("Acknowledged and found", await audit(system, writers))


async def make_writers(system: Running, count: int) -> list[Writer]:
    """People with a profile that plans can be generated for."""
    writers = []
    for _ in range(count):
        person = await sign_up_user(system.stack, plans=0)
        async with httpx.AsyncClient(base_url=f"{system.api_url}/api/v1", headers=person.headers) as client:
            about = {"sport": "gym", "experience_level": "intermediate"}
            (await client.patch("/users/me", json=about)).raise_for_status()
        writers.append(Writer(person, sessions(await lifts(system.api_url, person))))
    return writers


async def audit(system: Running, writers: Sequence[Writer]) -> list[dict[str, str]]:
    """What was acknowledged against what is there: lost is missing, doubled is there without having been asked for."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("workouts", "plans", "jobs")}
    for writer in writers:
        async with httpx.AsyncClient(
            base_url=f"{system.api_url}/api/v1", headers=writer.person.headers, timeout=30
        ) as client:
            jobs = await _over(client)
            done = [await client.get(f"/jobs/{job['id']}") for job in jobs if job["status"] == "succeeded"]
            generated = [answer.json()["result"]["plan_id"] for answer in done]
            expected = {**writer.acknowledged, "plans": [*writer.acknowledged["plans"], *generated]}
            for kind, ids in expected.items():
                there = [item["id"] for item in await _all(client, kind)]
                counts[kind] += Counter(
                    acknowledged=len(ids),
                    lost=len(set(ids) - set(there)),
                    doubled=len(there) - len(set(there)) + len(set(there) - set(ids)),
                )
            counts["jobs"]["failed"] += sum(job["status"] != "succeeded" for job in jobs)
    unexpected = [problem for writer in writers for problem in writer.unexpected]
    print("\nOther answers than an outage:", len(unexpected), *unexpected[:10], sep="\n  ")
    outages = sum((writer.outages for writer in writers), Counter[str]())
    print("Outages that the writers met:", dict(outages))
    columns = ("acknowledged", "lost", "doubled", "failed")
    return [{"what": kind, **{name: str(found[name]) for name in columns}} for kind, found in counts.items()]


async def _over(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """All jobs, once none of them is under way: a lease of a worker that was killed lasts a minute."""
    while True:
        jobs = await _all(client, "jobs")
        if all(job["status"] not in {"queued", "running"} for job in jobs):
            return jobs
        await asyncio.sleep(0.5)


async def _all(client: httpx.AsyncClient, kind: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for page in range(1, 1000):
        answer = await client.get(f"/{kind}", params={"page": page, "per_page": 100})
        while answer.status_code == 429:
            await asyncio.sleep(0.5)
            answer = await client.get(f"/{kind}", params={"page": page, "per_page": 100})
        found = answer.raise_for_status().json()["items"]
        items += found
        if len(found) < 100:
            break
    return items
