"""Memories in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypedDict
from uuid import UUID

from postgrest import CountMethod
from pydantic import TypeAdapter

from src.core.di import UserGatewayDep, injected
from src.core.documents import Document, parse_document
from src.core.etags import to_timestamps
from src.core.gateway import Row, Rows, object_or_404, row_of
from src.core.sorting import ordered
from src.memories.schemas import MatchedMemory, Memory, MemoryQuery
from src.memories.stated_period import StatedPeriod


class MemoryRow(TypedDict):
    """A row of public.memories, as far as people may see it."""

    id: str
    kind: str
    content: str
    status: str
    salience: float
    pinned: bool
    mentions: int
    source_message_id: str | None
    source_quote: str | None
    superseded_by: str | None
    stated_at: str
    last_used_at: str | None
    facts: list[dict[str, Any]]
    decision: str | None
    asks_to_keep: bool
    created_at: str
    updated_at: str


class _AddedMemory(Document):
    """What public.add_memory answers: a memory that says the same is `reinforced`."""

    outcome: str
    memory: Memory


class _DeclinedMemory(Document):
    """What public.decline_memory answers."""

    memory: Memory | None


_MATCHED = TypeAdapter(list[MatchedMemory])
MEMORY_COLUMNS = ",".join(MemoryRow.__annotations__)


class EmbeddedText(NamedTuple):
    """A text with its embedding, and the model that made it: vectors of two models are never compared."""

    text: str
    vector: Sequence[float]
    model: str

    @property
    def literal(self) -> str:
        """The vector as pgvector reads it; half precision keeps four digits."""
        return f"[{','.join(f'{value:.6g}' for value in self.vector)}]"


class MemoryRepository:
    """The caller's own memories.

    What comes after an embedding renews the deadline: a model may take longer than a request to the database may.
    """

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: MemoryQuery) -> Rows:
        """A page of memories."""
        memories = self._db.table("memories").select(MEMORY_COLUMNS, count=CountMethod.exact)
        memories = memories.eq("user_id", self._db.user_id).in_("status", query.status)
        if query.kind:
            memories = memories.in_("kind", query.kind)
        return await self._db.page(ordered(memories, query.sort).range(query.first, query.last))

    async def search(self, query_text: EmbeddedText, query: MemoryQuery) -> Rows:
        """A page of the memories that come nearest to a text."""
        found = await self._call_with_embedding(
            "search_memories",
            query_text,
            page_offset=query.first,
            page_limit=query.per_page,
            kinds=query.kind or None,
            statuses=query.status,
        )
        page = row_of(found)
        return Rows(page["items"], page["total"])

    async def count_call(self) -> None:
        """One more text for a model to embed today. Raises TooManyRequests when the day is used up, and Forbidden."""
        await self._db.call("count_memory_call", {})

    async def match(
        self, query_text: EmbeddedText, limit: int, stated: StatedPeriod | None = None
    ) -> list[MatchedMemory]:
        """The active memories that are nearest to a text, best first; none when memory is off.

        What was stated in the period, if there is one, comes before the rest.
        """
        period = {} if stated is None else {"stated_from": stated.start, "stated_until": stated.end}
        rows = await self._call_with_embedding(
            "match_memories",
            query_text,
            max_results=limit,
            **{name: moment.isoformat() for name, moment in period.items()},
        )
        return parse_document(_MATCHED.validate_python, rows)

    async def get(self, memory_id: UUID) -> Row:
        """One memory. Raises NotFound."""
        query = self._db.table("memories").select(MEMORY_COLUMNS).eq("id", memory_id)
        return await self._db.one(query.eq("user_id", self._db.user_id))

    async def add(self, memory: dict[str, Any], embedded: EmbeddedText, replaces: UUID | None) -> tuple[Memory, bool]:
        """The memory, and whether it is new. Raises Conflict when memory is off or full."""
        payload = {
            **memory,
            "embedding": embedded.literal,
            "embedding_model": embedded.model,
            "replaces": None if replaces is None else str(replaces),
        }
        added = parse_document(_AddedMemory.model_validate, await self._db.call("add_memory", {"payload": payload}))
        return added.memory, added.outcome != "reinforced"

    async def update(
        self,
        memory_id: UUID,
        changes: dict[str, Any],
        embedded: EmbeddedText | None,
        unchanged_since: Sequence[datetime] | None,
    ) -> Memory:
        """The memory after the change. Raises NotFound, Conflict, and PreconditionFailed."""
        if embedded is not None:
            self._db.renew_deadline()
            changes = {**changes, "embedding": embedded.literal, "embedding_model": embedded.model}
        parameters = {
            "memory_id": str(memory_id),
            "payload": changes,
            "unchanged_since": to_timestamps(unchanged_since),
        }
        return parse_document(Memory.model_validate, object_or_404(await self._db.call("update_memory", parameters)))

    async def apply(self, memory_id: UUID, unchanged_since: Sequence[datetime] | None) -> Memory:
        """The memory after its facts were written into the profile. Raises NotFound, Conflict, PreconditionFailed."""
        return parse_document(Memory.model_validate, await self._decide("apply_memory", memory_id, unchanged_since))

    async def decline(self, memory_id: UUID, unchanged_since: Sequence[datetime] | None) -> Memory | None:
        """The memory, whose facts are no longer in force; None when it was forgotten again. Raises like apply()."""
        answer = await self._decide("decline_memory", memory_id, unchanged_since)
        return parse_document(_DeclinedMemory.model_validate, answer).memory

    async def _decide(self, function: str, memory_id: UUID, unchanged_since: Sequence[datetime] | None) -> Row:
        parameters = {"memory_id": str(memory_id), "unchanged_since": to_timestamps(unchanged_since)}
        return object_or_404(await self._db.call(function, parameters))

    async def forget(self, memory_id: UUID, unchanged_since: Sequence[datetime] | None) -> None:
        """Forgets it for good. Raises NotFound and PreconditionFailed."""
        parameters = {"memory_id": str(memory_id), "unchanged_since": to_timestamps(unchanged_since)}
        await self._db.call_or_404("forget_memory", parameters)

    async def forget_all(self) -> None:
        """Forgets everything for good."""
        await self._db.call("forget_all_memories", {})

    async def _call_with_embedding(self, function: str, query_text: EmbeddedText, **params: Any) -> Any:
        self._db.renew_deadline()
        given = {"embedding": query_text.literal, "query": query_text.text, "model": query_text.model, **params}
        return await self._db.call(function, given)


MemoryRepo = Annotated[MemoryRepository, injected(MemoryRepository)]
