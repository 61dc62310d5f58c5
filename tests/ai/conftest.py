"""A fake Gemini, and a provider that talks to it as it would to Google's."""

from collections.abc import AsyncIterator

import pytest
import structlog

from src.ai.gemini import GeminiProvider
from tests.support.gemini import FakeGemini, fake_gemini


@pytest.fixture(autouse=True)
def every_line_of_log() -> None:
    """An application that another test made may have told the process to say little."""
    structlog.reset_defaults()


@pytest.fixture
async def gemini() -> AsyncIterator[FakeGemini]:
    """Gemini, as far as the client can tell."""
    async with fake_gemini() as server:
        yield server


@pytest.fixture
async def provider(gemini: FakeGemini) -> AsyncIterator[GeminiProvider]:
    """The provider as settings make it, but for the address."""
    provider = GeminiProvider(gemini.settings())
    yield provider
    await provider.aclose()
