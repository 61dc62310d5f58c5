"""What a message says about the person who wrote it, found by rules: for the companion without a model."""

import re
from collections.abc import Sequence

from src.chat.reply import NewMemory
from src.memories.contradiction import find_contradicted
from src.memories.schemas import MatchedMemory
from src.vocabulary import MemoryKind

_MAX_MEMORIES = 3
_MAX_SENTENCE_CHARACTERS = 500
_BODY = (
    r"(knee|shoulder|back|hip|elbow|wrist|ankle|neck|hamstring|groin|calf|achilles|quad|foot|hand|arm|leg|shin"
    r"|rotator cuff)s?"
)
_I = r"\bi(?:'m|'ve| am| have| was| had)?\b"
_HURTS = r"(hurt|hurts|hurting|pain\w*|ache\w*|sore|injur\w*|sprain\w*|strain\w*|tweak\w*)"
_HEALS = r"(fine|better|healed|ok|okay|recovered)"
_HURT = r"(hurt|injur\w*|sprain\w*|strain\w*|tore|torn|pulled|tweak\w*|broke|dislocat\w*)"
_LIKES = r"(prefer|like|love|enjoy|hate|dislike|avoid|can't stand|don't like|do not like|don't enjoy)"
_IS = r"(vegetarian|vegan|pescatarian|beginner|runner|boxer|nurse|student|teacher|\d+)"
_EVENT = r"(race|marathon|competition|meet|match|fight|exam|wedding|trip|holiday|vacation|surgery)"

# The first that fits decides; how much it matters, from 0 to 1.
_PATTERNS = (
    (MemoryKind.INJURY, 0.9, rf"\bmy\b.*\b{_BODY}\b.*\b({_HURTS}|{_HEALS})\b"),
    (MemoryKind.INJURY, 0.9, rf"{_I}.*\b{_HURT}\b.*\b(my|a|an)\b.*\b{_BODY}\b"),
    (MemoryKind.INJURY, 0.9, rf"{_I}.*\b(pain|tendinitis|tendonitis|surgery)\b.*\b{_BODY}\b"),
    (MemoryKind.PROFILE, 0.9, rf"{_I}.*\b(allerg\w+|intoleran\w+|coeliac|celiac|diabet\w+|asthma\w*|pregnan\w+)\b"),
    (MemoryKind.GOAL, 0.7, r"\bmy (main |big |next )?(goal|aim|target|dream)\b.*\b(is|are)\b"),
    (MemoryKind.GOAL, 0.7, r"\bi(?:'m| am) training for\b"),
    (MemoryKind.GOAL, 0.6, r"\bi (really )?(want|would like|hope|plan|aim)\b.* to \w+"),
    (MemoryKind.PREFERENCE, 0.5, rf"\bi ((really|much|always|usually|actually|now) )*{_LIKES}\b"),
    (MemoryKind.PREFERENCE, 0.5, r"\bmy favou?rite\b"),
    (MemoryKind.PROFILE, 0.6, rf"\b(my name is|call me)\b|\bi(?:'m| am) (a |an )?{_IS}\b"),
    (
        MemoryKind.PROFILE,
        0.5,
        r"\bi (work|live|study|sleep|train|have (a|an|two|three) (dog|kid|child|children|job|gym))\b",
    ),
    (MemoryKind.EVENT, 0.6, rf"\b(i have|i've got|there is|i'm running|i run)\b.*\b{_EVENT}\b"),
    (MemoryKind.EVENT, 0.6, rf"\b(my|the) {_EVENT} (is|was|will be)\b"),
)
_RULES = tuple((kind, salience, re.compile(pattern, re.IGNORECASE)) for kind, salience, pattern in _PATTERNS)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
# A request or an order says nothing about the person, nor does what is said of somebody else.
_ORDER = re.compile(
    r"^\W*(please|ignore|forget|remember|act|pretend|you|tell|show|give|make|write|system|from now on)\b", re.IGNORECASE
)


def extract_memories(message: str, known: Sequence[MatchedMemory]) -> list[NewMemory]:
    """What to remember of a message, at most three things; usually none. `known`: memories it may contradict."""
    found = []
    for match in _SENTENCE.finditer(message):
        sentence = match[0].strip()
        if sentence.endswith("?") or len(sentence) > _MAX_SENTENCE_CHARACTERS or _ORDER.search(sentence):
            continue
        memory = _extract_memory(sentence, known)
        if memory is not None:
            found.append(memory)
    return found[:_MAX_MEMORIES]


def _extract_memory(sentence: str, known: Sequence[MatchedMemory]) -> NewMemory | None:
    plain = sentence.replace("\u2019", "'")
    for kind, salience, pattern in _RULES:
        if pattern.search(plain):
            replaced = find_contradicted(sentence, kind, known)
            number = next((number for number, memory in enumerate(known, 1) if memory.id == replaced), None)
            replaces = None if number is None else f"m{number}"
            return NewMemory(kind=kind, content=sentence, quote=sentence, salience=salience, replaces=replaces)
    return None
