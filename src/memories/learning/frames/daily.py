"""Where the person lives, and what they work as."""

import re
from typing import Final

from src.language.lexicon import word_set
from src.language.text import fold
from src.memories.learning.clauses import Clause
from src.memories.learning.frames.body import is_being
from src.memories.learning.frames.finding import Finding, Scene, fact
from src.vocabulary import FactField, FactOp, MemoryKind

_CAPITAL: Final = r"[A-Z\u00c0-\u00dd][\w'\u2019.-]*"
_PARTICLE: Final = r"(?:de|del|la|am|an|der|of|ob|upon|do)(?=\s+[A-Z\u00c0-\u00dd])"
_PLACE: Final = re.compile(
    rf"\s*(?:the |el |la |los |las |der |die |den )?({_CAPITAL}(?:[ ](?:{_CAPITAL}|{_PARTICLE}))*)"
)
_SMALL_PLACE: Final = re.compile(
    r"\s*([^\W\d_]{3,}(?:[ -][^\W\d_]{3,})?)\s*(?:[.,;!]|$| now\b| jetzt\b| ahora\b| nå\b| and\b| und\b| y\b| og\b"
    r"| (?:last|this|since|letzte\w*|seit|vor|forrige|sist|siden|for|i|hace|la|el|este|a|mit|con|med|with)\b)"
)
_WORK_ENDS: Final = re.compile(
    r"[,.;:!(]| (?:and|but|in|at|for|with|so|since|und|aber|bei|seit|y|pero|en|desde|og|men|i|på|hos|siden)\b"
)
_MAX_WORK: Final = 60


def find_residence(scene: Scene) -> Finding | None:
    """Where the person lives or has moved to."""
    clause, judged = scene.clause, scene.judged
    cue = clause.first("moved") or clause.first("live")
    if cue is None or not judged.is_fact or judged.is_wish:
        return None
    if clause.has("used_to", "temporary", "long_ago", "future"):
        return None
    words, text = clause.sentence.words, clause.sentence.text
    if clause.word(cue.start) == "nach" and cue.end - cue.start > 2:  # "nach Hamburg gezogen": the place is within
        place = _place(text[words[cue.start].end : words[cue.end - 2].end])
    else:
        place = _place(text[words[cue.end - 1].end : clause.last_letter])
    made = place and fact(FactField.RESIDENCE, FactOp.SET, place)
    return Finding(MemoryKind.PROFILE, 0.6, (made,) if made else ())


def _place(text: str) -> str | None:
    if found := _PLACE.match(text):
        return found[1].rstrip(".")
    found = _SMALL_PLACE.match(text)
    if found is None or set(fold(found[1]).split()) & word_set("daily.no_place"):
        return None
    return found[1].title() if found[1].islower() else found[1]


def find_work(scene: Scene) -> Finding | None:
    """What the person works as, and how."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("used_to", "temporary", "future", "long_ago", "ended"):
        return None
    work_as, job = clause.first("work_as"), next(iter(scene.hits("job")), None)
    words, text = clause.sentence.words, clause.sentence.text
    if job is not None:
        letter = words[job.start].start - clause.first_letter
        if work_as or is_being(clause, letter) or _is_a(clause, job.start):
            return _work(text[words[job.start].start : words[job.end - 1].end])
    if work_as is not None and not _says_when(clause, work_as.end):
        return _work(_WORK_ENDS.split(text[words[work_as.end - 1].end : clause.last_letter])[0])
    works = clause.has("work") and clause.has("first") and not clause.has("train", "exercise", "goal", "want")
    return Finding(MemoryKind.PROFILE, 0.5) if works else None


def _says_when(clause: Clause, position: int) -> bool:
    """ "Trabajo de noche" says when, not what as."""
    word = clause.word(position)
    filler = "filler" in clause.topics_at(position) and word not in word_set("daily.articles")
    return filler or word in word_set("daily.shifts")


def _is_a(clause: Clause, position: int) -> bool:
    """ "I'm a nurse", "bin Lehrerin"."""
    before = {clause.word(at) for at in range(max(position - 4, clause.start), position)}
    return bool(before & word_set("daily.am")) and not clause.has("not")


def _work(words: str) -> Finding | None:
    value = words.strip(" .,;:!")[:_MAX_WORK]
    article, _, rest = value.partition(" ")
    value = rest if article.lower() in word_set("daily.articles") else value
    made = fact(FactField.WORK, FactOp.SET, value) if value else None
    return Finding(MemoryKind.PROFILE, 0.6, (made,)) if made else None
