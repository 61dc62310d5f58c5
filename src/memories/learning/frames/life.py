"""What matters in a month and is no fact of the profile: goals, events, tastes, and how the person lives."""

import re
from typing import Final

from src.language.annotation import Hit
from src.language.language import Language
from src.language.lexicon import word_set
from src.memories.learning.frames.finding import Finding, Scene, facts_of, is_denied
from src.vocabulary import FactField, FactOp, MemoryKind

_MAX_GOAL: Final = 200
_LEADS: Final = re.compile(
    r"^[\s:,]*(?:(?:is|are|ist es|ist|sind|es|son|er|was)\b[\s:,]*)?"
    r"(?:(?:to|it|be|that|dass ich|einmal|å|de|que|es)\s+(?!able))?",
    re.IGNORECASE,
)
# What somebody likes is no taste when it is what was just said: "I like that plan".
_POINTING: Final = word_set("life.pointing")
_MIN_TASTE_WORDS: Final = 3


def find_goal(scene: Scene) -> Finding | None:
    """What the person trains for, in their words."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_own or clause.has("temporary", "dislike", "cannot_do", "forget") or _is_mere_wish(scene):
        return None
    named = next(iter(scene.hits("goal")), None)
    wanted = next(iter(scene.hits("want", "wish")), None)
    cue = named or wanted
    if cue is None or clause.has("used_to") or (named is None and not _is_goal(scene, cue.start)):
        return None
    if named is None and clause.word(cue.start) in word_set("life.must") and not _changes(scene):
        return None  # "I have to be careful when I run"
    if _is_no_goal(scene, cue) or clause.has("ended"):
        return Finding(MemoryKind.GOAL, 0.6)
    words, text = clause.sentence.words, clause.sentence.text
    value = text[words[cue.end - 1].end : _end(scene)] if cue.end < clause.end else ""
    value = _LEADS.sub("", value).strip(" .,;:!")
    if clause.sentence.language in {Language.DE, Language.ES, Language.NB} and (
        not value or (cue.topic == "goal" and len(value) < 4)
    ):
        value = clause.text
    value = value or clause.text
    facts = facts_of(FactField.GOALS, FactOp.ADD, [value[:_MAX_GOAL]]) if len(value) <= _MAX_GOAL else ()
    return Finding(MemoryKind.GOAL, 0.7, facts)


def _changes(scene: Scene) -> bool:
    clause = scene.clause
    return any(clause.word(at) in word_set("life.changes") for at in range(clause.start, clause.end))


def _is_no_goal(scene: Scene, cue: Hit) -> bool:
    """ "My goal is not to lose weight"; but "to play without getting winded" is one."""
    return is_denied(scene.clause, cue) and any(
        denial.start <= cue.end + 1 for denial in scene.clause.all("not") if denial.start != cue.start
    )


def _end(scene: Scene) -> int:
    """To the end of the sentence when nothing of the person's comes in between."""
    later = [other for other in scene.others if other.clause.start >= scene.clause.end]
    own = next((other.clause.first_letter for other in later), None)
    return own if own is not None else len(scene.clause.sentence.text)


def _is_mere_wish(scene: Scene) -> bool:
    plain = " ".join(word.text for word in scene.clause.sentence.words[scene.clause.start : scene.clause.end])
    return re.search(r"\b(i wish|if only|ojala|wuenschte|skulle oenske)\b", plain) is not None


def _is_goal(scene: Scene, after: int) -> bool:
    clause = scene.clause
    things = [
        hit
        for hit in scene.hits("goal_thing", "exercise", "event")
        if hit.start >= after or clause.sentence.language != Language.EN
    ]
    return bool(things) and not clause.has("goal_not", "second", "pain") and not _wants_thing(scene)


def _wants_thing(scene: Scene) -> bool:
    """ "I would love a pull-up bar"."""
    clause = scene.clause
    if any(clause.word(at) in word_set("life.lifts") for at in range(clause.start, clause.end)):
        return False  # "100 kg auf der Bank drücken"
    exercises = {(hit.start, hit.end) for hit in scene.hits("exercise")}
    return any((hit.start, hit.end) not in exercises for hit in scene.hits("equipment"))


def find_event(scene: Scene) -> Finding | None:
    """Something with a date: a race, a wedding, an operation."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_own or clause.has("used_to", "long_ago", "ended", "not", "goal"):
        return None
    if judged.is_unreal or not clause.has("month") or not (clause.has("first") or clause.has("verb")):
        return None
    if _is_over(scene):
        return None
    return Finding(MemoryKind.EVENT, 0.6) if clause.has("event", "married") else None


def _is_over(scene: Scene) -> bool:
    words = {word.text for word in scene.clause.sentence.words[scene.clause.start : scene.clause.end]}
    return bool(
        words
        & {
            "ran",
            "finished",
            "won",
            "lost",
            "did",
            "was",
            "last",
            "yesterday",
            "had",
            "gelaufen",
            "letzten",
            "letzte",
            "war",
            "corri",
            "gane",
            "pasado",
            "pasada",
            "loep",
            "vant",
            "sist",
            "forrige",
            "hatte",
            "tuve",
            "hadde",
        }
    )


def find_preference(scene: Scene) -> Finding | None:
    """Tastes without a fact: "I prefer mornings", "my favourite band is Rammstein"."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or clause.has("temporary", "goal_not") or (judged.is_wish and not clause.has("prefer")):
        return None
    cue = next(iter(scene.hits("prefer", "like", "dislike")), None)
    if cue is None or not clause.has("first"):
        return None
    rest = [clause.word(at) for at in range(cue.end, clause.end)]
    before = [clause.word(at) for at in range(clause.start, cue.start)]
    pointed = (rest[:1] and rest[0] in _POINTING) or (not rest and set(before[-2:]) & _POINTING)
    if pointed or len(rest) + len(before) < _MIN_TASTE_WORDS - 1 or (not rest and len(before) < 2):
        return None
    if clause.has("order", "second", "please", "not_object") and cue.topic != "prefer":
        return None
    return Finding(MemoryKind.PREFERENCE, 0.5)


def find_life(scene: Scene) -> Finding | None:
    """Name, family, sleep, and how the days go."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("temporary", "used_to", "long_ago"):
        return None
    if clause.has("other_diet") and clause.has("first", "verb") and not clause.has("like", "dislike", "not"):
        return Finding(MemoryKind.PROFILE, 0.6)
    if clause.has("name") and not clause.has("person"):
        return Finding(MemoryKind.PROFILE, 0.6)
    has = clause.has("own", "verb") and clause.has("first")
    if has and clause.has("family_life") and not clause.has("not", "train", "food", "like", "dislike"):
        return Finding(MemoryKind.PROFILE, 0.5)
    if clause.has("sleep") and clause.has("first", "verb") and (clause.has("habit") or len(scene.hits("sleep")) > 1):
        return Finding(MemoryKind.PROFILE, 0.5)
    return None
