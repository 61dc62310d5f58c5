"""A reply by rules is put together from parts: an acknowledgement, an answer, an offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from src.chat.composed import Composed
from src.chat.schemas import Action
from src.chat.tools.tool import Receipt
from src.memories.learning.statements import Statement
from src.vocabulary import CompanionMood

MAX_CHARACTERS = 4000
_MAX_ACTIONS = 5
_MAX_EVIDENCE = 50
# The first of these moods that a part has is the reply's: care before joy.
_MOODS = (
    CompanionMood.CONCERNED,
    CompanionMood.PROUD,
    CompanionMood.ENCOURAGING,
    CompanionMood.WARM,
    CompanionMood.PLAYFUL,
)


@dataclass(frozen=True)
class Part:
    """Some sentences, and what belongs to them."""

    text: str
    mood: CompanionMood = CompanionMood.NEUTRAL
    evidence: tuple[Receipt, ...] = ()
    actions: tuple[Action, ...] = ()


def put_together(parts: Sequence[Part], statements: tuple[Statement, ...]) -> Composed:
    """One reply of all parts, as long as a reply can be."""
    text = "\n\n".join(part.text for part in parts)
    moods = [part.mood for part in parts]
    return Composed(
        text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…",
        next((mood for mood in _MOODS if mood in moods), CompanionMood.NEUTRAL),
        tuple(receipt for part in parts for receipt in part.evidence)[:_MAX_EVIDENCE],
        tuple(action for part in parts for action in part.actions)[:_MAX_ACTIONS],
        statements,
    )
