"""Which statement replaces which: the same subject with another value, and nothing else."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from src.memories.contradiction import find_contradicted
from src.memories.schemas import MatchedMemory
from src.vocabulary import MemoryKind

KNOWN, OTHER = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 21, tzinfo=UTC)

REPLACED = [
    ("preference", "I prefer training in the morning.", "I prefer training in the evening now."),
    ("preference", "I like burpees.", "I don't like burpees."),
    ("preference", "I love running.", "I hate running now."),
    ("injury", "My left knee hurts.", "My left knee is fine again."),
    ("injury", "My knee hurts when I squat.", "My knee is better."),
    ("goal", "My goal is to squat 120 kg.", "My goal is to squat 140 kg."),
    ("profile", "I weigh 80 kg.", "I weigh 82 kg now."),
    ("profile", "I train three times a week.", "I train four times a week."),
]
BESIDE = [
    ("preference", "I prefer training in the morning.", "I love rowing."),
    ("injury", "My left knee hurts.", "My right shoulder hurts."),
    ("goal", "I am training for a marathon.", "I want to do ten pull-ups."),
    ("profile", "I weigh 80 kg.", "I work night shifts."),
]


def memory(kind: str, content: str, memory_id: UUID = KNOWN) -> MatchedMemory:
    return MatchedMemory(id=memory_id, kind=MemoryKind(kind), content=content, created_at=NOW, similarity=0.5)


@pytest.mark.parametrize(("kind", "before", "now"), REPLACED, ids=[now for *_, now in REPLACED])
def test_another_value_replaces_the_old_one(kind: str, before: str, now: str) -> None:
    others = [memory("fact", "I own a red kettlebell.", OTHER)]
    assert find_contradicted(now, MemoryKind(kind), [*others, memory(kind, before)]) == KNOWN


@pytest.mark.parametrize(("kind", "before", "now"), BESIDE, ids=[now for *_, now in BESIDE])
def test_another_subject_stands_beside_it(kind: str, before: str, now: str) -> None:
    assert find_contradicted(now, MemoryKind(kind), [memory(kind, before)]) is None


@pytest.mark.parametrize("statement", [now for *_, now in REPLACED])
def test_nothing_contradicts_what_is_not_known(statement: str) -> None:
    assert find_contradicted(statement, MemoryKind.FACT, []) is None
