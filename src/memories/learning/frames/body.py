"""Height and body weight of the person."""

import itertools
import re
from typing import Final

from src.language.lexicon import word_set
from src.language.text import fold
from src.memories.facts import Fact
from src.memories.learning.clauses import Clause
from src.memories.learning.frames.finding import Finding, Scene, fact
from src.memories.learning.frames.measures import count_measures, find_bare_weight, find_height, find_weight
from src.vocabulary import FactField, FactOp, MemoryKind

# Something is lifted, lost or wanted here, so that the kilos are not the person's.
_OTHER_KILOS: Final = ("exercise", "goal", "want", "equipment", "food")
_HEADLINE_WORDS: Final = 6
_PIECE: Final = re.compile(
    r"\d[\d.,]*\s*(?:kgs?|kilos?|lbs?|cm|m)?\s*(?:[,.!;]|$)|[12]\s?m\s?\d\d\s*(?:[,.!;]|$)", re.IGNORECASE
)
_AGED: Final = re.compile(r"(?:^|\W)(?:i.?m|bin|tengo|er|age)\s+\d\d\b")


def find_body(scene: Scene) -> Finding | None:
    """Height and body weight: "1.82 m", "5'11"", "80 kilos"."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("used_to", "long_ago", "goal"):
        return None
    facts = [made for made in (_height(scene), _weight(scene)) if made is not None]
    return Finding(MemoryKind.PROFILE, 0.7, tuple(facts)) if facts else None


def is_being(clause: Clause, letter: int) -> bool:
    """ "I am 1.82", "jeg er 80 kg": nothing but being is between the person and what begins at a letter."""
    words = fold(clause.text[:letter]).replace("\u2019", "'").split()
    said = bool(words) and words[-1].strip(",") in word_set("body.being")
    return said and (clause.has("first") or is_headline(clause))


def is_headline(clause: Clause) -> bool:
    """Said with hardly a word: "34, 1.80 m, 75 kg"."""
    if clause.has("verb", "third_verb", "first"):
        return clause.has("first") and clause.has("verb") and clause.end - clause.start <= _HEADLINE_WORDS - 2
    return clause.end - clause.start <= _HEADLINE_WORDS


def text_of(clause: Clause) -> str:
    """The clause with what stands behind its last word, such as the mark of inches."""
    words, text = clause.sentence.words, clause.sentence.text
    end = words[clause.end].start if clause.end < len(words) else len(text)
    return text[clause.first_letter : end]


def _height(scene: Scene) -> Fact | None:
    clause, text = scene.clause, text_of(scene.clause)
    if clause.has("exercise", "equipment", "event"):
        return None
    found = find_height(text, with_unit=not clause.has("tall"))
    if found is None or not 1.2 <= found[0] <= 2.4:
        return None
    letter = found[1]
    meant = clause.has("tall") or is_being(clause, letter) or is_headline(clause) or _is_listed(clause, letter)
    return fact(FactField.HEIGHT, FactOp.SET, round(found[0], 2)) if meant else None


def _weight(scene: Scene) -> Fact | None:
    clause, text = scene.clause, text_of(scene.clause)
    words = {clause.word(at) for at in range(clause.start, clause.end)}
    weighed = clause.has("weighed") and clause.has("temporary")  # "veide 76,5 i dag"
    weighs = clause.has("weigh") or weighed
    if (
        clause.has(*_OTHER_KILOS)
        or words & word_set("body.changed")
        or (words & word_set("body.lifted") and not weighs)
    ):
        return None
    if found := find_weight(text, clause.sentence.language):
        kilos, letter = found
        meant = weighs or is_being(clause, letter) or is_headline(clause) or _is_listed(clause, letter)
        return fact(FactField.BODY_WEIGHT, FactOp.SET, round(kilos, 1)) if meant else None
    cue = clause.first("weigh")
    if cue is None and weighed:
        now = find_bare_weight(text)
        return fact(FactField.BODY_WEIGHT, FactOp.SET, now) if now and 30 <= now <= 250 else None
    if cue is None:
        return None
    bare = find_bare_weight(text[clause.sentence.words[cue.end - 1].end - clause.first_letter :])
    following = (clause.word(at) for at in range(cue.end, clause.end))
    before = itertools.takewhile(lambda word: not word[:1].isdigit(), following)
    if words & word_set("body.not_weighed") and (bare is None or set(before) & word_set("body.not_weighed")):
        return None
    return fact(FactField.BODY_WEIGHT, FactOp.SET, bare) if bare and 30 <= bare <= 250 else None


def _is_piece(text: str, letter: int) -> bool:
    """Nothing else between two commas: "type 2 diabetic, 53, 104 kilos"."""
    begins = text[:letter].rstrip().endswith(",")
    return begins and _PIECE.match(text[letter:]) is not None


def _is_listed(clause: Clause, letter: int) -> bool:
    """One of several measures of the person: "I'm 29, 183 cm, 84 kg"."""
    text = text_of(clause)
    if _is_piece(text, letter):
        return True
    several = count_measures(text) + (_AGED.search(fold(text)) is not None) >= 2
    return several and text[:letter].rstrip().endswith((",", "/", "-", "and", "und", " y", "og", "|"))
