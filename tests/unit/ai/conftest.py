"""A provider that talks to a fake server as it would to the real one, in each protocol."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from src.ai.choice import build_provider
from src.ai.models.provider import ModelProvider
from tests.support.gemini import fake_gemini
from tests.support.model_server import ModelServer
from tests.support.openai_server import FakeOpenAI, fake_openai

StartServer = Callable[[], AbstractAsyncContextManager[ModelServer]]


_opened: list[ModelProvider] = []


def provider_of(server: ModelServer, **changes: object) -> ModelProvider:
    """The provider as settings make it, but for the address. Its connections are closed at the end of the test."""
    provider = build_provider(server.settings(None, **changes))
    assert isinstance(provider, ModelProvider)
    _opened.append(provider)
    return provider


@pytest.fixture
async def closed_providers() -> AsyncIterator[None]:
    """Closes what a test has opened, also when it fails."""
    yield
    while _opened:
        await _opened.pop().aclose()


@pytest.fixture(params=[fake_gemini, fake_openai], ids=["gemini", "openai"])
def start_server(request: pytest.FixtureRequest) -> StartServer:
    """Starts a server of each protocol, in turn."""
    start: StartServer = request.param
    return start


@pytest.fixture
async def server(start_server: StartServer) -> AsyncIterator[ModelServer]:
    """A server of each protocol, in turn."""
    async with start_server() as server:
        yield server


@pytest.fixture
def provider(server: ModelServer) -> ModelProvider:
    """The provider for that server."""
    return provider_of(server)


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    """A server that speaks OpenAI's protocol."""
    async with fake_openai() as server:
        yield server
