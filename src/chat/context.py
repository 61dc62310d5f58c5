"""What a reply may rest on: the person's state and the recalled memories. What can be evidence has a short `ref`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from src.chat.state import CompanionState
from src.memories.schemas import MatchedMemory
from src.vocabulary import EvidenceKind


@dataclass(frozen=True)
class Source:
    """Something that can be evidence. The model sees its `ref` and no id, so it cannot make one up."""

    ref: str
    kind: EvidenceKind
    id: UUID
    text: str


@dataclass(frozen=True)
class Context:
    """One message, and everything that is known for answering it."""

    message: str
    state: CompanionState
    memories: Sequence[MatchedMemory]

    @property
    def weekday(self) -> int:
        """Today's, where the person is: 1 is Monday."""
        return self.state.now.isoweekday()

    def local_date(self, timestamp: datetime) -> date:
        """The date of a timestamp, where the person is."""
        return timestamp.astimezone(ZoneInfo(self.state.profile.timezone)).date()

    def sources(self) -> dict[str, Source]:
        """Everything that can be evidence, by its ref: m1… memories, s1… sets (newest first), p the plan."""
        found = [
            Source(f"m{number}", EvidenceKind.MEMORY, memory.id, memory.content)
            for number, memory in enumerate(self.memories, 1)
        ]
        sets = [set_state for session in self.state.sessions for set_state in session.sets]
        found += [
            Source(f"s{number}", EvidenceKind.SET, set_state.id, set_state.text)
            for number, set_state in enumerate(sets, 1)
        ]
        if self.state.plan is not None:
            found.append(Source("p", EvidenceKind.PLAN, self.state.plan.id, self.state.plan.name))
        return {source.ref: source for source in found}

    def refs(self) -> dict[UUID, str]:
        """The ref of each source by its id."""
        return {source.id: source.ref for source in self.sources().values()}
