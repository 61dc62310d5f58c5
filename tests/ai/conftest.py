"""A fake Gemini, and a provider that talks to it as it would to Google's."""

from collections.abc import AsyncIterator

import pytest

from src.ai.gemini import GeminiProvider
from tests.support.gemini import FakeGemini, fake_gemini


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
