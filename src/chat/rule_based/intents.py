"""What a message asks for, by rules: for the companion without a model."""

import re
from enum import Enum, auto
from typing import Final

_PLAN = r"(plan|program|programme|routine)"
_MAKE = r"(make|create|generate|build|write|give)"


class Intent(Enum):
    """What a message asks for, or tells."""

    ACCEPT_PROPOSAL = auto()
    SWAP_MEAL = auto()
    MAKE_MEAL_PLAN = auto()
    ADAPT_PLAN = auto()
    MAKE_PLAN = auto()
    WHAT_IS_REMEMBERED = auto()
    WHAT_IS_NEXT = auto()
    HOW_IT_WENT = auto()
    JUST_TRAINED = auto()


# The first that fits decides.
_PATTERNS: Final = {
    Intent.ACCEPT_PROPOSAL: r"\b(accept|agree|approve|apply|take)\b.*\b(proposal|proposed|changes?|suggestions?)\b",
    Intent.SWAP_MEAL: r"\b(swap|replace|change|switch|exchange|something else|instead of|don.?t like)\b"
    r".*\b(meal|breakfast|lunch|dinner|snack)\b",
    Intent.MAKE_MEAL_PLAN: rf"\b({_MAKE}|plan|need|want)\b.*\b(meal|meals|diet|food|nutrition|eating)\b",
    Intent.ADAPT_PLAN: rf"\b(adapt|adjust)\b.*\b({_PLAN}|training|it)\b"
    rf"|\b(change|update|rework)\b.*\b{_PLAN}\b"
    rf"|\b{_PLAN}\b.*\btoo (hard|easy|much|long|short)\b",
    Intent.MAKE_PLAN: rf"\b({_MAKE}|need|want)\b.*\b{_PLAN}\b",
    Intent.WHAT_IS_REMEMBERED: r"\bwhat do you (know|remember)\b|\bdo you remember\b|\bremember (about )?me\b"
    r"|\bknow about me\b",
    Intent.WHAT_IS_NEXT: r"\b(what|which)\b.*\b(today|next|tomorrow|now)\b|\bnext (workout|session|day)\b"
    r"|\bwhat should i (do|train)\b|\b(start|begin)\b.*\b(workout|session|training)\b"
    r"|\bready to (train|go|lift)\b",
    Intent.HOW_IT_WENT: r"\bhow\b.*\b(doing|going|did i|was my|am i|progress)|\bprogress\b|\brecords?\b|\bstronger\b"
    r"|\b(last|latest|recent|previous) (workout|session|time)\b",
    Intent.JUST_TRAINED: r"\b(just|today i|i) (finished|did|done|completed|trained|lifted|ran)\b",
}
_INTENTS: Final = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _PATTERNS.items())
_GREETING: Final = re.compile(r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo)\b", re.IGNORECASE)
_QUESTION: Final = re.compile(
    r"\?|^\W*(what|when|which|who|where|why|how|do|did|does|am|is|are|can|could|should)\b", re.IGNORECASE
)
_SLOT: Final = re.compile(r"\b(breakfast|lunch|dinner|snack)\b", re.IGNORECASE)


def find_intent(message: str) -> Intent | None:
    """What the message asks for; None when it is nothing that the rules know."""
    return next((intent for intent, pattern in _INTENTS if pattern.search(message)), None)


def is_greeting(message: str) -> bool:
    """Whether it begins with a greeting."""
    return _GREETING.search(message) is not None


def is_question(message: str) -> bool:
    """Whether it asks something."""
    return _QUESTION.search(message) is not None


def named_slot(message: str) -> str | None:
    """The meal of the day that it names."""
    found = _SLOT.search(message)
    return found[1].lower() if found else None
