"""People who write through outages as a good client does, and whether what was acknowledged is there, once.

A request is repeated until it is acknowledged, with the same `client_id` and the same `Idempotency-Key`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import uuid4

import httpx

from bench.people import BenchUser, sign_up_user
from bench.system import System
from bench.table import TableRow
from bench.workouts import lifts, sessions

OUTAGE: Final = frozenset({429, 503, 504})
JOBS_OVER_SECONDS: Final = 300.0
"""A lease of a worker that was killed lasts a minute, and a job may be tried five times."""
MAX_JOBS: Final = 25
"""A person may have 30 plans generated in a day."""
_JSON = {"content-type": "application/json"}


@dataclass
class Writer:
    """One person who writes, and what was acknowledged: ids by kind of thing.

    `answers` counts what was no success, by status or kind of failure. What is neither an outage nor in `allowed` is
    unexpected.
    """

    person: BenchUser
    new_session: Callable[[], bytes]
    allowed: frozenset[int] = frozenset()
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: {"workouts": [], "plans": [], "jobs": []})
    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    async def run(self, url: str, stop: asyncio.Event) -> None:
        """Writes until told to stop."""
        async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=self.person.headers, timeout=15) as client:
            number = 0
            while not stop.is_set():
                logged = await self._until_acknowledged(client, "/workouts/log", content=self.new_session())
                self.acknowledged["workouts"].append(logged["workout"]["id"])
                plan = await self._until_acknowledged(client, "/plans", json={"name": f"Plan {number}"})
                self.acknowledged["plans"].append(plan["id"])
                if number % 10 == 0 and len(self.acknowledged["jobs"]) < MAX_JOBS:
                    job = await self._until_acknowledged(client, "/plans/generate", json={"days_per_week": 3})
                    self.acknowledged["jobs"].append(job["id"])
                await self._until_acknowledged(client, f"/plans/{plan['id']}", method="DELETE", gone_is_fine=True)
                self.acknowledged["plans"].pop()
                number += 1

    async def _until_acknowledged(
        self, client: httpx.AsyncClient, path: str, *, method: str = "POST", gone_is_fine: bool = False, **body: Any
    ) -> Any:
        headers = {"idempotency-key": uuid4().hex, **_JSON} if method == "POST" else {}
        while True:
            try:
                answer = await client.request(method, path, headers=headers, **body)
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                if answer.is_success or (gone_is_fine and answer.status_code == 404):
                    return answer.json() if answer.content else None
                if answer.status_code not in OUTAGE | self.allowed:
                    self.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
                self.answers[str(answer.status_code)] += 1
            await asyncio.sleep(0.1)


@asynccontextmanager
async def writing(system: System, count: int, allowed: frozenset[int] = frozenset()) -> AsyncIterator[Sequence[Writer]]:
    """People who write while the block runs."""
    writers = [await _make_writer(system, allowed) for _ in range(count)]
    async with busy(system, writers):
        yield writers


class Actor(Protocol):
    """Somebody who does something until told to stop."""

    async def run(self, url: str, stop: asyncio.Event) -> None: ...


@asynccontextmanager
async def busy(system: System, actors: Sequence[Actor]) -> AsyncIterator[None]:
    """All of them do it while the block runs, and end what they have begun."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for actor in actors:
            group.create_task(actor.run(system.api_url, stop))
        yield
        stop.set()


async def _make_writer(system: System, allowed: frozenset[int]) -> Writer:
    """Somebody with a profile that plans can be generated for."""
    person = await sign_up_user(system.stack, plans=0)
    async with httpx.AsyncClient(base_url=f"{system.api_url}/api/v1", headers=person.headers) as client:
        about = {"sport": "gym", "experience_level": "intermediate"}
        (await client.patch("/users/me", json=about)).raise_for_status()
    return Writer(person, sessions(await lifts(system.api_url, person)), allowed)


def sum_of_answers(writers: Sequence[Writer]) -> Counter[str]:
    """What the writers were answered that was no success."""
    return sum((writer.answers for writer in writers), Counter[str]())


def text_of(answers: Counter[str]) -> str:
    """The counts in words, the most frequent first."""
    return ", ".join(f"{count} times {answer}" for answer, count in answers.most_common())


def acknowledged_writes(writers: Sequence[Writer]) -> int:
    """How many sessions and jobs were acknowledged. Plans come and go."""
    return sum(len(writer.acknowledged[kind]) for writer in writers for kind in ("workouts", "jobs"))


async def audit(system: System, writers: Sequence[Writer]) -> list[TableRow]:
    """What was acknowledged against what is there: lost is missing, doubled is there without having been asked for."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("workouts", "plans", "jobs")}
    for writer in writers:
        async with httpx.AsyncClient(
            base_url=f"{system.api_url}/api/v1", headers=writer.person.headers, timeout=30
        ) as client:
            jobs = await jobs_at_their_end(client)
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
            counts["jobs"]["not done"] += sum(job["status"] != "succeeded" for job in jobs)
    columns = ("acknowledged", "lost", "doubled", "not done")
    return [{"what": kind, **{name: str(found[name]) for name in columns}} for kind, found in counts.items()]


def print_answers(writers: Sequence[Writer]) -> None:
    """Prints what was no success, and what ought not to have been answered."""
    print("\nWhat the writers met:", dict(sum_of_answers(writers)))
    unexpected = [problem for writer in writers for problem in writer.unexpected]
    print("Other answers than these may be:", len(unexpected), *unexpected[:10], sep="\n  ")


async def jobs_at_their_end(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """All jobs, once none of them is under way, or as they are after a long time."""
    deadline = time.monotonic() + JOBS_OVER_SECONDS
    while True:
        jobs = await _all(client, "jobs")
        if all(job["status"] not in {"queued", "running"} for job in jobs) or time.monotonic() > deadline:
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
