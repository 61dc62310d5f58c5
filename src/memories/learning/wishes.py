"""What the person asks the memory itself: to keep something, or to forget it."""

import re
from dataclasses import dataclass
from typing import Final

from src.language.annotation import Annotated
from src.language.lexicon import word_set

# "remember to stretch" and "remember when" ask for something else.
_NOT_KEPT: Final = frozenset({"when", "how", "me", "cuando", "como"})
_POLITE: Final = word_set("wishes.polite")
_LEAD: Final = re.compile(
    r"^[\s,:;.\u2013-]*(?:(?:bitte|please|por favor|vær så snill|mal|deg|dir|also|auch|gut)\b[\s,:]*)*"
    r"(?:(?:that|dass|daß|que|at|about|what|was|lo que|alt|det|of)\b[\s,:]*)?",
    re.IGNORECASE,
)
_EVERYTHING: Final = word_set("wishes.everything")
_POINTED_WORDS: Final = 3


@dataclass(frozen=True)
class Wish:
    """A request to keep or to forget, and from which word on it says what."""

    keeps: bool
    body: int
    rest: str  # in the person's words

    @property
    def is_pointing(self) -> bool:
        """ "Remember that." means what was said before."""
        return not self.rest or (
            len(self.rest.split()) <= _POINTED_WORDS and self.rest.lower().strip(" .!") in _EVERYTHING
        )


def find_wish(sentence: Annotated) -> Wish | None:
    """What a sentence asks of the memory; only what begins it does."""
    start = _after_polite(sentence)
    for hit in sorted(sentence.hits, key=lambda hit: (hit.topic != "keep", hit.start - hit.end)):
        if hit.topic not in {"keep", "forget"} or not (hit.start <= start < hit.end or hit.start == 0):
            continue
        following = sentence.words[hit.end].text if hit.end < len(sentence.words) else ""
        if hit.topic == "keep" and following in _NOT_KEPT:
            return None
        rest = sentence.text[sentence.words[hit.end - 1].end :]
        lead = _LEAD.match(rest)
        return Wish(hit.topic == "keep", hit.end, rest[lead.end() if lead else 0 :].strip(" .!?"))
    return None


def _after_polite(sentence: Annotated) -> int:
    kept = {hit.start for hit in sentence.hits if hit.topic in {"keep", "forget"}}
    for position, word in enumerate(sentence.words):
        if position in kept or word.text not in _POLITE:
            return position
    return len(sentence.words)
