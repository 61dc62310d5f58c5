"""What the chooser looks at: the meaning of a message, the cues in it, and what it names."""

import re
from collections.abc import Sequence
from typing import Final

from src.chat.intents.catalogue import EXERCISE_MARK, FOOD_MARK, load
from src.language.language import Language

_NAMED: Final = (re.escape(EXERCISE_MARK), re.escape(FOOD_MARK), r"\d+\s*(?:m\b|min)", r"[?¿]")
_NAMED_PATTERNS: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _NAMED)
_NAMED_WEIGHT: Final = 0.5
_CUE_WEIGHT: Final = 0.2
_MAX_CUES: Final = 2
_BIAS: Final = 0.3


def intents() -> list[str]:
    """Every intent, in the order of the weights."""
    return list(load(Language.EN).examples)


def features(marked: str, meaning: Sequence[float], language: Language) -> list[float]:
    """Of a message with marks for its exercise and food, and its embedding."""
    cues = load(language).cues
    spoken_for = [min(_MAX_CUES, sum(bool(cue.search(marked)) for cue in cues.get(intent, ()))) for intent in intents()]
    named = [_NAMED_WEIGHT * bool(pattern.search(marked)) for pattern in _NAMED_PATTERNS]
    return [*meaning, *named, *(_CUE_WEIGHT * count for count in spoken_for), _BIAS]
