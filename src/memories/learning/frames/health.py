"""Pregnancy, conditions and medication: what leads to the careful path."""

import re
from typing import Final

from src.language.lexicon import word_set
from src.memories.learning.frames.finding import SAFETY_SALIENCE, Finding, Scene, facts_of, is_denied, is_state_denied
from src.vocabulary import FactField, FactOp, MemoryKind

_NOT_CONDITIONS: Final = frozenset({"pregnancy", "gluten", "milk"})
_PARENTS: Final = frozenset({"test", "clothes", "pregnant women"})
_CALLED: Final = re.compile(r"^(?:einen?|den|die|das|an?|the|my|mi|mis|la|el|los|las|unos|en|et)\s+", re.IGNORECASE)


def find_pregnancy(scene: Scene) -> Finding | None:
    """Pregnant, no longer, or not."""
    clause, judged = scene.clause, scene.judged
    hits = [hit for hit in scene.hits("health") if hit.value == "pregnancy"]
    if not judged.is_fact or judged.is_wish:
        return None
    said = clause.has("first") or bool(clause.topics_at(clause.start) & {"gave_birth", "verb"})
    if clause.has("gave_birth") and said and not clause.has("born"):
        return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts_of(FactField.PREGNANCY, FactOp.REMOVE, [True]))
    if not hits or clause.has("used_to", "long_ago", "other_person"):
        return None
    over = is_denied(clause, hits[0]) or clause.has("ended")
    before = {clause.word(at) for at in range(hits[0].start - 3, hits[0].start)}
    since = [at for at in range(hits[0].start - 3, hits[0].start) if clause.word(at) in word_set("health.since")]
    if since and not {clause.word(at) for at in range(since[0], hits[0].start)} & word_set("health.being"):
        return None  # "since my pregnancy"; but "since I'm pregnant"
    if before & word_set("health.past"):  # "I was pregnant" says nothing of today, unless it says how it ended
        if not any(other.is_own and other.clause.has("gave_birth") for other in scene.others):
            return None
        over = True
    op = FactOp.REMOVE if over else FactOp.SET
    return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts_of(FactField.PREGNANCY, op, [True]))


def find_condition(scene: Scene) -> Finding | None:
    """Diabetes, asthma, high blood pressure and the like."""
    clause, judged = scene.clause, scene.judged
    hits = [hit for hit in scene.hits("health") if hit.value not in _NOT_CONDITIONS]
    if not hits or not judged.is_fact or clause.has("food_for"):
        return None
    over = any(is_state_denied(clause, hit) for hit in hits) or clause.has("ended", "used_to") or _is_cured(scene)
    op = FactOp.REMOVE if over else FactOp.ADD
    return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts_of(FactField.CONDITIONS, op, [hit.value for hit in hits]))


def _is_cured(scene: Scene) -> bool:
    """ "Cleared to exercise" after a heart attack cures no heart."""
    cured = [hit for hit in scene.clause.all("healed") if scene.clause.word(hit.start) != "cleared"]
    return bool(cured) and not any(hit.value == "heart_condition" for hit in scene.hits("health"))


def find_medication(scene: Scene) -> Finding | None:
    """What the person takes, in their words."""
    clause, judged = scene.clause, scene.judged
    hits = scene.hits("medication")
    takes = scene.hits("take") or scene.hits("ended")
    if not hits or not takes or not judged.is_fact or judged.is_wish or clause.has("allergic"):
        return None
    if clause.has("temporary") or clause.word(takes[0].start) in {"took", "nahm", "tome", "tok"}:
        return None
    over = clause.has("ended", "used_to") or any(is_denied(clause, take) for take in takes)
    words, text = clause.sentence.words, clause.sentence.text
    named = [_CALLED.sub("", text[words[hit.start].start : words[hit.end - 1].end]) for hit in hits]
    op = FactOp.REMOVE if over else FactOp.ADD
    return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts_of(FactField.MEDICATION, op, named))
