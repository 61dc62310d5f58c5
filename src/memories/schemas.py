"""What the companion remembers, as it is asked for and answered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.core.documents import Document
from src.core.pagination import Page, PageQuery
from src.core.schema import CleanText, Flag, Input, JsonNumber, Output, PatchBody
from src.core.sorting import Sort
from src.memories.facts import StoredFact
from src.vocabulary import FactDecision, MemoryKind, MemoryStatus

Content = Annotated[str, CleanText(max_length=500)]
Salience = Annotated[float, Field(ge=0, le=1, description="How much it matters, 0 to 1."), JsonNumber]


class KeptStatus(StrEnum):
    """What is remembered now, and what a newer memory has replaced."""

    ACTIVE = MemoryStatus.ACTIVE
    SUPERSEDED = MemoryStatus.SUPERSEDED


class Memory(Output):
    """Something the companion remembers."""

    id: UUID
    kind: MemoryKind
    content: str
    status: KeptStatus
    salience: float
    pinned: Annotated[bool, Field(description="A pinned memory does not fade.")]
    mentions: Annotated[int, Field(ge=1, description="How often the person has said it.")]
    source_message_id: Annotated[UUID | None, Field(description="The message it was learned from, if still there.")]
    source_quote: Annotated[str | None, Field(description="The person's words that it was learned from.")]
    superseded_by: Annotated[UUID | None, Field(description="The memory that replaced it.")]
    stated_at: Annotated[AwareDatetime, Field(description="When the person last said it.")]
    last_used_at: Annotated[AwareDatetime | None, Field(description="When a reply last used it.")]
    facts: Annotated[list[StoredFact], Field(description="What it says in words of the profile.")]
    decision: Annotated[
        FactDecision | None, Field(description="Whether its facts were applied to the profile, or declined.")
    ]
    asks_to_keep: Annotated[
        bool,
        Field(description="Forgotten once and said again: apply keeps it, decline forgets it again."),
    ]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class MatchedMemory(Document):
    """A memory that public.match_memories found. `similarity`: the cosine of the two embeddings."""

    id: UUID
    kind: MemoryKind
    content: str
    created_at: datetime
    similarity: float


class MemoryPage(Page[Memory]):
    """A page of memories."""


class MemoryCreate(Input):
    """A memory that the person adds by hand. What contradicts it is replaced and stays as history."""

    kind: MemoryKind
    content: Content
    salience: Salience = 0.7
    pinned: Flag = False


class MemoryUpdate(PatchBody):
    """What to change; what is left out stays. New content is a correction, in place of what was understood wrongly."""

    kind: MemoryKind = MemoryKind.FACT
    content: Content = "x"
    salience: Salience = 0.5
    pinned: Flag = False


class MemorySort(Sort):
    """Order of a list; with `q`, the best match comes first."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    LATEST_MENTION = "-stated_at"
    EARLIEST_MENTION = "stated_at"


class MemoryQuery(PageQuery):
    q: Annotated[
        Annotated[str, CleanText(max_length=500)] | None,
        Field(description="Search by meaning: at most 100, the best match first."),
    ] = None
    kind: Annotated[list[MemoryKind], Field(max_length=6)] = []
    status: Annotated[list[KeptStatus], Field(min_length=1, max_length=2)] = [KeptStatus.ACTIVE]
    sort: MemorySort = MemorySort.NEWEST
