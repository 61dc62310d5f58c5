"""Whether a message needs care before anything else: rules first, then likeness to known sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import anyio.to_thread

from src.chat.safety.alarm import Alarm
from src.chat.safety.prototypes import Embed, nearness
from src.chat.safety.rules import Found, find_signs, is_guarded
from src.chat.safety.words import Text, plain, without_digraphs
from src.language.language import Language

# Margins of the built-in encoder (docs/decisions/0047-safety.md). From the first on a question is due; from the second
# on a likeness is an alarm by itself, and confirms what rules only suspect.
MIN_DOUBTFUL_MARGIN: Final = 0.12
MIN_CERTAIN_MARGIN: Final = 0.5
_SENTENCES: Final = re.compile(r"[^.!?;\n…]+(?:\.(?=\d)[^.!?;\n…]+)*[.!?;\n…]*")
_WORD: Final = re.compile(r"\w+")
_MAX_SENTENCES: Final = 8
# Exercises whose names sound like a symptom to what compares meanings.
_ALARMING_EXERCISES: Final = re.compile(
    r"\b(face ?pulls?|skull ?crushers?|dead ?bugs?|dead hangs?|dead ?lifts?|suicides?(?= (?:sprints?|runs?|drills?))"
    r"|neck (?:curls?|extensions?|harness)|death march\w*|murph|heart rate zones?)\b",
    re.IGNORECASE,
)
# Fewer words are near to anything.
_MIN_WORDS: Final = 4


@dataclass(frozen=True)
class _Signs:
    """What the rules say: an alarm, a doubt, or that something that looks like a sign is none."""

    certain: Found | None
    doubtful: Found | None
    is_excused: bool


async def assess(message: str, language: Language, embed: Embed) -> Alarm | None:
    """The alarm that a message raises. `embed` is the built-in sentence encoder's, whatever embeds memories."""
    signs = await anyio.to_thread.run_sync(_read, message, language)
    if signs.certain:
        return Alarm(signs.certain.concern, certain=True)
    if signs.is_excused and not signs.doubtful:
        return None
    sentences = await anyio.to_thread.run_sync(_to_compare, message, language)
    if not sentences:
        return Alarm(signs.doubtful.concern, certain=False) if signs.doubtful else None
    concern, margin = max(await nearness(sentences, embed), key=lambda near: near.margin)
    if signs.doubtful:
        confirmed = concern is signs.doubtful.concern and margin >= MIN_CERTAIN_MARGIN
        return Alarm(signs.doubtful.concern, certain=confirmed)
    return Alarm(concern, certain=margin >= MIN_CERTAIN_MARGIN) if margin >= MIN_DOUBTFUL_MARGIN else None


def _read(message: str, language: Language) -> _Signs:
    found = _find(plain(message), language)
    valid = [sign for sign in found if not sign.excused]
    certain = next((sign for sign in valid if not sign.doubtful), None)
    return _Signs(certain, next(iter(valid), None), is_excused=len(valid) < len(found))


def _find(folded: str, language: Language) -> Sequence[Found]:
    """The signs in the message's own language; where there are none in the others: a language is guessed, and mixed."""
    for folding in dict.fromkeys((folded, without_digraphs(folded))):
        for tried in (language, *(other for other in Language if other != language)):
            if found := find_signs(Text(folding), tried):
                return found
    return []


def _to_compare(message: str, language: Language) -> list[str]:
    """The message and its sentences, but for those that speak of the past, of others or in general."""
    message = _ALARMING_EXERCISES.sub("squat", message)
    sentences = [sentence.strip() for sentence in _SENTENCES.findall(message)][:_MAX_SENTENCES]
    told = [sentence for sentence in sentences if is_guarded(Text(plain(sentence)), language)]
    if not told:
        sentences.insert(0, message)
    long_enough = [sentence for sentence in sentences if len(_WORD.findall(sentence)) >= _MIN_WORDS]
    return [sentence for sentence in dict.fromkeys(long_enough) if sentence not in told]
