"""What a person has told and still holds, for those who plan by it: they say whose words left something out."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from src.core.documents import Document
from src.memories.facts import CAREFUL_FIELDS
from src.vocabulary import Diet, FactField, FactOp, Joint

TRAINING_FIELDS: Final = frozenset({FactField.INJURIES, FactField.EXCLUDED_EXERCISES})
FOOD_FIELDS: Final = frozenset({FactField.ALLERGENS, FactField.DIET, FactField.DISLIKES})
_MAX_NOTES: Final = 8
_MAX_QUOTE: Final = 120
_CAREFUL: Final = (
    "Begin this plan with care: {why} Show it to your doctor{midwife} before you start, and let them change it."
)


class ToldFact(Document):
    """One of private.told()."""

    memory_id: UUID
    field: FactField
    op: FactOp
    value: Any
    quote: str
    said_on: date

    @property
    def because(self) -> str:
        """Whose words, and when: "because you told me on 3 November 2026: “…”"."""
        quote = self.quote if len(self.quote) <= _MAX_QUOTE else f"{self.quote[: _MAX_QUOTE - 1]}…"
        return f"because you told me on {self.said_on.day} {self.said_on:%B %Y}: “{quote}”"

    @property
    def is_in_force(self) -> bool:
        """Whether it says that something is so, and does not take it back."""
        return self.op is not FactOp.REMOVE

    def concerns(self, joint: Joint) -> bool:
        """Whether it is an injury or pain of this joint."""
        return self.field is FactField.INJURIES and self.is_in_force and self.value["joint"] == joint


def left_out_notes(told: Sequence[ToldFact], fields: Collection[FactField]) -> list[str]:
    """A sentence for each thing that a plan leaves out because of what was told."""
    notes = list(dict.fromkeys(_left_out(fact) for fact in told if fact.field in fields and fact.is_in_force))
    return notes[:_MAX_NOTES]


def careful_notes(told: Sequence[ToldFact]) -> list[str]:
    """What a plan begins with for somebody who is pregnant, ill, or takes medicine; else nothing."""
    careful = [fact for fact in told if fact.field in CAREFUL_FIELDS and fact.is_in_force]
    if not careful:
        return []
    is_pregnant = any(fact.field is FactField.PREGNANCY for fact in careful)
    midwife = " or midwife" if is_pregnant else ""
    return [_CAREFUL.format(why=careful[0].because.removeprefix("because "), midwife=midwife)]


def is_careful(told: Sequence[ToldFact]) -> bool:
    """Whether plans ask for no greatest efforts."""
    return bool(careful_notes(told))


def find_injury(told: Sequence[ToldFact], joints: Collection[Joint]) -> ToldFact | None:
    """The newest told injury of one of these joints."""
    return next((fact for fact in told if any(fact.concerns(joint) for joint in joints)), None)


def find_exclusion(told: Sequence[ToldFact], names: Sequence[str]) -> ToldFact | None:
    """The newest told exclusion whose words an exercise of these names has."""
    words = [set(name.casefold().replace("-", " ").split()) for name in names]
    return next(
        (fact for fact in _exclusions(told) if any(_words(fact) <= _with_singulars(name) for name in words)), None
    )


def _exclusions(told: Sequence[ToldFact]) -> Iterator[ToldFact]:
    return (fact for fact in told if fact.field is FactField.EXCLUDED_EXERCISES and fact.is_in_force)


def _words(fact: ToldFact) -> set[str]:
    return set(str(fact.value).casefold().replace("-", " ").split())


def _with_singulars(words: set[str]) -> set[str]:
    return words | {word.removesuffix("s") for word in words}


def _left_out(fact: ToldFact) -> str:
    return f"Left out {_what(fact)}, {fact.because}"


def _what(fact: ToldFact) -> str:
    match fact.field:
        case FactField.INJURIES:
            return f"what loads the {str(fact.value['joint']).replace('_', ' ')}"
        case FactField.DIET:
            return f"what is not {Diet(fact.value).value}"
        case FactField.EXCLUDED_EXERCISES:
            return f"every {fact.value}"
    return str(fact.value)
