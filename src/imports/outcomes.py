"""What public.import_batch answers of each item."""

from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from src.core.documents import Document, parse_document
from src.vocabulary import ExerciseKind


class ImportProblem(Document):
    """What is wrong with an item, and where."""

    loc: list[str | int]
    message: str


class Difference(Document):
    """A value of a workout that is not as in the file. `exercise` and `set` are indexes; None: of the workout itself.

    The field `set` says that one of the two has no such set.
    """

    exercise: int | None
    set: int | None
    field: str
    here: str | None
    file: str | None

    @property
    def words(self) -> str:
        """`weight 225 kg here, 225 lb in the file`."""
        if self.field == "set":
            return "this set is not here" if self.here is None else "a set that is here is not in the file"
        return f"{self.field} {_value(self.here)} here, {_value(self.file)} in the file"


class ImportOutcome(Document):
    """What came of one item, which has `id` here. Only exercises have a `kind`, and are `added` or found.

    Of workouts: what differs in the one that is here, whether the person `edited` that one, and whether one that they
    had deleted was `restored`.
    """

    outcome: Literal["imported", "duplicate", "replaced", "rejected"] = "imported"
    id: UUID | None = None
    reason: str | None = None
    problems: list[ImportProblem] | None = None
    kind: ExerciseKind | None = None
    added: bool = False
    differences: list[Difference] = []
    edited: bool = False
    restored: bool = False


_OUTCOMES = TypeAdapter(list[ImportOutcome])


def parse_outcomes(document: Any) -> list[ImportOutcome]:
    """Parses them, in the order of the items. Raises BadUpstream."""
    return parse_document(_OUTCOMES.validate_python, document)


def _value(words: str | None) -> str:
    return "none" if words is None else " ".join(words.split())
