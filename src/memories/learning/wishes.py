"""What the person asks the memory itself: to keep something, or to forget it."""

import re
from dataclasses import dataclass
from typing import Final

from src.language.annotation import Annotated, Hit
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
        if hit.topic == "keep" and _is_only_asked(sentence, hit):
            return None
        following = sentence.words[hit.end].text if hit.end < len(sentence.words) else ""
        if hit.topic == "keep" and following in _NOT_KEPT:
            return None
        rest = sentence.text[sentence.words[hit.end - 1].end :]
        lead = _LEAD.match(rest)
        return Wish(hit.topic == "keep", hit.end, rest[lead.end() if lead else 0 :].strip(" .!?"))
    return None


def _is_only_asked(sentence: Annotated, hit: Hit) -> bool:
    """ "Can you remember my goal?" asks whether, "can you remember that I …?" asks to."""
    asked = sentence.text.rstrip().endswith("?") and sentence.words[0].text in word_set("wishes.asked")
    following = [word.text for word in sentence.words[hit.end : hit.end + 2]]
    told = any(other.topic == "that" and hit.start <= other.start <= hit.end for other in sentence.hits)
    stated = len(following) == 2 and following[0] in word_set("wishes.subjects") and following[0] not in {"my", "mi"}
    ends_in_subject = sentence.words[hit.end - 1].text in {"i", "we"}
    return asked and not (told or stated or ends_in_subject)


def _after_polite(sentence: Annotated) -> int:
    kept = {hit.start for hit in sentence.hits if hit.topic in {"keep", "forget"}}
    for position, word in enumerate(sentence.words):
        if position in kept or word.text not in _POLITE:
            return position
    return len(sentence.words)
