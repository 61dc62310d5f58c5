"""Which statements of a message are kept: only what the person's own words say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from src.ai.provider import Provider, Purpose
from src.chat.context import Context
from src.core.schema import clean
from src.core.trace import Trace
from src.memories.learning.statements import Statement
from src.memories.repository import EmbeddedText


async def memories_to_keep(
    statements: Sequence[Statement], context: Context, provider: Provider, trace: Trace
) -> list[dict[str, Any]]:
    """The statements as public.finish_chat takes them, each with its embedding; those without a quote are left out."""
    if not context.state.memory_enabled:
        return []
    cleaned = [replace(statement, content=clean(statement.content)) for statement in statements]
    quoted = [
        replace(statement, quote=quote)
        for statement in cleaned
        if statement.content and (quote := find_quote(statement.quote, context.message))
    ]
    if not quoted:
        return []
    with trace.span("ai"):
        embeddings = await provider.embed([statement.content for statement in quoted], Purpose.DOCUMENT)
    return [
        _row(statement, EmbeddedText(statement.content, embedding, provider.embedding_model))
        for statement, embedding in zip(quoted, embeddings, strict=True)
    ]


def find_quote(quote: str, message: str) -> str | None:
    """The part of the message that the quote is of, as it stands there; None when it is of no part."""
    found = re.search(re.escape(quote.strip()), message, re.IGNORECASE)
    return (found and found[0].strip()) or None


def _row(statement: Statement, embedded: EmbeddedText) -> dict[str, Any]:
    return {
        "kind": statement.kind,
        "content": statement.content,
        "quote": statement.quote,
        "salience": statement.salience,
        "embedding": embedded.literal,
        "embedding_model": embedded.model,
        "replaces": None if statement.replaces is None else str(statement.replaces),
        "facts": [fact.model_dump(mode="json") for fact in statement.facts],
    }
