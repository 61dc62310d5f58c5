"""The provider without a network or a model: the default of a fresh clone, and of tests. Deterministic."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Final, Literal

from src.ai.hashed_embedding import hash_embedding
from src.ai.provider import Generated, OutputT, Prompt, Purpose, TokenUsage

MODEL: Final = "offline"
EMBEDDING_MODEL: Final = "offline-1"
_TEXTS_BETWEEN_PAUSES: Final = 20


class RuleBasedProvider:
    """Answers with each prompt's `rule_based`, and embeds by hashing."""

    name: Literal["gemini", "offline"] = "offline"
    uses_model = False
    embedding_model = EMBEDDING_MODEL

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:  # noqa: ARG002  # the same for all
        """An embedding of each text."""
        embeddings: list[list[float]] = []
        for text in texts:
            embeddings.append(hash_embedding(text))
            if len(embeddings) % _TEXTS_BETWEEN_PAUSES == 0:
                await asyncio.sleep(0)  # others are served between
        return embeddings

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
