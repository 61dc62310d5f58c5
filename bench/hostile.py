"""Two hundred thousand random and hostile requests from one account, while another account's things must not change.

Prints how often each status came back, and each kind of 5xx, a changed row of the victim, or a worker that died.
"""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil

from bench.hostile_requests import HostileRequest, RequestMaker
from bench.people import BenchUser, sign_up_user
from bench.servers import ROOT, serving
from bench.table import print_table
from bench.workouts import lifts, sessions
from dev.stack import Options, Stack
from dev.wide_limits import WIDE_LIMITS
from dev.worker_memory import WORKER_MEMORY

REQUESTS, CALLERS, RAW = 200_000, 16, 2_000
WORKER_KIB = 600 * 1024
_TABLES = "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
_FUNCTIONS = "select distinct 'rpc/' || proname from pg_proc where pronamespace = 'public'::regnamespace"
_OWNED = """
    select c.relname::text from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attname = 'user_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1"""
_SOME_IDS = "select id::text from public.{} order by random() limit 20"
_DIGEST = "select md5(string_agg(t::text, '' order by id)) from public.{} as t where user_id = $1"


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0

    def add(self, request: HostileRequest, status: int, body: str, seconds: float) -> None:
        self.statuses[f"{request.where} {status}"] += 1
        self.slowest = max(self.slowest, seconds)
        if status >= 500:
            described = f"{request.method} {request.path[:300]} {(request.body or b'')[:300]!r}: {body[:200]}"
            self.faults.setdefault(f"{request.where} {request.name} {status}", described)


async def bench_hostile(folder: Path, *, requests: int = REQUESTS, seed: int = 1) -> None:
    """Prints the table and what was wrong."""
    async with Stack(Options(folder, durable=False)) as stack:
        attacker, victim = [await sign_up_user(stack) for _ in range(2)]
        with serving("src.main:app", stack, WIDE_LIMITS) as api, _limited_worker(stack) as worker:
            await _train(api.url, victim)
            await _train(api.url, attacker)
            connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
            try:
                before = await _digest(connection, victim)
                maker = RequestMaker(
                    json.loads((ROOT / "openapi.json").read_text()),
                    [row[0] for row in await connection.fetch(f"{_TABLES} union all {_FUNCTIONS}")],
                    await _ids(connection),
                    seed,
                )
                started = time.perf_counter()
                tally = await _attack(stack, api.url, attacker, maker, requests)
                elapsed = time.perf_counter() - started
                await _raw(api.url, maker)
                await _wait_for_jobs(connection)
                unchanged = await _digest(connection, victim) == before
            finally:
                await connection.close()
            alive = worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE
            async with httpx.AsyncClient() as client:
                healthy = (await client.get(f"{api.url}/api/health")).status_code == 200
            memory = api.process.memory_info().rss >> 20
        rows = [{"answer": status, "times": f"{count:,}"} for status, count in sorted(tally.statuses.items())]
        print_table(f"{requests:,} requests in {elapsed:.0f} s, the slowest {tally.slowest:.1f} s", rows)
        print(f"\nThe victim's rows are unchanged: {unchanged}. The worker in {WORKER_KIB // 1024} MB lives: {alive}.")
        print(f"The API is healthy: {healthy}, with {memory} MB. Kinds of 5xx: {len(tally.faults)}")
        for name, told in sorted(tally.faults.items()):
            print(f"  {name}: {told}")


async def _attack(stack: Stack, url: str, attacker: BenchUser, maker: RequestMaker, count: int) -> Tally:
    tally, left, source = Tally(), iter(range(count)), maker.requests()
    rest_headers = {**attacker.headers, "apikey": stack.publishable_key}

    async def call(client: httpx.AsyncClient) -> None:
        for _ in left:
            request = next(source)
            base, headers = (f"{url}", attacker.headers)
            if request.where == "rest":
                base, headers = f"{stack.supabase_url}/rest/v1", rest_headers
            started = time.perf_counter()
            try:
                sent = client.build_request(
                    request.method, base + request.path, headers={**headers, **request.headers}, content=request.body
                )
                answer = await client.send(sent, stream=True)
                body = (await asyncio.wait_for(answer.aread(), 20))[:300].decode(errors="replace")
                await answer.aclose()
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                tally.statuses[f"{request.where} {type(error).__name__}"] += 1
                continue
            tally.add(request, answer.status_code, body, time.perf_counter() - started)

    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(call(client) for _ in range(CALLERS)))
    return tally


async def _raw(url: str, maker: RequestMaker) -> None:
    """Writes what is no HTTP, and lets the server end the connection or not."""
    host, _, port = url.removeprefix("http://").partition(":")
    for _ in range(RAW):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(maker.raw())
            await writer.drain()
            await asyncio.wait_for(reader.read(100), 0.05)
        except (OSError, TimeoutError):
            pass
        finally:
            writer.close()


async def _train(url: str, person: BenchUser) -> None:
    make = sessions(await lifts(url, person))
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=person.headers, timeout=30) as client:
        about = {"sport": "gym", "experience_level": "intermediate"}
        (await client.patch("/users/me", json=about)).raise_for_status()
        for _ in range(5):
            answer = await client.post("/workouts/log", content=make(), headers={"content-type": "application/json"})
            answer.raise_for_status()
        for text in ("I prefer squats in the morning.", "My left knee hurts."):
            client_id = hashlib.md5(f"{person.id}{text}".encode()).hexdigest()  # noqa: S324  # an id, no secret
            (await client.post("/chat", json={"client_id": client_id, "message": text})).raise_for_status()


async def _ids(connection: asyncpg.Connection) -> list[str]:
    """Some of everything that exists."""
    ids: list[str] = []
    for table in [row[0] for row in await connection.fetch(_OWNED)]:
        some = _SOME_IDS.format(table)
        ids += [row[0] for row in await connection.fetch(some)]
    return ids


async def _digest(connection: asyncpg.Connection, person: BenchUser) -> dict[str, str]:
    """Of all that a person owns, table by table."""
    found = {}
    for table in [row[0] for row in await connection.fetch(_OWNED)]:
        found[table] = await connection.fetchval(_DIGEST.format(table), person.id)
    found["users"] = await connection.fetchval("select md5(u::text) from public.users as u where id = $1", person.id)
    return found


async def _wait_for_jobs(connection: asyncpg.Connection) -> None:
    open_jobs = "select count(*) from public.jobs, pg_sleep(0.1) where finished_at is null"
    deadline = time.monotonic() + 300
    while await connection.fetchval(open_jobs) and time.monotonic() < deadline:
        pass


@contextmanager
def _limited_worker(stack: Stack) -> Iterator[psutil.Process]:
    """The worker with as much address space as a small machine has memory."""
    environment = {**os.environ, **WORKER_MEMORY, **stack.environment(), "LOG_LEVEL": "warning"}
    command = ["sh", "-c", f"ulimit -v {WORKER_KIB}; exec {sys.executable} -m src.worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
