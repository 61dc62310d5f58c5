"""Jobs of many people and of hostile ones: who is next, what a job may take, and how it is stopped."""

import asyncio
import gzip
import os
import signal
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import asyncpg
import psutil
from pydantic import TypeAdapter

from dev.stack import Stack
from src.core.child_process import ChildLimits, run_in_child
from src.core.config import Settings
from src.core.shutdown import Shutdown
from src.jobs.worker import ClaimedJob, Worker
from src.vocabulary import JobKind
from tests.stack.jobs.test_jobs import enqueued, slipped_in
from tests.support import child_functions
from tests.support.jobs import JOBS, drain, service
from tests.support.people import Person

KIND = JobKind.IMPORT_ACCOUNT
ANY: TypeAdapter[Any] = TypeAdapter(Any)
STRONG = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps,Distance,Seconds"


async def job_of(person: Person, path: str) -> dict[str, Any]:
    job: dict[str, Any] = (await person.get(path)).json()
    return job


async def test_a_cancelled_job_stops_wherever_it_is(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    ended = []

    async def never_ends(job: ClaimedJob) -> dict[str, Any]:
        assert (await ana.delete(path)).status_code == 204
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(job.id)
        return {}

    await drain(settings, {KIND: never_ends})
    assert path.endswith(ended[0])
    assert (await job_of(ana, path))["status"] == "cancelled"


async def test_a_cancelled_job_ends_its_child(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    children = []

    async def reads(job: ClaimedJob) -> dict[str, Any]:
        async with run_in_child(ANY, child_functions.never_ends) as child:
            async for _ in child:
                children.append(psutil.Process(child.pid))
                await ana.delete(path)
        return {}

    await drain(settings, {KIND: reads})
    assert [child.is_running() for child in children] == [False]
    assert (await job_of(ana, path))["status"] == "cancelled"


async def test_what_takes_too_much_memory_is_not_tried_again(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)

    async def reads(job: ClaimedJob) -> dict[str, Any]:
        limits = ChildLimits(memory_bytes=128 * 1024 * 1024)
        async with run_in_child(ANY, child_functions.takes_memory, 1 << 30, limits=limits) as child:
            return {"items": [item async for item in child]}

    await drain(settings, {KIND: reads})
    job = await job_of(ana, path)
    assert (job["status"], job["problem"]["code"]) == ("failed", "job_failed")
    assert "memory" in job["problem"]["detail"]


async def test_a_kind_that_a_worker_does_not_know_is_left_for_another(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    async with service(settings) as gateway:
        await Worker(gateway, {JobKind.EMBED_MEMORIES: knows_nothing}, Shutdown(), None).drain()  # type: ignore[arg-type]
    assert (await job_of(ana, path))["status"] == "queued"


async def knows_nothing(job: ClaimedJob) -> dict[str, Any]:
    raise AssertionError(job.id)


async def test_three_of_a_person_run_at_most_however_many_workers_ask(
    ana: Person, bo: Person, settings: Settings
) -> None:
    for number in range(5):
        await enqueued(ana, f'{{"a": {number}}}')
        await enqueued(bo, f'{{"b": {number}}}')
    async with service(settings) as gateway:
        wanted = {"max_jobs": 2, "lease_seconds": 60, "kinds": [KIND]}
        answers = await asyncio.gather(*(gateway.call("claim_jobs", wanted) for _ in range(12)))
    claimed = [row for rows in answers for row in rows if row["user_id"] in {ana.id, bo.id}]
    assert Counter(row["user_id"] for row in claimed) == {ana.id: 3, bo.id: 3}
    assert len({row["id"] for row in claimed}) == 6


def lines(first: int, count: int) -> Iterator[str]:
    yield STRONG
    for number in range(first, first + count):
        day, minute = 1 + number % 28, number // 28
        yield f"2024-01-{day:02} {minute // 60 % 24:02}:{minute % 60:02}:00,Day,Squat (Barbell),1,100,5,0,0"


async def test_two_large_files_at_once_both_come_in(ana: Person, stack: Stack, settings: Settings) -> None:
    jobs = []
    for number in range(2):
        # Six megabytes that nothing packs, in the place of the file's name.
        content = ("\n".join(lines(number * 10, 3)) + "\n").encode()
        packed = gzip.compress(content)
        extra = os.urandom(6 << 20).replace(b"\x00", b"\x01")
        named = packed[:3] + bytes([packed[3] | 8]) + packed[4:10] + extra + b"\x00" + packed[10:]
        arguments = {"attachment": b64encode(named).decode(), "dedupe_key": f"file {number}"}
        jobs.append(await slipped_in(stack, ana, kind="import_workouts", **arguments))
    await drain(settings)
    for job in jobs:
        answer = await job_of(ana, f"{JOBS}/{job}")
        assert answer["status"] == "succeeded", answer
        assert answer["result"]["rows"]["imported"] == 3


async def test_a_child_that_is_killed_is_tried_again_and_nothing_is_twice(
    ana: Person, stack: Stack, settings: Settings
) -> None:
    content = "\n".join(lines(0, 1500)).encode()
    job = await slipped_in(stack, ana, kind="import_workouts", attachment=b64encode(gzip.compress(content)).decode())
    await asyncio.gather(drain(settings), kills_a_child())
    answer = await job_of(ana, f"{JOBS}/{job}")
    assert answer["status"] == "queued", answer
    await run_now(stack, job)
    await drain(settings)
    answer = await job_of(ana, f"{JOBS}/{job}")
    assert answer["status"] == "succeeded", answer
    assert answer["result"]["rows"] == {"imported": 1500, "duplicate": 0, "rejected": 0}
    assert (await ana.get("/api/v1/workouts")).json()["total"] == 1500


async def kills_a_child() -> None:
    """The first that reads a file."""
    while True:
        for child in psutil.Process().children():
            if "src.core.child_entry" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
                return
        await asyncio.sleep(0.01)


async def run_now(stack: Stack, job: str) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("update public.jobs set run_after = now() where id = $1", job)
    finally:
        await connection.close()
