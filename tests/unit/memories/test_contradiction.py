"""Which statement replaces which: the same subject with another value, and nothing else."""

import pytest

from src.memories.contradiction import contradicted
from src.vocabulary import MemoryKind

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


def memory(kind: str, content: str) -> dict[str, str]:
    return {"id": "known", "kind": kind, "content": content}


@pytest.mark.parametrize(("kind", "before", "now"), REPLACED, ids=[now for *_, now in REPLACED])
def test_another_value_replaces_the_old_one(kind: str, before: str, now: str) -> None:
    others = [{"id": "other", "kind": "fact", "content": "I own a red kettlebell."}]
    assert contradicted(now, MemoryKind(kind), [*others, memory(kind, before)]) == "known"


@pytest.mark.parametrize(("kind", "before", "now"), BESIDE, ids=[now for *_, now in BESIDE])
def test_another_subject_stands_beside_it(kind: str, before: str, now: str) -> None:
    assert contradicted(now, MemoryKind(kind), [memory(kind, before)]) is None


@pytest.mark.parametrize("statement", [now for *_, now in REPLACED])
def test_nothing_contradicts_what_is_not_known(statement: str) -> None:
    assert contradicted(statement, MemoryKind.FACT, []) is None
