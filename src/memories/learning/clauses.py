"""Clauses of a sentence: pieces that one subject and one verb make a statement of."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from src.language.annotation import Annotated, Hit
from src.language.language import Language
from src.language.lexicon import word_set

_SEPARATOR: Final = re.compile(r"[,:;()\u2013\u2014]|\s-+\s|\.\.\.|\u2026")
# What begins a clause after a comma or an "and".
_OPENERS: Final = frozenset(
    {"subject", "verb", "third", "it", "question", "asks", "order", "second", "keep", "dislike", "ended"}
)
_LINKS: Final = ("condition", "because", "but", "relative", "when", "that")
# After these a "that" begins what was said, wished or asked to keep.
_INTRODUCES: Final = frozenset(
    {"say", "keep", "forget", "finally", "wish", "unreal", "question", "order", "want", "like", "asks"}
)
_SUBJECTS: Final = word_set("clauses.subjects")
_PERSON_REACH: Final = 3


@dataclass(frozen=True)
class Clause:
    """Some words of a sentence. `link` is how it hangs on the one before: as a condition, a reason, or not at all."""

    sentence: Annotated
    start: int
    end: int
    link: str
    separated: bool  # by a comma or the like from the clause before

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The phrases that lie in it."""
        return tuple(hit for hit in self.sentence.hits if self.start <= hit.start and hit.end <= self.end)

    @property
    def text(self) -> str:
        """As it stands in the message."""
        return self.sentence.text[self.first_letter : self.last_letter]

    @property
    def first_letter(self) -> int:
        """Where it begins in the sentence."""
        return self.sentence.words[self.start].start

    @property
    def last_letter(self) -> int:
        """Where it ends in the sentence."""
        return self.sentence.words[self.end - 1].end

    def all(self, *topics: str) -> list[Hit]:
        """The phrases of these topics."""
        return [hit for hit in self.hits if hit.topic in topics]

    def first(self, *topics: str) -> Hit | None:
        """The first phrase of these topics."""
        return next((hit for hit in self.hits if hit.topic in topics), None)

    def has(self, *topics: str) -> bool:
        """Whether a phrase of one of these topics is in it."""
        return self.first(*topics) is not None

    def word(self, position: int) -> str:
        """The folded word at a position of the sentence; empty outside of the clause."""
        return self.sentence.words[position].text if self.start <= position < self.end else ""

    def topics_at(self, position: int) -> set[str]:
        """The topics of the phrases that begin at a word."""
        return {hit.topic for hit in self.hits if hit.start == position}

    def words_between(self, one: Hit, other: Hit) -> int:
        """How many words are between two phrases."""
        return max(other.start - one.end, one.start - other.end, 0)


def split_clauses(sentence: Annotated, start: int = 0) -> list[Clause]:
    """The clauses of a sentence, from a word on."""
    splitter = _Splitter(sentence, start)
    bounds = [*splitter.bounds(), (len(sentence.words), "", False)]
    return [
        Clause(sentence, first, end, link, separated)
        for (first, link, separated), (end, _, _) in itertools.pairwise(bounds)
        if first < end
    ]


class _Splitter:
    def __init__(self, sentence: Annotated, start: int) -> None:
        self._sentence = sentence
        self._start = start
        self._topics: list[set[str]] = [set() for _ in sentence.words]
        for hit in sentence.hits:
            self._topics[hit.start].add(hit.topic)
        for position, word in enumerate(sentence.words):
            if word.text in _SUBJECTS:
                self._topics[position].add("subject")
        self._ends = {(hit.topic, hit.end) for hit in sentence.hits}
        self._asked = sentence.text.rstrip().endswith("?")

    def bounds(self) -> Iterator[tuple[int, str, bool]]:
        """The first word of each clause, its link, and whether something separates it."""
        if self._start >= len(self._sentence.words):
            return
        first = self._link(self._start, separated=True)
        clause, link = self._start, first if first in {"condition", "when"} else ""
        yield clause, link, False
        for position in range(self._start + 1, len(self._sentence.words)):
            if self._sentence.words[position].start == self._sentence.words[position - 1].start:
                continue  # the other half of "I'm"
            separated = self._is_separated(position)
            found = self._bound(position, clause, link, separated=separated)
            if found is not None:
                clause, link = position, found
                yield clause, link, separated

    def _bound(self, position: int, clause: int, link: str, *, separated: bool) -> str | None:
        """The link of the clause that begins here; None when none does."""
        own = self._link(position, separated=separated)
        after_and = bool(self._topics[position - 1] & {"and"}) and position - 1 > clause
        in_condition = link in {"condition", "when"} or own == "when"
        begins = (
            (own in {"condition", "because", "but"} and not self._is_inserted(position, separated=separated))
            or (own == "relative" and self._is_relative(position, separated=separated))
            or (own == "that" and self._opens(position + 1) and self._introduced(clause, position))
            or (separated and (in_condition or self._opens(position) or self._in_question(position)))
            or (after_and and self._opens(position))
            or self._reported(position)
            or self._second_subject(position, clause, link)
        )
        return own if begins else None

    def _is_inserted(self, position: int, *, separated: bool) -> bool:
        """German "wohne aber in Dresden": an "aber" behind its verb; "i fjor hadde jeg": no condition but a past."""
        if self._sentence.words[position].text in word_set("clauses.inverted"):
            return not separated
        return self._sentence.words[position].text == "aber" and "verb" in self._topics[position - 1]

    def _link(self, position: int, *, separated: bool) -> str:
        topics = self._topics[position]
        for link in _LINKS:
            if link in topics and (separated or link != "when"):
                return link
        return ""

    def _is_separated(self, position: int) -> bool:
        words = self._sentence.words
        return _SEPARATOR.search(self._sentence.text[words[position - 1].end : words[position].start]) is not None

    def _opens(self, position: int) -> bool:
        if position >= len(self._topics):
            return False
        if self._topics[position] & _OPENERS:
            return True
        if (
            position + 1 < len(self._topics)
            and "filler" in self._topics[position]
            and "want" in self._topics[position + 1]
        ):
            return True
        if "again" in self._topics[position] and position + 1 < len(self._topics):
            return "verb" in self._topics[position + 1] and not self._topics[position + 1] & {"not"}
        near = range(position, min(position + _PERSON_REACH, len(self._topics)))
        return any(self._topics[at] & {"person", "medical"} for at in near)

    def _is_relative(self, position: int, *, separated: bool) -> bool:
        """ "der" and "som" are also something else: an article, an "as"."""
        following = self._topics[position + 1] if position + 1 < len(self._topics) else set()
        match self._sentence.language:
            case Language.DE:
                return separated
            case Language.NB:
                return bool(following & {"verb", "third_verb"})
            case _:
                return True

    def _introduced(self, clause: int, position: int) -> bool:
        return any(self._topics[at] & _INTRODUCES for at in range(clause, position))

    def _in_question(self, position: int) -> bool:
        """Before "should I squat?" a comma is enough; within a list of it none is."""
        begun = self._topics[self._start] & {"asks", "question"}
        return self._asked and (not begun or bool(self._topics[position] & {"asks", "question", "order"}))

    def _reported(self, position: int) -> bool:
        """After "the physio says" comes what is said."""
        if ("say", position) not in self._ends:
            return False
        return bool(self._topics[position] & {"subject", "third", "verb"}) or any(
            "medical" in topics for topics in self._topics[:position]
        )

    def _second_subject(self, position: int, clause: int, link: str) -> bool:
        """ "If I run my knee hurts": the second subject begins the main clause."""
        word = self._sentence.words[position].text
        return (
            link in {"condition", "when"}
            and word in _SUBJECTS - {"me", "mir", "mich"}
            and position - clause >= 3
            and not self._topics[position - 1] & {"verb", "pain", "injured", "say", "and", "condition"}
        )
