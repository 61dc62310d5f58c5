"""The provider without a network or a model: the default of a fresh clone, and of tests. Deterministic."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from src.ai.provider import AiName, Embedder, Generated, OutputT, Prompt, Purpose, TokenUsage
from src.ai.sentence_encoder import SentenceEncoder

MODEL: Final = "offline"


class RuleBasedProvider:
    """Answers with each prompt's `rule_based`. The sentence encoder embeds, unless it is given another embedder."""

    name: AiName = "offline"
    uses_model = False

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.embedder = embedder or SentenceEncoder()

    @property
    def embedding_model(self) -> str:
        """What marks the embeddings."""
        return self.embedder.model

    @property
    def key_refused(self) -> bool:
        """Whether the embedder's key was refused."""
        return self.embedder.key_refused

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """An embedding of each text."""
        return await self.embedder.embed(texts, purpose)

    async def aclose(self) -> None:
        """Closes the embedder's connections."""
        await self.embedder.aclose()

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """The rule-based answer."""
        return Generated(prompt.rule_based(), MODEL, TokenUsage(0, 0))

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` word by word, then the whole answer."""
        generated = await self.generate(prompt)
        for word in re.findall(r"\s*\S+\s*", str(getattr(generated.value, field))):
            yield word
            await asyncio.sleep(0)
        yield generated
