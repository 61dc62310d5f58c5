"""The provider on Google's Gemini API. Light: what talks to it (`client.py`, Pydantic AI) loads at the first call,
because it costs a second and 50 MB that a server without calls does not need.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal

from src.ai.provider import Generated, OutputT, Prompt, Purpose
from src.core.config import Settings

if TYPE_CHECKING:
    from src.ai.gemini.client import GeminiClient


class GeminiProvider:
    """Every call has a wall-clock budget, and its errors are those of `src/core/errors.py`."""

    name: Literal["gemini", "offline"] = "gemini"
    uses_model = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: GeminiClient | None = None
        self._loading = asyncio.Lock()
        self.embedding_model = settings.embedding_model

    @property
    def key_refused(self) -> bool:
        """Whether Google refused our key at the last call."""
        return self._client is not None and self._client.key_refused

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        return await (await self.client()).embed(texts, purpose)

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """Asks the model; retries within the time limit. Raises as in Provider."""
        return await (await self.client()).generate(prompt)

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once."""
        client = await self.client()
        async with aclosing(client.stream(prompt, field)) as pieces:
            async for piece in pieces:
                yield piece

    async def client(self) -> "GeminiClient":
        """What talks to Gemini. Loading it is not part of a call's budget, and does not block the event loop."""
        async with self._loading:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make_client)
            return self._client

    def _make_client(self) -> "GeminiClient":
        from src.ai.gemini.client import GeminiClient  # noqa: PLC0415  # at the first call: see above

        return GeminiClient(self._settings)

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
