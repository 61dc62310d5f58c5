"""Which provider serves: Gemini where there is a key for it, else the rule-based one, which calls itself offline."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from src.ai.gemini.provider import GeminiProvider
from src.ai.provider import Provider
from src.ai.rule_based import RuleBasedProvider
from src.core.config import Settings

AiState = Literal["gemini", "offline", "unavailable"]

log = structlog.get_logger()


def build_provider(settings: Settings) -> Provider:
    """The provider for these settings. Connects to nothing yet."""
    if settings.gemini_api_key is None:
        log.warning("ai_offline", reason="GEMINI_API_KEY is not set: answers come from rules, not from a model")
        return RuleBasedProvider()
    return GeminiProvider(settings)


@asynccontextmanager
async def running_provider(settings: Settings) -> AsyncIterator[Provider]:
    """The provider for these settings, whose connections are closed at the end."""
    provider = build_provider(settings)
    try:
        yield provider
    finally:
        if isinstance(provider, GeminiProvider):
            await provider.aclose()


def provider_state(provider: Provider) -> AiState:
    """Who answers, or that Google refused our key at the last call. Asks nobody."""
    if isinstance(provider, GeminiProvider) and provider.key_refused:
        return "unavailable"
    return provider.name
