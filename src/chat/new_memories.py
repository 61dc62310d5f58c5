"""Which memories of a reply are kept: only what the person's own words say."""

import re
from typing import Any

from src.ai.provider import Provider, Purpose
from src.chat.context import Context
from src.chat.reply import NewMemory
from src.core.schema import clean
from src.core.trace import Trace
from src.memories.repository import EmbeddedText
from src.vocabulary import EvidenceKind


async def memories_to_keep(
    memories: list[NewMemory], context: Context, provider: Provider, trace: Trace
) -> list[dict[str, Any]]:
    """The memories as public.finish_chat takes them, each with its embedding; those without a quote are left out."""
    if not context.state.memory_enabled:
        return []
    cleaned = [memory.model_copy(update={"content": clean(memory.content)}) for memory in memories]
    quoted = [
        (memory, quote) for memory in cleaned if memory.content and (quote := find_quote(memory.quote, context.message))
    ]
    if not quoted:
        return []
    with trace.span("ai"):
        embeddings = await provider.embed([memory.content for memory, _ in quoted], Purpose.DOCUMENT)
    return [
        _row(memory, quote, EmbeddedText(memory.content, embedding, provider.embedding_model), context)
        for (memory, quote), embedding in zip(quoted, embeddings, strict=True)
    ]


def find_quote(quote: str, message: str) -> str | None:
    """The part of the message that the quote is of, as it stands there; None when it is of no part."""
    found = re.search(re.escape(quote.strip()), message, re.IGNORECASE)
    return (found and found[0].strip()) or None


def _row(memory: NewMemory, quote: str, embedded: EmbeddedText, context: Context) -> dict[str, Any]:
    replaced = context.sources().get(memory.replaces or "")
    is_memory = replaced is not None and replaced.kind is EvidenceKind.MEMORY
    return {
        "kind": memory.kind,
        "content": memory.content,
        "quote": quote,
        "salience": memory.salience,
        "embedding": embedded.literal,
        "embedding_model": embedded.model,
        "replaces": str(replaced.id) if replaced is not None and is_memory else None,
    }
