"""A provider that talks to a fake Gemini as it would to Google's."""

from collections.abc import AsyncIterator

import pytest

from src.ai.gemini.provider import GeminiProvider
from tests.support.gemini import FakeGemini


@pytest.fixture
async def provider(gemini: FakeGemini) -> AsyncIterator[GeminiProvider]:
    """The provider as settings make it, but for the address."""
    provider = GeminiProvider(gemini.settings())
    yield provider
    await provider.aclose()
