"""The real thing for tests: a local stack per worker, the application on it, and people."""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import structlog

from dev.stack import Options, Stack
from dev.wide_limits import WIDE_LIMITS
from src.core.config import Settings
from tests.support.api import HASTY, PATIENT, Api, running
from tests.support.cases import Tried
from tests.support.gemini import FakeGemini, fake_gemini
from tests.support.jobs import forget_jobs
from tests.support.people import Newcomer, Person, anonymous_client, client_with, sign_up
from tests.support.server import ApiServer

# No test may reach a model, whatever key somebody has in the environment or in .env.
for name in [name for name in os.environ if name.startswith(("AI_", "EMBEDDING_", "GEMINI_"))]:
    del os.environ[name]
os.environ["GEMINI_BASE_URL"] = "http://127.0.0.1:9"


TESTS = Path(__file__).parent
CASES = "cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run files, and the tests in each, in another order")


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by their folder, `unit` or `stack`, and shuffle them where that is asked for."""
    for item in items:
        item.add_marker(item.path.relative_to(TESTS).parts[0])
    seed = config.getoption("--shuffle")
    if seed is not None:
        generator = random.Random(seed)  # noqa: S311  # every worker must come to the same order
        places = {path: generator.random() for path in sorted({item.path for item in items})}
        # Files stay together: what a file makes once for its tests, another order must not make again and again.
        items.sort(key=lambda item: (places[item.path], generator.random()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    Tried.count = 0
    try:
        return (yield)
    finally:
        if Tried.count:
            item.user_properties.append((CASES, Tried.count))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how much was tried in loops inside tests, which pytest's own count does not show."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    tried = [dict(report.user_properties)[CASES] for report in reports if CASES in dict(report.user_properties)]
    if tried:
        terminalreporter.write_line(f"{sum(tried)} cases tried inside {len(tried)} of the tests")


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


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Iterator[None]:
    """An application configures the logs of the whole process, for a stream that may be closed with its test."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture
def settings(stack: Stack, request: pytest.FixtureRequest) -> Settings:
    hasty = request.node.get_closest_marker("hasty")
    return settings_of(stack).model_copy(update=HASTY if hasty else {})


def settings_of(stack: Stack) -> Settings:
    """The settings of a server for this stack, whatever the environment of the tests says."""
    return Settings.model_validate(
        {
            **PATIENT,
            "supabase_url": stack.supabase_url,
            "supabase_publishable_key": stack.publishable_key,
            "supabase_secret_key": stack.secret_key,
            "cron_secret": stack.cron_secret,
            "gemini_api_key": None,
            "log_level": "error",
            **{name.lower(): value for name, value in WIDE_LIMITS.items()},
        }
    )


@pytest.fixture(scope="session")
async def shared_api(stack: Stack) -> AsyncIterator[Api]:
    """The application, as production builds it, in this process: one for all tests that take it as it is."""
    async with running(settings_of(stack)) as api:
        yield api


@pytest.fixture
async def api(shared_api: Api) -> Api:
    """The application for settings like `settings`. What it keeps (libraries, keys) others have seen before."""
    return shared_api


@pytest.fixture
async def own_api(settings: Settings) -> AsyncIterator[Api]:
    """An application for this test alone: for what it does at first, or what would be left in it."""
    async with running(settings) as api:
        yield api


@pytest.fixture
async def anonymous(api: Api) -> AsyncIterator[Person]:
    """Someone without a token."""
    async with anonymous_client(api) as client:
        yield client


@pytest.fixture
async def newcomer(api: Api, stack: Stack) -> AsyncIterator[Newcomer]:
    """Makes people who have just signed up: as many as a test asks for."""
    people: list[Person] = []

    async def make() -> Person:
        people.append(await sign_up(api, stack))
        return people[-1]

    yield make
    for person in people:
        await person.aclose()
    await forget_jobs(stack, [person.id for person in people])


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """A person with an account and nothing in it."""
    return await newcomer()


@pytest.fixture
async def bo(newcomer: Newcomer) -> Person:
    """Another person."""
    return await newcomer()


@pytest.fixture(scope="session")
def api_server(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The application as a process of its own behind uvicorn."""
    environment = {**stack.environment(), **WIDE_LIMITS, "DATA_BUDGET_SECONDS": str(PATIENT["data_budget_seconds"])}
    with ApiServer(environment, log=Path(tmp_path_factory.mktemp("api") / "api.log")) as server:
        yield server


@pytest.fixture
def api_url(api_server: ApiServer) -> str:
    return api_server.url


@pytest.fixture
async def gemini() -> AsyncIterator[FakeGemini]:
    """Gemini, as far as our client can tell. Whatever it should answer, it is told by the test."""
    async with fake_gemini() as server:
        yield server


@pytest.fixture
async def ai_api(gemini: FakeGemini, settings: Settings) -> AsyncIterator[Api]:
    """The application with a key for it."""
    async with running(gemini.settings(settings)) as api:
        yield api


@pytest.fixture
async def eva(ai_api: Api, ana: Person) -> AsyncIterator[Person]:
    """Ana, talking to the application that has a model."""
    client = client_with(ai_api, ana.token)
    client.id = ana.id
    yield client
    await client.aclose()
