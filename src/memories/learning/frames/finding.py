"""What a frame finds in a clause, and what frames share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from src.language.annotation import Hit
from src.language.lexicon import word_set
from src.memories.facts import Fact
from src.memories.learning.clauses import Clause
from src.memories.learning.guards import Judged, Subject, hits_of_speaker
from src.vocabulary import FactField, FactOp, MemoryKind

SAFETY_SALIENCE: Final = 0.9
_OR: Final = frozenset({"or", "oder", "o", "eller", "nor", "any", "ni"})
# A longer clause names what it is about.
_MAX_POINTING: Final = 7


@dataclass(frozen=True)
class Finding:
    """What a clause says of the person."""

    kind: MemoryKind
    salience: float
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A clause of the person's with its neighbours in the sentence."""

    judged: Judged
    others: Sequence[Judged]
    before: Sequence[Judged] = ()  # of the sentence before, which "it" may point to
    today: date | None = None  # where the person is; without it "since March" has no year

    @property
    def clause(self) -> Clause:
        """What is looked at."""
        return self.judged.clause

    def hits(self, *topics: str) -> list[Hit]:
        """Phrases of the clause that are not another person's."""
        return [hit for hit in hits_of_speaker(self.clause) if hit.topic in topics]

    def objects(self, topic: str) -> list[Hit]:
        """Phrases of the clause, or what its "it" points to: "Liver? I can't stand it"."""
        own = self.hits(topic)
        if own or self.clause.end - self.clause.start > _MAX_POINTING:
            return own
        earlier = [other for other in self.others if other.clause.start < self.clause.start]
        nearest = earlier[-1:] or list(self.before[-1:])
        return [hit for other in nearest if other.subject is not Subject.OTHER for hit in other.clause.all(topic)]

    def has(self, *topics: str) -> bool:
        """Whether the clause has a phrase of one of these topics."""
        return bool(self.hits(*topics))


Frame = Callable[[Scene], Finding | None]


def fact(field: FactField, op: FactOp, value: Any) -> Fact | None:
    """The fact, or None when the value is none of its field: a height of 7 m."""
    try:
        return Fact(field=field, op=op, value=value)
    except ValidationError:
        return None


def facts_of(field: FactField, op: FactOp, values: Iterable[Any]) -> tuple[Fact, ...]:
    """One fact for each value."""
    made = (fact(field, op, value) for value in dict.fromkeys(values))
    return tuple(one for one in made if one is not None)


def is_denied(clause: Clause, hit: Hit) -> bool:
    """Whether the clause says no to what a phrase says; a phrase that has its own "not" is not denied by it."""
    return any(
        not (hit.start <= denial.start < hit.end)
        and clause.word(denial.end) not in {"only", "nur", "solo", "bare", "just", "kun"}
        and not _is_apart(clause, denial, hit)
        for denial in clause.all("not")
    )


def is_state_denied(clause: Clause, hit: Hit) -> bool:
    """ "I'm not allergic", "allergisch bin ich nicht"; but "I have a nut allergy so nothing with nuts" is none."""
    if not is_denied(clause, hit):
        return False
    return any(
        denial.end >= clause.end - 1 if denial.start > hit.start else not _is_of_another(clause, denial, hit)
        for denial in clause.all("not")
    )


def _is_of_another(clause: Clause, denial: Hit, hit: Hit) -> bool:
    """ "Gluten is a big no for me, coeliac": behind the comma it is denied only in a list of such states."""
    words = clause.sentence.words
    if "," not in clause.sentence.text[words[denial.end - 1].end : words[hit.start].start]:
        return False
    listed = {
        at
        for one in clause.all("health", "injury", "injured", "allergic", "joint", "pain", "and", "diet")
        for at in range(one.start, one.end)
    }
    return any(at not in listed and clause.word(at) not in _OR for at in range(denial.end, hit.start))


def _is_apart(clause: Clause, denial: Hit, hit: Hit) -> bool:
    """ "Soy is no good either, allergic": the comma ends what is denied; in "no injuries, allergies" it does not."""
    words = clause.sentence.words
    first, second = sorted((denial, hit), key=lambda one: one.start)
    between = clause.sentence.text[words[first.end - 1].end : words[second.start].start]
    if "," not in between:
        return False
    return denial.start > hit.start or clause.word(denial.start) in word_set("finding.denies_one")
