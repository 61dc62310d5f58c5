"""What a reply may rest on: the state of public.begin_chat and the recalled memories, each thing with a short `ref`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from src.core.gateway import Row
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
    state: Row
    memories: Sequence[Row]

    @property
    def plan(self) -> Row | None:
        """The active plan: `id`, `name`, `goal`, `days` and the `next_day`."""
        plan: Row | None = self.state["plan"]
        return plan

    @property
    def sessions(self) -> list[Row]:
        """The last sessions, newest first."""
        sessions: list[Row] = self.state["sessions"]
        return sessions

    @property
    def proposal(self) -> Row | None:
        """What is proposed for the active plan and not decided: `id`, `plan_id` and `changes` in words."""
        proposal: Row | None = self.state["proposal"]
        return proposal

    @property
    def meal_plan(self) -> Row | None:
        """The active meal plan: `id`, `name` and `days` with their `meals`."""
        meal_plan: Row | None = self.state["meal_plan"]
        return meal_plan

    @property
    def weekday(self) -> int:
        """Today's, where the person is: 1 is Monday."""
        return date.fromisoformat(self.state["now"][:10]).isoweekday()

    def day_of(self, moment: str) -> str:
        """The date of a moment, where the person is."""
        zone = ZoneInfo(self.state["profile"].get("timezone") or "UTC")
        return datetime.fromisoformat(moment).astimezone(zone).date().isoformat()

    def sources(self) -> dict[str, Source]:
        """Everything that can be evidence, by its ref: m1… memories, s1… sets (newest first), p the plan."""
        found = [
            Source(f"m{n}", EvidenceKind.MEMORY, UUID(row["id"]), row["content"]) for n, row in _numbered(self.memories)
        ]
        sets = [one for session in self.sessions for one in session["sets"] or []]
        found += [Source(f"s{n}", EvidenceKind.SET, UUID(one["id"]), one["text"]) for n, one in _numbered(sets)]
        if self.plan is not None:
            found.append(Source("p", EvidenceKind.PLAN, UUID(self.plan["id"]), self.plan["name"]))
        return {source.ref: source for source in found}

    def refs(self) -> dict[str, str]:
        """The ref of each source by its id."""
        return {str(source.id): source.ref for source in self.sources().values()}


def _numbered(rows: Sequence[Any]) -> enumerate[Any]:
    return enumerate(rows, 1)
