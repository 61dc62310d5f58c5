"""Jobs as their owner sees them."""

import asyncio
import base64
import gzip
import json
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from dev.stack import Stack
from src.core.config import Settings
from src.jobs.worker import ClaimedJob, JobFailed
from src.vocabulary import JobKind
from tests.support.api import Api
from tests.support.jobs import JOBS, drain, service
from tests.support.people import Person, assert_problem, client_with, rest_client

IMPORT = "/api/v1/users/me/import"
JSON = {"Content-Type": "application/json"}


async def enqueued(person: Person, content: str = "{}") -> str:
    """The path of a new job."""
    accepted = await person.post(IMPORT, content=content, headers=JSON)
    assert accepted.status_code == 202, accepted.text
    assert accepted.json()["status"] == "queued"
    path: str = accepted.headers["location"]
    return path


async def test_the_same_file_at_once_is_one_job(ana: Person) -> None:
    answers = await asyncio.gather(*(ana.post(IMPORT, content="{}", headers=JSON) for _ in range(27)))
    assert Counter(answer.status_code for answer in answers) == {202: 27}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await ana.get(JOBS)).json()["total"] == 1


async def test_five_jobs_at_most_are_under_way(ana: Person) -> None:
    for number in range(5):
        await enqueued(ana, f'{{"a": {number}}}')
    assert_problem(await ana.post(IMPORT, content="{}", headers=JSON), 409, "conflict")


async def test_a_cancelled_job_is_not_worked_on(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.delete(path)).status_code == 204
    await drain(settings)
    assert (await ana.get(path)).json()["status"] == "cancelled"


async def test_a_job_that_is_over_cannot_be_cancelled(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    await drain(settings)
    assert_problem(await ana.delete(path), 409, "conflict")
    assert (await ana.get(path)).json()["status"] == "failed"


async def test_cancelling_stops_the_worker(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    reached = []

    async def task(job: ClaimedJob) -> dict[str, int]:
        reached.append("begun")
        assert (await ana.delete(path)).status_code == 204
        await job.call("heartbeat_job", lease_seconds=60, progress=0.5, message=None)
        reached.append("went on")
        return {}

    await drain(settings, {JobKind.IMPORT_ACCOUNT: task})
    assert reached == ["begun"]
    assert (await ana.get(path)).json()["status"] == "cancelled"


async def test_progress_result_and_problem_are_shown(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    seen = []

    async def task(job: ClaimedJob) -> dict[str, int]:
        await job.progress(0.4, "Choosing exercises")
        seen.append((await ana.get(path)).json())
        return {"done": 1}

    await drain(settings, {JobKind.IMPORT_ACCOUNT: task})
    assert (seen[0]["status"], seen[0]["message"]) == ("running", "Choosing exercises")
    assert seen[0]["progress"] == pytest.approx(0.4)
    job = (await ana.get(path)).json()
    assert (job["status"], job["progress"], job["result"], job["message"]) == ("succeeded", 1, {"done": 1}, None)


async def test_another_message_is_shown_at_once(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    seen = []

    async def task(job: ClaimedJob) -> dict[str, int]:
        for done, message in ((0.1, "Looking at what you can do"), (0.3, "Choosing exercises")):
            await job.progress(done, message)
            seen.append((await ana.get(path)).json()["message"])
        return {}

    await drain(settings, {JobKind.IMPORT_ACCOUNT: task})
    assert seen == ["Looking at what you can do", "Choosing exercises"]


async def test_lists_are_filtered_and_have_no_results(ana: Person, settings: Settings) -> None:
    await enqueued(ana)
    await drain(settings)
    await enqueued(ana, '{"other": 1}')
    assert (await ana.get(JOBS, params={"status": "failed"})).json()["total"] == 1
    assert (await ana.get(JOBS, params={"kind": "import_workouts"})).json()["total"] == 0
    items = (await ana.get(JOBS)).json()["items"]
    assert [item["status"] for item in items] == ["queued", "failed"]
    assert all("result" not in item for item in items)
    assert_problem(await ana.get(JOBS, params={"status": "lost"}), 422, "validation_failed")


async def test_a_crash_is_tried_again_and_says_nothing_of_itself(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)

    async def crashes(_: ClaimedJob) -> dict[str, int]:
        raise ZeroDivisionError("the secret reason")

    await drain(settings, {JobKind.IMPORT_ACCOUNT: crashes})
    job = (await ana.get(path)).json()
    assert job["status"] == "queued"
    assert "secret" not in json.dumps(job)


async def test_a_failure_for_good_is_not_tried_again(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)

    async def fails(_: ClaimedJob) -> dict[str, int]:
        raise JobFailed("There is nothing in it.")

    await drain(settings, {JobKind.IMPORT_ACCOUNT: fails})
    problem = {"code": "job_failed", "title": "Job failed", "detail": "There is nothing in it."}
    assert (await ana.get(path)).json()["problem"] == problem


async def test_events_follow_a_job_to_its_end(ana: Person, settings: Settings) -> None:
    path = await enqueued(ana)
    begun = asyncio.Event()

    async def task(job: ClaimedJob) -> dict[str, int]:
        await begun.wait()
        return {"done": 1}

    working = asyncio.create_task(drain(settings, {JobKind.IMPORT_ACCOUNT: task}))
    begun.set()
    response = await ana.get(f"{path}/events")
    await working
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block.splitlines() for block in response.text.split("\n\n") if block.startswith("event:")]
    statuses = [json.loads(lines[1].removeprefix("data: "))["status"] for lines in events]
    assert statuses[-1] == "succeeded"
    assert {lines[0] for lines in events} == {"event: job"}


async def test_events_end_when_the_server_does(own_api: Api, ana: Person) -> None:
    path = await enqueued(ana)
    own_api.state["shutdown"].request()
    async with client_with(own_api, ana.token) as client:
        response = await client.get(f"{path}/events")
    assert [line for line in response.text.splitlines() if line.startswith("event")] == ["event: job", "event: closing"]


async def test_strangers_see_no_job(ana: Person, bo: Person) -> None:
    path = await enqueued(ana)
    for method, address in (("GET", path), ("DELETE", path), ("GET", f"{path}/events"), ("GET", f"{JOBS}/{uuid4()}")):
        assert_problem(await bo.request(method, address), 404, "not_found")
    assert (await bo.get(JOBS)).json()["total"] == 0


async def test_a_person_cannot_do_what_the_worker_does(settings: Settings, ana: Person) -> None:
    async with service(settings) as gateway:
        await enqueued(ana)
        first = await gateway.call("claim_jobs", {"max_jobs": 100, "lease_seconds": 60})
        assert ana.id in {row["user_id"] for row in first}
        assert await gateway.call("claim_jobs", {"max_jobs": 100, "lease_seconds": 60}) == []
        for row in first:
            await gateway.call("release_job", {"job_id": row["id"], "attempt": row["attempts"]})
            await gateway.call("claim_jobs", {"max_jobs": 0, "lease_seconds": 60})
    await ana.delete(f"{JOBS}/{(await ana.get(JOBS)).json()['items'][0]['id']}")


@pytest.mark.parametrize("kind", ["import_workouts", "import_account"])
@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        (b"no gzip", "The file is damaged."),
        (gzip.compress(b"Date,Workout Name", mtime=0)[:-9], "The file is damaged."),
        (gzip.compress(b'" ' * (33 * 1024 * 1024), mtime=0), "The file is too large."),
    ],
    ids=["no gzip", "cut off", "a bomb"],
)
async def test_files_that_no_request_would_send_fail_at_once(
    kind: str, attachment: bytes, reason: str, ana: Person, stack: Stack, settings: Settings
) -> None:
    job = await slipped_in(stack, ana, kind=kind, attachment=base64.b64encode(attachment).decode())
    await drain(settings)
    failed = (await ana.get(f"{JOBS}/{job}")).json()
    assert (failed["status"], failed["problem"]["code"]) == ("failed", "job_failed")
    assert reason in failed["problem"]["detail"]


async def test_options_that_no_request_would_send_fail_at_once(ana: Person, stack: Stack, settings: Settings) -> None:
    for options in ({"timezone": "Mars/Base"}, {"weight_unit": "stone"}, {"x": "y"}):
        job = await slipped_in(stack, ana, kind="import_workouts", input=options, dedupe_key=str(options))
        await drain(settings)
        assert (await ana.get(f"{JOBS}/{job}")).json()["problem"]["code"] == "job_failed"


async def slipped_in(stack: Stack, person: Person, **arguments: Any) -> str:
    """A job that was enqueued through PostgREST, past the API."""
    given = {"kind": "import_workouts", "input": {}, "dedupe_key": "x", **arguments}
    async with rest_client(stack, person.token) as rest:
        made = await rest.post("/rpc/enqueue_job", json=given)
    job: str = made.raise_for_status().json()["id"]
    return job
