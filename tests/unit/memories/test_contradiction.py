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
    ("preference", "I love running", "I no longer like running"),
    ("profile", "I'm vegetarian", "I'm not vegetarian anymore"),
    ("profile", "I live in Oslo", "I moved to Bergen"),
    ("profile", "I'm 34", "I'm 35"),
    ("profile", "Call me Ana", "Call me Annie"),
    ("goal", "I want to run a marathon", "I don't want to run a marathon anymore"),
    ("preference", "I prefer barbells over dumbbells for pressing", "I prefer dumbbells over barbells for pressing"),
    ("preference", "My favourite breakfast is scrambled eggs", "My favourite breakfast is oatmeal"),
    ("preference", "I train alone", "I train with a partner now"),
    ("preference", "Ich liebe Laufen", "Ich mag Laufen nicht mehr"),
    ("preference", "Ich trainiere lieber morgens", "Ich trainiere jetzt lieber abends"),
    ("injury", "Mein Knie tut weh", "Mein Knie ist wieder in Ordnung"),
    ("profile", "Ich wiege 80 kg", "Ich wiege jetzt 82 kg"),
    ("preference", "Me encanta correr", "Ya no me gusta correr"),
    ("preference", "Prefiero entrenar por la mañana", "Ahora prefiero entrenar por la noche"),
    ("injury", "Me duele la rodilla", "La rodilla ya está bien"),
    ("preference", "Jeg elsker å løpe", "Jeg liker ikke å løpe lenger"),
    ("preference", "Jeg foretrekker å trene om morgenen", "Jeg foretrekker å trene om kvelden"),
    ("injury", "Jeg har vondt i kneet", "Kneet er bra igjen"),
    ("preference", "I love running", "Ich hasse Laufen"),
]
BESIDE = [
    ("preference", "I prefer training in the morning.", "I love rowing."),
    ("injury", "My left knee hurts.", "My right shoulder hurts."),
    ("goal", "I am training for a marathon.", "I want to do ten pull-ups."),
    ("profile", "I weigh 80 kg.", "I work night shifts."),
    ("preference", "I love running", "I hate running in the rain"),
    ("preference", "Ich liebe Laufen", "Ich hasse Laufen im Regen"),
    ("preference", "Me encanta correr", "Odio correr bajo la lluvia"),
    ("preference", "Jeg elsker å løpe", "Jeg hater å løpe i regnet"),
    ("goal", "My goal is to run 10 km", "My goal is to bench 100 kg"),
    ("injury", "My left knee hurts", "My right knee is fine"),
    ("profile", "I'm allergic to nuts", "I'm allergic to milk"),
    ("preference", "I hate lunges", "I hate burpees"),
    ("event", "I ran 10 km in 50 minutes", "I ran 10 km in 48 minutes"),
    ("preference", "I love squats", "I can't squat today"),
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
