"""Who answers and who embeds: what the settings name, else rules and the embeddings of this process, which call
themselves offline.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from src.ai.models.embeddings import ModelEmbedder
from src.ai.models.provider import ModelProvider
from src.ai.provider import AiName, Embedder, Provider
from src.ai.rule_based import RuleBasedProvider
from src.ai.sentence_encoder import SentenceEncoder
from src.core.config import Settings

AiState = AiName | Literal["unavailable"]

log = structlog.get_logger()


def build_provider(settings: Settings) -> Provider:
    """The provider for these settings. Connects to nothing yet."""
    embedder = build_embedder(settings)
    endpoint = settings.chat_endpoint
    if endpoint is None:
        log.warning("ai_offline", reason="neither AI_MODEL nor GEMINI_API_KEY is set: answers come from rules")
        return RuleBasedProvider(embedder)
    return ModelProvider(settings, endpoint, embedder)


def build_embedder(settings: Settings) -> Embedder:
    """Who embeds. Does not depend on who answers."""
    endpoint = settings.embedding_endpoint
    return SentenceEncoder() if endpoint is None else ModelEmbedder(settings, endpoint)


@asynccontextmanager
async def running_provider(settings: Settings) -> AsyncIterator[Provider]:
    """The provider for these settings, whose connections are closed at the end."""
    provider = build_provider(settings)
    try:
        yield provider
    finally:
        await provider.aclose()


def provider_state(provider: Provider) -> AiState:
    """Who answers, or that our key was refused at the last call. Asks nobody."""
    return "unavailable" if provider.key_refused else provider.name
