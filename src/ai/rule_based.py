"""The provider without a network or a model: the default of a fresh clone, and of tests. Deterministic."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Final, Literal

from src.ai.provider import Generated, OutputT, Prompt, Purpose, TokenUsage
from src.ai.sentence_encoder import EMBEDDING_MODEL, SentenceEncoder

MODEL: Final = "offline"


class RuleBasedProvider:
    """Answers with each prompt's `rule_based`, and embeds with the sentence encoder."""

    name: Literal["gemini", "offline"] = "offline"
    uses_model = False
    embedding_model = EMBEDDING_MODEL

    def __init__(self) -> None:
        self._encoder = SentenceEncoder()

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:  # noqa: ARG002  # the same for all
        """An embedding of each text."""
        return await self._encoder.embed(texts)

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
