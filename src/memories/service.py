"""Memories by their meaning: what is asked or said is embedded first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from src.ai.provider import AiDep, Purpose
from src.core.di import PrincipalDep, injected
from src.core.errors import Forbidden
from src.core.gateway import Rows
from src.language.language import detect_language
from src.memories.contradiction import find_contradicted
from src.memories.learning.hearing import hear
from src.memories.repository import EmbeddedText, MemoryRepo
from src.memories.schemas import Memory, MemoryCreate, MemoryQuery, MemoryUpdate

# What a new statement may contradict is among the nearest.
_CANDIDATES = 12


class MemoryService:
    """The caller's own memories."""

    def __init__(self, memories: MemoryRepo, ai: AiDep, caller: PrincipalDep) -> None:
        self._memories = memories
        self._ai = ai
        self._caller = caller

    async def page(self, query: MemoryQuery) -> Rows:
        """A page of memories, by meaning when it asks for something."""
        if query.q is None:
            return await self._memories.page(query)
        return await self._memories.search(await self._embed(query.q, Purpose.QUERY), query)

    async def add(self, memory: MemoryCreate) -> tuple[Memory, bool]:
        """The memory, and whether it is new: what says the same is reinforced, what it contradicts is replaced."""
        embedded = await self._embed(memory.content, Purpose.DOCUMENT)
        near = await self._memories.match(embedded, _CANDIDATES)
        replaces = find_contradicted(memory.content, memory.kind, near)
        stated = {**memory.model_dump(mode="json"), "facts": _facts_of(memory.content)}
        return await self._memories.add(stated, embedded, replaces)

    async def update(
        self, memory_id: UUID, changes: MemoryUpdate, unchanged_since: Sequence[datetime] | None
    ) -> Memory:
        """The memory after the change. Raises NotFound, Conflict, and PreconditionFailed."""
        embedded = None
        named = changes.model_dump(mode="json", exclude_unset=True)
        if "content" in changes.model_fields_set:
            await self._memories.get(memory_id)
            embedded = await self._embed(changes.content, Purpose.DOCUMENT)
            named["facts"] = _facts_of(changes.content)
        return await self._memories.update(memory_id, named, embedded, unchanged_since)

    async def _embed(self, text: str, purpose: Purpose) -> EmbeddedText:
        if self._caller.is_anonymous:
            raise Forbidden("The companion needs an account with an address or a provider.")
        if self._ai.embedder.uses_model:
            await self._memories.count_call()
        [vector] = await self._ai.embed([text], purpose)
        return EmbeddedText(text, vector, self._ai.embedding_model)


def _facts_of(content: str) -> list[dict[str, Any]]:
    """What a person's own words say of them, as POST /chat would hear it."""
    heard = hear(content, (), detect_language(content))
    return [fact.model_dump(mode="json") for statement in heard.statements for fact in statement.facts]


MemoryServiceDep = Annotated[MemoryService, injected(MemoryService)]
