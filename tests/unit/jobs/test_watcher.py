"""However many streams there are, one question finds what has changed, and an outage ends none of them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from src.core.errors import Unavailable
from src.core.shutdown import Shutdown
from src.jobs import watcher as watcher_module
from src.jobs.watcher import JobWatcher, Watch

START = datetime(2026, 11, 2, tzinfo=UTC)
LATER = START + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "POLL_SECONDS", 0.001)


class Database:
    """When each job changed last; `down` while it does not answer."""

    def __init__(self) -> None:
        self.jobs: dict[UUID, datetime] = {}
        self.asked: list[Sequence[UUID]] = []
        self.down = False
        self.failed = asyncio.Event()

    async def find(self, job_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        self.asked.append(job_ids)
        if self.down:
            self.failed.set()
            raise Unavailable
        return {job_id: self.jobs[job_id] for job_id in job_ids if job_id in self.jobs}

    def add(self) -> UUID:
        job_id = uuid4()
        self.jobs[job_id] = START
        return job_id


async def told(watch: Watch) -> bool:
    return await watch.wait(30)


async def test_who_follows_a_job_is_told_and_nobody_else() -> None:
    database = Database()
    mine, other = database.add(), database.add()
    watcher = JobWatcher(database.find, Shutdown())
    with watcher.watch(mine, START) as watch, watcher.watch(mine, START) as twice, watcher.watch(other, START) as quiet:
        database.jobs[mine] = LATER
        assert await told(watch)
        assert await told(twice)
        assert not await quiet.wait(0.01)
        assert not await watch.wait(0.01)
        del database.jobs[mine]
        assert await told(watch)
    assert all(len(job_ids) == len(set(job_ids)) == 2 for job_ids in database.asked)


async def test_a_change_before_the_first_question_is_seen() -> None:
    database = Database()
    job_id = database.add()
    database.jobs[job_id] = LATER
    with JobWatcher(database.find, Shutdown()).watch(job_id, START) as watch:
        assert await told(watch)
        watch.forget()
        assert await told(watch)


async def test_an_outage_is_outlived() -> None:
    database = Database()
    job_id = database.add()
    with JobWatcher(database.find, Shutdown()).watch(job_id, START) as watch:
        database.down = True
        await database.failed.wait()
        database.jobs[job_id] = LATER
        database.down = False
        assert await told(watch)


async def test_the_end_of_the_server_wakes_all() -> None:
    database, shutdown = Database(), Shutdown()
    watcher = JobWatcher(database.find, shutdown)
    with watcher.watch(database.add(), START) as one, watcher.watch(database.add(), START) as two:
        shutdown.request()
        assert await told(one)
        assert await told(two)


async def test_many_jobs_are_asked_for_in_parts_and_none_is_asked_for_when_nobody_watches() -> None:
    database = Database()
    watcher = JobWatcher(database.find, Shutdown())
    opened = [watcher.watch(database.add(), START) for _ in range(1200)]
    watches = [each.__enter__() for each in opened]
    database.jobs = dict.fromkeys(database.jobs, LATER)
    assert all([await told(watch) for watch in watches])
    assert max(map(len, database.asked)) == 500
    for each in opened:
        each.__exit__(None, None, None)
    polling = watcher._polling
    assert polling is not None
    await polling
