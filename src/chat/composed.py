"""An answer as a companion composed it, before it is kept."""

from dataclasses import dataclass
from typing import Final

from src.ai.provider import TokenUsage
from src.ai.rule_based import MODEL as OFFLINE
from src.chat.schemas import Action
from src.chat.tools.tool import Receipt
from src.memories.learning.statements import Statement
from src.vocabulary import AnswerFinish, CompanionMood

_NO_TOKENS: Final = TokenUsage(0, 0)


@dataclass(frozen=True)
class Composed:
    """The text, what it rests on, what the app may offer, and what to keep of the message that it answers."""

    text: str
    mood: CompanionMood = CompanionMood.NEUTRAL
    evidence: tuple[Receipt, ...] = ()
    actions: tuple[Action, ...] = ()
    statements: tuple[Statement, ...] = ()
    model: str = OFFLINE
    finish: AnswerFinish = AnswerFinish.STOP
    usage: TokenUsage = _NO_TOKENS
