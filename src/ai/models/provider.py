"""The provider on a language model. Light: what talks to it (`client.py`, Pydantic AI) loads at the first call, because
it costs a second and 50 MB that a server without calls does not need.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from src.ai.models.loading import Lazy
from src.ai.provider import AiName, Embedder, Generated, OutputT, Prompt, Purpose
from src.core.config import Settings
from src.core.model_endpoints import Family, ModelEndpoint

if TYPE_CHECKING:
    from src.ai.models.client import ModelClient

_NAMES: dict[Family, AiName] = {
    Family.GOOGLE: "gemini",
    Family.OPENAI: "openai",
    Family.OPENROUTER: "openrouter",
    Family.OLLAMA: "ollama",
}


class ModelProvider:
    """Every call has a wall-clock budget, and its errors are those of `src/core/errors.py`."""

    uses_model = True

    def __init__(self, settings: Settings, endpoint: ModelEndpoint, embedder: Embedder) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._client = Lazy(self._make_client)
        self.name = _NAMES[endpoint.model.family]
        self.embedder = embedder

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        return self.embedder.key_refused or (self._client.value is not None and self._client.value.key_refused)

    @property
    def embedding_model(self) -> str:
        """What marks the embeddings."""
        return self.embedder.model

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        return await self.embedder.embed(texts, purpose)

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """Asks the model; retries within the time limit. Raises as in Provider."""
        return await (await self.client()).generate(prompt)

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once."""
        client = await self.client()
        async with aclosing(client.stream(prompt, field)) as pieces:
            async for piece in pieces:
                yield piece

    async def client(self) -> "ModelClient":
        """What talks to the model."""
        return await self._client.get()

    def _make_client(self) -> "ModelClient":
        from src.ai.models.client import ModelClient  # noqa: PLC0415  # at the first call: see above

        return ModelClient(self._settings, self._endpoint)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self.embedder.aclose()
        if self._client.value is not None:
            await self._client.value.aclose()
