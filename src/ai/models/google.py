"""Gemini by Google's own client."""

import math
from typing import Final

import httpx2
from google.genai.types import ThinkingLevel
from pydantic_ai.embeddings.google import GoogleEmbeddingModel
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings
from pydantic_ai.providers.google import GoogleProvider

from src.ai.models.agents import ChatModel
from src.ai.models.limits import MAX_OUTPUT_TOKENS, TEMPERATURE
from src.ai.models.modes import NATIVE, Mode, ModeChoice
from src.core.config import Settings
from src.core.model_endpoints import ModelEndpoint

# Enough thought to keep to rules, little enough to answer a person in seconds. Every 2.5 model takes this budget.
_THINKING_BUDGET_TOKENS: Final = 512


def chat_model(endpoint: ModelEndpoint, settings: Settings, http: httpx2.AsyncClient) -> ChatModel:
    """The model that answers."""
    model = GoogleModel(endpoint.model.name, provider=_provider(endpoint, http))
    parameters = _parameters(model, settings)
    # Gemini 2.5 and earlier take a schema or functions, not both.
    takes_both = model.profile.get("google_supports_tool_combination", False)
    with_tools = Mode("native" if takes_both else "tool", tools=True)
    return ChatModel(endpoint.model.label, model, lambda _: parameters, ModeChoice([NATIVE], [with_tools]))


def embedding_model(endpoint: ModelEndpoint, http: httpx2.AsyncClient) -> GoogleEmbeddingModel:
    """The model that embeds."""
    return GoogleEmbeddingModel(endpoint.model.name, provider=_provider(endpoint, http))


def _provider(endpoint: ModelEndpoint, http: httpx2.AsyncClient) -> GoogleProvider:
    if endpoint.api_key is None:
        raise ValueError("Without a key there is nothing to talk to.")
    return GoogleProvider(api_key=endpoint.api_key.get_secret_value(), base_url=endpoint.base_url, http_client=http)


def _parameters(model: GoogleModel, settings: Settings) -> GoogleModelSettings:
    """What goes into generationConfig. Gemini 3 and later: a thinking level, and no sampling parameters."""
    common = GoogleModelSettings(
        max_tokens=MAX_OUTPUT_TOKENS,
        max_retries=0,
        first_event_timeout=settings.ai_first_event_seconds,
        # Google stops working for us when we stop waiting.
        extra_headers={"X-Server-Timeout": str(math.ceil(settings.ai_budget_seconds))},
    )
    if not model.profile.get("supports_thinking", False):
        return GoogleModelSettings(**common, temperature=TEMPERATURE)
    if model.profile.get("google_supports_thinking_level", True):
        return GoogleModelSettings(**common, google_thinking_config={"thinking_level": ThinkingLevel.LOW})
    return GoogleModelSettings(
        **common, temperature=TEMPERATURE, google_thinking_config={"thinking_budget": _THINKING_BUDGET_TOKENS}
    )
