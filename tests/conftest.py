"""The real thing for tests: a local stack per worker, the application on it, and people."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from dev.stack import Options, Stack
from src.core.config import Settings
from tests.support.api import Api, running
from tests.support.people import Person, anonymous_client, sign_up
from tests.support.server import ApiServer

# No test may reach Google, whatever key somebody has in the environment or in .env.
os.environ.pop("GEMINI_API_KEY", None)
os.environ["GEMINI_BASE_URL"] = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Postgres, PostgREST, auth and the Supabase URL, one set for each worker. For tests that leave it as it was."""
    with asyncio.Runner() as runner:
        version = int(os.environ.get("STACK_POSTGRES", "16"))
        local = Stack(Options(tmp_path_factory.mktemp("stack") / "data", postgres=version, durable=False))
        runner.run(local.__aenter__())
        try:
            yield local
        finally:
            runner.run(local.__aexit__(None, None, None))


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return settings_of(stack)


def settings_of(stack: Stack) -> Settings:
    """The settings of a server for this stack, whatever the environment of the tests says."""
    return Settings.model_validate(
        {
            "supabase_url": stack.supabase_url,
            "supabase_publishable_key": stack.publishable_key,
            "supabase_secret_key": stack.secret_key,
            "cron_secret": stack.cron_secret,
            "gemini_api_key": None,
            "log_level": "error",
        }
    )


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Api]:
    """The application, as production builds it, in this process."""
    async with running(settings) as api:
        yield api


@pytest.fixture
async def anonymous(api: Api) -> AsyncIterator[Person]:
    """Someone without a token."""
    async with anonymous_client(api) as client:
        yield client


@pytest.fixture
async def newcomer(api: Api, stack: Stack) -> AsyncIterator[Callable[[], Awaitable[Person]]]:
    """Makes people who have just signed up: as many as a test asks for."""
    people: list[Person] = []

    async def make() -> Person:
        people.append(await sign_up(api, stack))
        return people[-1]

    yield make
    for person in people:
        await person.aclose()
    await forget_jobs(stack, [person.id for person in people])


async def forget_jobs(stack: Stack, people: list[str]) -> None:
    """What one test left waiting must not be worked off by the next."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("delete from public.jobs where user_id = any($1::uuid[])", people)
    finally:
        await connection.close()


@pytest.fixture
async def ana(newcomer: Callable[[], Awaitable[Person]]) -> Person:
    """A person with an account and nothing in it."""
    return await newcomer()


@pytest.fixture
async def bo(newcomer: Callable[[], Awaitable[Person]]) -> Person:
    """Another person."""
    return await newcomer()


@pytest.fixture(scope="session")
def api_server(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The application as a process of its own behind uvicorn."""
    with ApiServer(stack.environment(), log=Path(tmp_path_factory.mktemp("api") / "api.log")) as server:
        yield server


@pytest.fixture
def api_url(api_server: ApiServer) -> str:
    return api_server.url
