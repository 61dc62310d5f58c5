"""How close the companion feels, and why."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.core.cursor import CursorText
from src.core.pagination import Page, PageQuery
from src.core.schema import Output
from src.vocabulary import AffinityRule, AffinitySource


class AffinityLevel(StrEnum):
    """Names of the levels, from the first on."""

    STRANGER = "stranger"
    ACQUAINTANCE = "acquaintance"
    TRAINING_PARTNER = "training_partner"
    CONFIDANT = "confidant"
    SLOW_BURN = "slow_burn"


_MIN_SCORES = {
    AffinityLevel.STRANGER: 0,
    AffinityLevel.ACQUAINTANCE: 50,
    AffinityLevel.TRAINING_PARTNER: 150,
    AffinityLevel.CONFIDANT: 400,
    AffinityLevel.SLOW_BURN: 1000,
}


class AffinityReason(Output):
    """Points one rule gave or took, with its explanation."""

    rule: AffinityRule
    points: int
    explanation: str


class AffinityEvent(AffinityReason):
    """An entry of the ledger. Entries are never changed: what is taken back is an entry of its own."""

    id: UUID
    source_type: AffinitySource
    source_id: str
    created_at: AwareDatetime


class AffinityEventPage(Page[AffinityEvent]):
    """A page of the ledger, newest first."""

    next: str | None


class AffinityEventQuery(PageQuery):
    before: CursorText | None = None


class Affinity(Output):
    """The score is the sum of the ledger, never below 0."""

    score: Annotated[int, Field(ge=0)]
    level: AffinityLevel
    next_level_at: Annotated[int | None, Field(description="Score of the next level; null at the last.")]

    @classmethod
    def of(cls, score: int) -> Self:
        """The affinity of a score."""
        ahead = (points for points in _MIN_SCORES.values() if points > score)
        return cls(score=score, level=level_at(score), next_level_at=next(ahead, None))


class AffinityChange(Output):
    """What something did to the affinity."""

    change: int
    score: Annotated[int, Field(ge=0)]
    level: AffinityLevel
    events: list[AffinityReason]

    @classmethod
    def of(cls, score: int, events: Sequence[AffinityReason]) -> Self:
        """The change that these events made, and where it led."""
        change = sum(event.points for event in events)
        return cls(change=change, score=score, level=level_at(score), events=list(events))


def level_at(score: int) -> AffinityLevel:
    """The highest level that the score has reached."""
    return [level for level, points in _MIN_SCORES.items() if points <= score][-1]
