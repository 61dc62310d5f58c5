"""What the chooser looks at: the meaning of a message, the cues in it, and what it names."""

import re
from collections.abc import Sequence
from typing import Final

from src.chat.intents.catalogue import EXERCISE_MARK, FOOD_MARK, load
from src.chat.intents.spelling import without_accents
from src.language.language import Language

# Somebody else than the person, of whom nothing is known. "My aunt made brownies, can I have one?" is of the person.
_OTHERS: Final = (
    r"^(?!.*\b(?:(?:can|may|could|am|do|did) i|(?:darf|kann|habe|bin) ich|puedo|he|(?:kan|får|har|er) jeg)\b).*"
    r"(?:\b(?:my|his|her|our) (?:wife|husband|partner|girlfriend|boyfriend|brother|sister|mum|mom|mother|dad|father|son"
    r"|daughter|kids?|children|friend|buddy|cousin|uncle|aunt|boss|neighbou?r|dog|cat|baby)\b"
    r"|\b(?:meine?[mnr]?|unsere?[mnr]?)(?: \w+)? (?:frau|mann|partner(?:in)?|freund(?:in)?|bruder|schwester|mutter|mama"
    r"|vater|papa|sohn|tochter|kind(?:er)?|kumpel|kollege|cousin|oma|opa|chef|nachbar|hund|katze|baby)\b"
    r"|\bmis? (?:mujer|marido|pareja|novi[oa]|herman[oa]|madre|padre|mama|papa|hij[oa]s?|nin[oa]s?|amig[oa]|prim[oa]"
    r"|colega|suegr[oa]|abuel[oa]|jefe|vecin[oa]|perr[oa]|gat[oa]|bebe)\b"
    r"|\b(?:kona|kjæresten|mannen|broren|søsteren|søstera|mora|moren|faren|mamma|pappa|sønnen|dattera|datteren|ungene"
    r"|barna|vennen|kompisen|fetteren|svigermor|svigerfar|sjefen|naboen|hunden|katten|babyen)\b)"
)
_NAMED: Final = (re.escape(EXERCISE_MARK), re.escape(FOOD_MARK), r"\d+\s*(?:m\b|min)", r"[?¿]", _OTHERS)
_NAMED_PATTERNS: Final = tuple(re.compile(without_accents(pattern), re.IGNORECASE) for pattern in _NAMED)
_NAMED_WEIGHT: Final = 0.5
_CUE_WEIGHT: Final = 0.2
_MAX_CUES: Final = 2
_BIAS: Final = 0.3


def intents() -> list[str]:
    """Every intent, in the order of the weights."""
    return list(load(Language.EN).examples)


def features(marked: str, meaning: Sequence[float], language: Language) -> list[float]:
    """Of a message with marks for its exercise and food, and its embedding."""
    cues, marked = load(language).cues, without_accents(marked)
    spoken_for = [min(_MAX_CUES, sum(bool(cue.search(marked)) for cue in cues.get(intent, ()))) for intent in intents()]
    named = [_NAMED_WEIGHT * bool(pattern.search(marked)) for pattern in _NAMED_PATTERNS]
    return [*meaning, *named, *(_CUE_WEIGHT * count for count in spoken_for), _BIAS]
