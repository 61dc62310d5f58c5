"""A worker in the test's own process, on the real stack."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import asyncpg
import httpx

from dev.stack import Stack
from src.ai.choice import running_provider
from src.core.config import Settings
from src.core.http_client import HttpClient, build_client
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace
from src.jobs.worker import JobHandler, Worker
from src.vocabulary import JobKind
from src.worker import HANDLERS
from tests.support.people import Person

JOBS = "/api/v1/jobs"


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[ServiceGateway]:
    """What the worker and the cron tasks go through."""
    async with build_client() as client:
        yield ServiceGateway(RestClient(HttpClient(client, timeout=30), {}), settings, Trace(None))


async def drain(settings: Settings, tasks: Mapping[JobKind, JobHandler] = MappingProxyType({})) -> int:
    """Works off all jobs that wait, those of some kinds with handlers of the test's own; how many those were."""
    async with service(settings) as gateway, running_provider(settings) as ai:
        return await Worker(gateway, {**HANDLERS, **tasks}, Shutdown(), ai).drain()


async def forget_jobs(stack: Stack, people: Sequence[str]) -> None:
    """What one test left waiting must not be worked off by the next."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("delete from public.jobs where user_id = any($1::uuid[])", people)
    finally:
        await connection.close()


async def result_of(person: Person, accepted: httpx.Response, settings: Settings) -> dict[str, Any]:
    """The result of a job that was accepted, once it has been worked off."""
    assert accepted.status_code == 202, accepted.text
    await drain(settings)
    job = (await person.get(accepted.headers["location"])).json()
    assert job["status"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result
