"""Reads a message: its sentences, their clauses, how each is meant, and what frames find in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from src.language.annotation import Annotated, annotate
from src.language.language import Language
from src.language.lexicon import word_set
from src.memories.learning.clauses import split_clauses
from src.memories.learning.frames.finding import Finding, Scene
from src.memories.learning.frames.registry import FRAMES, LOOSE_FRAMES
from src.memories.learning.frames.training import find_units
from src.memories.learning.guards import Judged, Subject, judge
from src.memories.learning.sentences import mask_quotations, split_sentences
from src.memories.learning.wishes import Wish, find_wish

_MAX_MESSAGE: Final = 8000
# Whoever writes so gives orders to a machine.
_ROLES: Final = re.compile(
    r"^\s*(system|assistant|developer|user)\s*:|\[/?INST\]|<\|\w+\|>"
    r"|\b(ignore|disregard|override)\b.{0,30}\b(instructions?|rules|prompt)\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence with where it stands, what it asks of the memory, and its clauses as they are meant."""

    start: int
    end: int
    annotated: Annotated
    wish: Wish | None
    clauses: Sequence[Judged]

    def has(self, topic: str) -> bool:
        """Whether a phrase of the topic is anywhere in it."""
        return any(hit.topic == topic for hit in self.annotated.hits)


def read_sentences(message: str, language: Language) -> list[Sentence]:
    """The sentences of a message, each judged."""
    masked = mask_quotations(message[:_MAX_MESSAGE])
    before = Subject.UNKNOWN
    read: list[Sentence] = []
    for start, end in split_sentences(masked):
        annotated = annotate(masked[start:end], language)
        if not annotated.words:
            continue
        wish = find_wish(annotated)
        clauses = judge(split_clauses(annotated, wish.body if wish else 0), before)
        if wish is not None:
            clauses = [_asked_to_keep(judged) for judged in clauses]
        read.append(Sentence(start, end, annotated, wish, clauses))
        before = clauses[-1].subject if clauses else before
    return read


def is_injected(message: str, sentences: Iterable[Sentence]) -> bool:
    """Whether the text tries to order the companion about."""
    return _ROLES.search(message) is not None or any(sentence.has("injection") for sentence in sentences)


def joked(sentences: Sequence[Sentence]) -> set[int]:
    """Sentences that were said in jest: the one that says so, and the one before when it says little else."""
    found: set[int] = set()
    for number, sentence in enumerate(sentences):
        words = sentence.annotated.words
        jokes = [
            hit
            for hit in sentence.annotated.hits
            if hit.topic == "joke" and not (hit.start and words[hit.start - 1].text in word_set("reading.no_joke"))
        ]
        if jokes:
            found.add(number)
            if jokes[0].start <= 4 and number:
                found.add(number - 1)
    return found


def find_all(
    judged: Judged, others: Sequence[Judged], before: Sequence[Judged] = (), today: date | None = None
) -> list[Finding]:
    """What the frames find in a clause: what has facts, else one thing without."""
    if not judged.is_own:
        return _ordered(judged, others)
    scene = Scene(judged, others, before, today)
    found = [finding for frame in FRAMES if (finding := frame(scene)) is not None]
    if found:
        return [finding for finding in found if finding.facts] or found[:1]
    return [finding for frame in LOOSE_FRAMES if (finding := frame(scene)) is not None][:1]


def _ordered(judged: Judged, others: Sequence[Judged]) -> list[Finding]:
    """ "Show everything in pounds" is an order that says what the person counts in."""
    asked = judged.clause.sentence.text.rstrip().endswith("?")
    if judged.subject is Subject.OTHER or asked or not judged.clause.has("order") or judged.clause.link == "condition":
        return []
    finding = find_units(Scene(replace(judged, subject=Subject.SPEAKER, is_statement=True), others))
    return [finding] if finding is not None else []


def _asked_to_keep(judged: Judged) -> Judged:
    """After "can you remember that" nothing is asked."""
    if judged.is_statement or judged.clause.link in {"condition", "relative"} or judged.clause.has("figure", "say"):
        return judged
    return replace(judged, is_statement=True)
