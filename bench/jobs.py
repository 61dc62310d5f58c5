"""What hostile and large files cost the worker, under `ulimit -v` of 600 MB; and who is next in a long line."""

import asyncio
import contextlib
import gzip
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from bench.imports import lines_of_strong
from bench.people import BenchUser, sign_up_user
from bench.servers import ROOT
from bench.table import TableRow, print_table
from dev.stack import Options, Stack
from dev.worker_memory import WORKER_MEMORY

MIB = 1024 * 1024
LIMIT_KB = 600 * 1024
WAITING = 100_000
_ARCHIVE = b'{"format":"slow-burn","version":1,"profile":{},"workouts":['
_STRONG = b"Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n"
_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "20,000 brackets, 40 KB": ("import_account", lambda: _ARCHIVE + b"[" * 20_000 + b"]" * 20_000),
    "100,000 brackets, 200 KB": ("import_account", lambda: _ARCHIVE + b"[" * 100_000 + b"]" * 100_000),
    "30,000,000 brackets": ("import_account", lambda: _ARCHIVE + b"[" * 30_000_000),
    "a number of 40 MB": ("import_account", lambda: _ARCHIVE + b"1" * 40 * MIB),
    "a text of 60 MB": ("import_account", lambda: _ARCHIVE + b'"' + b"x" * 60 * MIB),
    "a text of 60 MB of escapes": ("import_account", lambda: _ARCHIVE + b'"' + b"\\u20ac" * 10 * MIB),
    "64 MB of small numbers in an item": ("import_account", lambda: _ARCHIVE + b"[" + b'1,"",' * 12 * MIB),
    "1 GB of spaces in 1 MB": ("import_account", lambda: b"{" + b" " * 1024 * MIB),
    "a CSV line of 10 MB": ("import_workouts", lambda: _STRONG + b"x" * 10 * MIB),
    "a CSV of 5,000,000 cells": ("import_workouts", lambda: _STRONG + b"," * 5_000_000),
    "200,000 rows of other exercises": (
        "import_workouts",
        lambda: _STRONG + b"".join(b"2024-01-01 10:00:00,A,E%d,1,1,1\n" % n for n in range(200_000)),
    ),
    "80,000 rows of other exercises": (
        "import_workouts",
        lambda: _STRONG + b"".join(b"2024-01-01 10:00:00,A,E%d,1,1,1\n" % n for n in range(80_000)),
    ),
    "a sound file of 100,000 rows": ("import_workouts", lambda: "\n".join(lines_of_strong()).encode()),
}


async def bench_jobs(folder: Path) -> None:
    """Prints three tables."""
    async with Stack(Options(folder, durable=False)) as stack:
        print_table(f"Claiming, with {WAITING:,} jobs of one person waiting", await _bench_claims(stack))
        rows = [await _bench_file(stack, name) for name in _FILES]
        print_table("Files, by a worker under ulimit -v of 600 MB", rows)
        print_table("Cancelling", await _bench_cancelling(stack))


@dataclass
class _Peak:
    """Peak resident bytes of the worker, and of one of its children."""

    worker: int = 0
    child: int = 0


@contextlib.asynccontextmanager
async def _limited_worker(stack: Stack) -> AsyncIterator[_Peak]:
    environment = {**os.environ, **WORKER_MEMORY, **stack.environment(), "LOG_LEVEL": "error"}
    command = f"ulimit -v {LIMIT_KB} && exec {sys.executable} -m src.worker"
    process = psutil.Popen(["bash", "-c", command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    peak = _Peak()

    async def sample() -> None:
        while True:
            with contextlib.suppress(psutil.Error):
                peak.worker = max(peak.worker, process.memory_info().rss)
                peak.child = max([peak.child, *(child.memory_info().rss for child in process.children())])
            await asyncio.sleep(0.02)

    sampling = asyncio.create_task(sample())
    try:
        yield peak
    finally:
        sampling.cancel()
        ended = process.poll()
        process.terminate()
        process.wait(timeout=30)
        if ended is not None:
            raise RuntimeError(f"The worker ended by itself: {ended}")


async def _enqueue(stack: Stack, person: BenchUser, kind: str, file: bytes) -> str:
    headers = {"apikey": stack.publishable_key, **person.headers}
    body = {"kind": kind, "input": {}, "dedupe_key": "x", "attachment": b64encode(file).decode()}
    async with httpx.AsyncClient(base_url=stack.supabase_url, headers=headers, timeout=60) as client:
        job: str = (await client.post("/rest/v1/rpc/enqueue_job", json=body)).raise_for_status().json()["id"]
    return job


async def _bench_file(stack: Stack, name: str) -> TableRow:
    kind, content = _FILES[name]
    file = await asyncio.to_thread(lambda: gzip.compress(content(), compresslevel=6))
    person = await sign_up_user(stack, plans=0)
    async with _limited_worker(stack) as peak:
        await asyncio.sleep(3)  # started, and with nothing to do
        started = time.perf_counter()
        job = await _over(stack, await _enqueue(stack, person, kind, file))
        seconds = time.perf_counter() - started
    return {
        "file": name,
        "job": f"{job['status']}, attempt {job['attempts']}",
        "seconds": f"{seconds:.1f}",
        "worker, peak": f"{peak.worker / 1e6:.0f} MB",
        "child, peak": f"{peak.child / 1e6:.0f} MB",
        "problem": (job["problem"] or "")[:80],
    }


async def _over(stack: Stack, job_id: str) -> Any:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        while True:
            job = await connection.fetchrow(
                "select status::text, attempts, problem ->> 'detail' as problem from public.jobs where id = $1", job_id
            )
            if job and job["status"] not in {"queued", "running"}:
                return job
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


def _wait_for_children(worker: psutil.Process) -> list[psutil.Process]:
    while not (children := worker.children()):
        time.sleep(0.01)
    return children


async def _bench_cancelling(stack: Stack) -> list[TableRow]:
    kind, content = _FILES["a sound file of 100,000 rows"]
    person = await sign_up_user(stack, plans=0)
    async with _limited_worker(stack):
        worker = next(p for p in psutil.Process().children() if "src.worker" in " ".join(p.cmdline()))
        job = await _enqueue(stack, person, kind, gzip.compress(content()))
        children = await asyncio.to_thread(_wait_for_children, worker)
        await asyncio.sleep(1)
        headers = {"apikey": stack.publishable_key, **person.headers}
        async with httpx.AsyncClient(base_url=stack.supabase_url, headers=headers) as client:
            (await client.post("/rest/v1/rpc/cancel_job", json={"job_id": job})).raise_for_status()
        started = time.perf_counter()
        await asyncio.to_thread(psutil.wait_procs, children)
        seconds = time.perf_counter() - started
    return [{"what": "from cancelling to the end of the child that reads the file", "measured": f"{seconds:.2f} s"}]


async def _bench_claims(stack: Stack) -> list[TableRow]:
    one, other = [await sign_up_user(stack, plans=0) for _ in range(2)]
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    fill = (
        "insert into public.jobs (user_id, kind, input, dedupe_key)"
        " select $1, 'embed_memories', '{}', 'job ' || n from generate_series(1, $2::integer) as n"
    )
    claim = "select user_id::text from public.claim_jobs(1, 600, array['embed_memories'])"
    rows: list[TableRow] = []

    async def measure(what: str) -> None:
        started = time.perf_counter()
        found = await connection.fetchval(claim)
        elapsed = time.perf_counter() - started
        who = {one.id: "the one", other.id: "the other", None: "nobody"}[found]
        rows.append({"what": what, "claimed": f"a job of {who}", "measured": f"{elapsed * 1000:.1f} ms"})

    try:
        # Turn by turn, as single inserts would have it.
        await connection.execute("alter table public.jobs disable trigger user")
        await connection.execute(
            fill.replace("dedupe_key)", "dedupe_key, turn)").replace("n from", "n, n from"), one.id, WAITING
        )
        await connection.execute("alter table public.jobs enable trigger user")
        await connection.execute("analyze public.jobs")
        for what in ("the first claim", "the second", "the third"):
            await measure(what)
        await measure("when three of the one run and nobody else waits")
        started = time.perf_counter()
        await connection.execute(fill, other.id, 1)
        elapsed = time.perf_counter() - started
        rows.append({"what": "enqueueing for the other", "claimed": "", "measured": f"{elapsed * 1000:.1f} ms"})
        await measure("when the other waits too")
        await connection.execute("delete from public.jobs")
    finally:
        await connection.close()
    return rows
