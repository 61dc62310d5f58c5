"""Which provider serves: Gemini where there is a key for it, else the offline one, which says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from src.ai.gemini import GeminiProvider
from src.ai.offline import OfflineProvider
from src.ai.provider import Provider
from src.core.config import Settings

AiState = Literal["gemini", "offline", "unavailable"]

log = structlog.get_logger()


def provider_of(settings: Settings) -> Provider:
    """The provider for these settings. Connects to nothing yet."""
    if settings.gemini_api_key is None:
        log.warning("ai_offline", reason="GEMINI_API_KEY is not set: answers come from rules, not from a model")
        return OfflineProvider()
    return GeminiProvider(settings)


@asynccontextmanager
async def running_provider(settings: Settings) -> AsyncIterator[Provider]:
    """The provider for these settings, whose connections are closed at the end."""
    provider = provider_of(settings)
    try:
        yield provider
    finally:
        if isinstance(provider, GeminiProvider):
            await provider.aclose()


def state_of(provider: Provider) -> AiState:
    """Who answers, or that Google refused our key at the last call. Asks nobody."""
    if isinstance(provider, GeminiProvider) and provider.key_refused:
        return "unavailable"
    return provider.name
