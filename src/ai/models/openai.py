"""OpenAI and every server that speaks its protocol, by OpenAI's own client: OpenRouter, Ollama, vLLM, LM Studio."""

from collections.abc import Mapping
from typing import Final, cast

import httpx2
from openai import AsyncOpenAI, omit
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.models.openrouter import OpenRouterModel
from pydantic_ai.profiles import merge_profile
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers import Provider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.openrouter import OpenRouterProvider

from src.ai.models.agents import ChatModel
from src.ai.models.limits import MAX_OUTPUT_TOKENS, TEMPERATURE
from src.ai.models.modes import Mode, ModeChoice
from src.core.config import Settings
from src.core.model_endpoints import Family, ModelEndpoint

_WITHOUT_ACCOUNT: Final = cast("Mapping[str, str]", {"OpenAI-Organization": omit, "OpenAI-Project": omit})


def chat_model(endpoint: ModelEndpoint, settings: Settings, http: httpx2.AsyncClient) -> ChatModel:
    """The model that answers."""
    model = _model(endpoint, _provider(endpoint, http))
    supports_schema = model.profile.get("supports_json_schema_output", False)
    modes = ModeChoice.of_openai(endpoint, supports_schema=supports_schema)
    return ChatModel(
        endpoint.model.label, model, lambda mode: _parameters(endpoint, model.profile, settings, mode), modes
    )


def embedding_model(endpoint: ModelEndpoint, http: httpx2.AsyncClient) -> OpenAIEmbeddingModel:
    """The model that embeds."""
    return OpenAIEmbeddingModel(endpoint.model.name, provider=_provider(endpoint, http))


def _provider(endpoint: ModelEndpoint, http: httpx2.AsyncClient) -> Provider[AsyncOpenAI]:
    client = AsyncOpenAI(
        base_url=endpoint.address,
        # The client wants one; a server at home ignores it.
        api_key=endpoint.api_key.get_secret_value() if endpoint.api_key else "none",
        http_client=http,
        max_retries=0,
        # The client takes both from the environment, and would tell them to any server.
        default_headers=None if endpoint.is_openai_itself else _WITHOUT_ACCOUNT,
    )
    match endpoint.model.family:
        case Family.OPENROUTER:
            return OpenRouterProvider(openai_client=client)
        case Family.OLLAMA:
            return OllamaProvider(openai_client=client)
        case _ if endpoint.is_openai_itself:
            return OpenAIProvider(openai_client=client)
        case _:
            return OpenAICompatibleProvider("openai-compatible", openai_client=client)


def _model(endpoint: ModelEndpoint, provider: Provider[AsyncOpenAI]) -> OpenAIChatModel:
    name = endpoint.model.name
    if endpoint.model.family is Family.OPENROUTER:
        return OpenRouterModel(name, provider=provider)
    if endpoint.is_openai_itself:
        return OpenAIChatModel(name, provider=provider)
    if endpoint.model.family is Family.OLLAMA:
        known = OllamaModel(name, provider=provider).profile
        return OllamaModel(name, provider=provider, profile=merge_profile(known, _of_other_servers(known)))
    known = OpenAIChatModel(name, provider=provider).profile
    # Whether it takes a schema is found out: it is asked with one first.
    profile = OpenAIModelProfile(**_of_other_servers(known), supports_json_schema_output=True)
    return OpenAIChatModel(name, provider=provider, profile=merge_profile(known, profile))


def _of_other_servers(known: OpenAIModelProfile) -> OpenAIModelProfile:
    return OpenAIModelProfile(
        # A schema there only bounds what can be written: what the fields mean, the model must read.
        native_output_requires_schema_in_instructions=True,
        # "JSON, whatever" forbids calling tools at some, and LM Studio refuses it.
        supports_json_object_output=False,
        openai_chat_supports_multiple_system_messages=False,
        openai_chat_supports_max_completion_tokens=known.get("openai_supports_reasoning", False),
    )


def _parameters(
    endpoint: ModelEndpoint, profile: OpenAIModelProfile, settings: Settings, mode: Mode
) -> OpenAIChatModelSettings:
    """The parameters of a request. Those that think get no temperature."""
    parameters = OpenAIChatModelSettings(max_retries=0)
    if endpoint.model.family is not Family.OLLAMA:
        # Ollama loads a model when it is asked: only the budget bounds that.
        parameters["first_event_timeout"] = settings.ai_first_event_seconds
    if endpoint.model.family is not Family.OPENAI or endpoint.is_openai_itself:
        # Elsewhere the room is not known, and vLLM refuses a request that could take more.
        parameters["max_tokens"] = MAX_OUTPUT_TOKENS
    thinks = profile.get("supports_thinking", False)
    if endpoint.model.family is Family.OLLAMA:
        # Ollama lets a model think unless it is told, and at home that takes minutes.
        parameters["openai_reasoning_effort"] = "none"
        thinks = False
    elif thinks and endpoint.is_openai_itself:
        # OpenAI's newer models take functions here only when they do not think.
        parameters["thinking"] = False if mode.calls_functions else "low"
    elif thinks and endpoint.model.family is Family.OPENROUTER:
        parameters["thinking"] = "low"
    if not thinks and not profile.get("openai_supports_reasoning", False):
        parameters["temperature"] = TEMPERATURE
    return parameters
