"""From an endpoint to a model of Pydantic AI. Only the family that is used is imported: each brings its own client."""

import httpx2
from pydantic_ai.embeddings import EmbeddingModel

from src.ai.models.agents import ChatModel
from src.core.config import Settings
from src.core.model_endpoints import Family, ModelEndpoint


def load_chat_model(endpoint: ModelEndpoint, settings: Settings, http: httpx2.AsyncClient) -> ChatModel:
    """The model that answers."""
    if endpoint.model.family is Family.GOOGLE:
        from src.ai.models import google  # noqa: PLC0415  # see above

        return google.chat_model(endpoint, settings, http)
    from src.ai.models import openai  # noqa: PLC0415  # see above

    return openai.chat_model(endpoint, settings, http)


def load_embedding_model(endpoint: ModelEndpoint, http: httpx2.AsyncClient) -> EmbeddingModel:
    """The model that embeds."""
    if endpoint.model.family is Family.GOOGLE:
        from src.ai.models import google  # noqa: PLC0415  # see above

        return google.embedding_model(endpoint, http)
    from src.ai.models import openai  # noqa: PLC0415  # see above

    return openai.embedding_model(endpoint, http)
