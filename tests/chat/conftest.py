"""The companion with a model behind it: the real client, and a fake Gemini at the other end."""

from collections.abc import AsyncIterator

import pytest

from src.core.config import Settings
from tests.support.api import Api, running
from tests.support.gemini import FakeGemini
from tests.support.people import Person, client_with


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
