"""What one free account can send to PostgREST, and a process of its own that sends it."""

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

BACK_REFERENCE = r"(.%2B)(.%2B)(.%2B)(.%2B)\1\2\3\4"
PATTERN = "*" + "a*" * 60 + "zz*"
LARGE = b'{"payload": {"name": "' + b"x" * 20_000_000 + b'"}}'
ROWS = json.dumps([{"kind": "body_weight", "value": 80, "measured_at": "2020-01-01"}] * 100_000).encode()


@dataclass(frozen=True)
class Attack:
    """One request, repeated as fast as its callers can."""

    name: str
    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


ATTACKS = (
    Attack("regular expression", f"exercises?instructions=match.{BACK_REFERENCE}"),
    Attack("full text search", "exercises?instructions=fts.press"),
    Attack("60 wildcards", f"exercises?instructions=ilike.{PATTERN}"),
    Attack("sets→workouts→sets", "sets?select=id,workouts(id,sets(*,workouts(id,sets(id))))"),
    Attack("workouts→sets", "workouts?select=*,sets(*)"),
    Attack("ten times the sets", "workouts?select=id," + ",".join(f"s{n}:sets(*)" for n in range(10))),
    Attack("a column 1,000 times", "sets?select=" + ",".join(f"c{n}:id" for n in range(1000))),
    Attack("or() of 2,000", "sets?or=(" + ",".join(f"reps.eq.{n}" for n in range(2000)) + ")"),
    Attack("or() 1,000 deep", "sets?or=(" + "or(" * 1000 + "reps.eq.1,reps.eq.2" + ",reps.eq.3)" * 1000 + ")"),
    Attack("order by documents", "plans?order=content->days->0,content->days->1,content->days->2&select=id"),
    Attack("counting everything", "sets?select=id&weight_kg=neq.1&limit=1", headers={"prefer": "count=exact"}),
    Attack("the description", ""),
    Attack("100,000 rows", "measurements", "POST", ROWS),
    Attack("plain reads", "plans?select=id,name&limit=20"),
    Attack("plain writes", "users?id=neq.00000000-0000-0000-0000-000000000000", "PATCH", b'{"name": "Mallory"}'),
    # Last, because PostgREST works it off for a while.
    Attack("20 MB to a function", "rpc/create_plan", "POST", LARGE),
)


@contextmanager
def attacking(attack: Attack, url: str, token: str, *, callers: int) -> Iterator[dict[str, int]]:
    """Attacks until the block ends. Afterwards the dictionary holds how often each status was answered."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_attack, args=(attack, url, token, callers, theirs))
    process.start()
    answered: dict[str, int] = {}
    try:
        ours.recv()
        yield answered
        ours.send("stop")
        answered.update(ours.recv())
    finally:
        process.kill()
        process.join()


def _attack(attack: Attack, url: str, token: str, callers: int, parent: Connection) -> None:
    os.nice(10)  # it stands for another machine, so its own work does not count
    asyncio.run(_send(attack, url, token, callers, parent))


async def _send(attack: Attack, url: str, token: str, callers: int, parent: Connection) -> None:
    answered: dict[str, int] = {}
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", **attack.headers}
    async with ClientBuilder().max_connections(callers).timeout(timedelta(seconds=60)).build() as client:
        tasks = [asyncio.create_task(_repeat(client, attack, url, headers, answered)) for _ in range(callers)]
        parent.send("begun")
        await asyncio.to_thread(parent.recv)
        parent.send(answered)
        for task in tasks:
            task.cancel()


async def _repeat(
    client: Client, attack: Attack, url: str, headers: Mapping[str, str], answered: dict[str, int]
) -> None:
    while True:
        started = time.perf_counter()
        try:
            status = await _once(client, attack, url, headers)
        except PyreqwestError as error:
            status = type(error).__name__
            await asyncio.sleep(max(0.0, 0.01 - (time.perf_counter() - started)))
        answered[status] = answered.get(status, 0) + 1


async def _once(client: Client, attack: Attack, url: str, headers: Mapping[str, str]) -> str:
    request = client.request(attack.method, f"{url}/{attack.path}").headers(headers)
    if attack.body is not None:
        request = request.body_bytes(attack.body)
    async with request.build_streamed() as response:
        while await response.body_reader.read_chunk():
            pass
        return str(response.status)
