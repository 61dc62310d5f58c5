"""What is heard in a message: statements to keep, and what the person asks to keep or to forget."""

from dataclasses import dataclass
from uuid import UUID

from src.memories.facts import Fact
from src.vocabulary import MemoryKind


@dataclass(frozen=True)
class Statement:
    """Something that the person said of themselves, in their words. `replaces`: a memory that is no longer so."""

    kind: MemoryKind
    content: str
    quote: str
    salience: float
    facts: tuple[Fact, ...] = ()
    replaces: UUID | None = None


@dataclass(frozen=True)
class Heard:
    """A message as it was heard.

    `forget` is what they ask to forget, in their words ("" for everything); `asked_to_keep` whether they asked to
    remember; `not_kept` are sentences that they asked to remember and that cannot be kept.
    """

    statements: tuple[Statement, ...] = ()
    forget: str | None = None
    asked_to_keep: bool = False
    not_kept: tuple[str, ...] = ()
