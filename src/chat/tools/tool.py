"""What a tool is. It reads, with the person's token, and changes nothing.

It answers twice: `call` gives data, for a model and for `say`, and a receipt for every number that a reply may show;
`say` puts the same data into sentences, for a companion without a model.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from src.chat.schemas import Action
from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from src.vocabulary import EvidenceKind


class Arguments(BaseModel):
    """What a tool is asked with. A model fills it in, or the intent chooser."""

    model_config = ConfigDict(extra="forbid")


class NoArguments(Arguments):
    """Nothing to say."""


ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)


@dataclass(frozen=True)
class Receipt:
    """A number or date of a reply, and where it comes from.

    `value` is written as the reply shows it ("102.5 kg"); `text` says what it is. What is added up over many rows has
    the person themselves as its source: kind `profile`, and their id.
    """

    kind: EvidenceKind
    id: UUID
    value: str
    text: str


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool found: JSON, a receipt for every number, and what the app may offer, with the ids that it needs."""

    data: dict[str, Any]
    receipts: tuple[Receipt, ...] = ()
    actions: tuple[Action, ...] = ()


class Tool(ABC, Generic[ArgumentsT]):
    """Something to look up. `description` is for a model: what it answers, and when to ask it."""

    name: str
    description: str
    Arguments: type[ArgumentsT]

    @abstractmethod
    async def call(self, arguments: ArgumentsT, toolbox: Toolbox, /) -> ToolAnswer:
        """Looks it up. What is not there is an answer too, not an error. Raises what the repositories raise."""

    @abstractmethod
    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        """The answer in words, with the numbers of its receipts and no others."""
