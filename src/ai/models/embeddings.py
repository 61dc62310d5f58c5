"""Embeddings by a model that is asked over HTTP. Light, like `provider.py`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from src.ai.models.loading import Lazy
from src.ai.provider import Purpose
from src.core.config import Settings
from src.core.model_endpoints import ModelEndpoint

if TYPE_CHECKING:
    from src.ai.models.embedding_client import EmbeddingClient


class ModelEmbedder:
    """Has the same budget, retries and errors as a call of a chat model."""

    uses_model = True

    def __init__(self, settings: Settings, endpoint: ModelEndpoint) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._client = Lazy(self._make_client)
        self.model = endpoint.model.label

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        return self._client.value is not None and self._client.value.key_refused

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        return await (await self._client.get()).embed(texts, purpose)

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._client.value is not None:
            await self._client.value.aclose()

    def _make_client(self) -> "EmbeddingClient":
        from src.ai.models.embedding_client import EmbeddingClient  # noqa: PLC0415  # at the first call

        return EmbeddingClient(self._settings, self._endpoint)
