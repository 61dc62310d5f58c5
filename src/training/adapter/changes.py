"""Changes of a plan, and a plan with them.

A change says where (a place, and which part of it) and what was and is there: a whole exercise (None: taken out), its
list of sets, or the load of every set, as a list. So the content of a proposal is nothing but its changes applied.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from src.training.candidates import Candidate
from src.training.content import PlanContent, PlannedExercise, PlannedSet

Place = tuple[int, int]
"""The number of a day, and of an exercise in it."""


class ChangeRule(StrEnum):
    """The rule that makes a change. The contract shows its value."""

    SWAP_PAIN = "swap.pain"
    SWAP_EXCLUDED = "swap.excluded"
    SWAP_FAILURE = "swap.failure"
    REMOVE_PAIN = "remove.pain"
    REMOVE_EXCLUDED = "remove.excluded"
    RESTART = "restart.lighter"
    DELOAD = "deload"
    DOUBLE_INCREASE = "double_progression.increase"
    LINEAR_INCREASE = "linear.increase"
    LIFTED = "loads.lifted"
    LESS_VOLUME = "volume.less"
    MORE_VOLUME = "volume.more"


SWAPS = frozenset({ChangeRule.SWAP_PAIN, ChangeRule.SWAP_EXCLUDED, ChangeRule.SWAP_FAILURE})
REMOVALS = frozenset({ChangeRule.REMOVE_PAIN, ChangeRule.REMOVE_EXCLUDED})
VOLUME = frozenset({ChangeRule.LESS_VOLUME, ChangeRule.MORE_VOLUME})


class ChangedPart(StrEnum):
    """What of an exercise a change replaces; the value ends its JSON pointer."""

    EXERCISE = ""
    SETS = "/sets"
    LOADS = "/sets/*/weight_kg"


@dataclass(frozen=True)
class ProposedChange:
    """A change, why, and the ids of the sets that say so. `before` and `after` are JSON (`from`, `to` in the contract).

    `substitutes`: what could take the exercise's place, the one that does first; for swaps only.
    """

    rule: ChangeRule
    exercise_id: UUID
    place: Place
    part: ChangedPart
    before: Any
    after: Any
    evidence: tuple[str, ...]
    explanation: str
    substitutes: tuple[Candidate, ...] = ()

    @property
    def path(self) -> str:
        """A JSON pointer into the content; `*` stands for every set."""
        day, exercise = self.place
        return f"/days/{day}/exercises/{exercise}{self.part}"

    @property
    def document(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {
            "rule": self.rule,
            "exercise_id": str(self.exercise_id),
            "path": self.path,
            "from": self.before,
            "to": self.after,
            "evidence": list(self.evidence),
            "explanation": self.explanation,
        }

    @property
    def is_removal(self) -> bool:
        return self.after is None


def places(content: PlanContent) -> Iterator[tuple[Place, PlannedExercise]]:
    """Every exercise of a plan with its place."""
    for day_number, day in enumerate(content.days):
        for number, planned in enumerate(day.exercises):
            yield (day_number, number), planned


def exercise_json(planned: PlannedExercise) -> dict[str, Any]:
    """An exercise of a plan as a change holds it: without fields that are None."""
    return planned.model_dump(mode="json", exclude_none=True)


def sets_json(sets: Sequence[PlannedSet]) -> list[dict[str, Any]]:
    """Sets of a plan as a change holds them: without fields that are None."""
    return [planned_set.model_dump(mode="json", exclude_none=True) for planned_set in sets]


def sort_for_applying(changes: Iterable[ProposedChange]) -> list[ProposedChange]:
    """The changes in an order that keeps their places valid: removals last, from the end."""
    found = list(changes)
    removals = [change for change in found if change.is_removal]
    others = [change for change in found if not change.is_removal]
    return others + sorted(removals, key=lambda change: change.place, reverse=True)


def apply_changes(content: PlanContent, changes: Iterable[ProposedChange]) -> PlanContent:
    """The content with these changes, made in this order."""
    document = content.model_dump(mode="json")
    for change in changes:
        _apply(document, change)
    return PlanContent.model_validate(document)


def _apply(document: dict[str, Any], change: ProposedChange) -> None:
    day, number = change.place
    exercises = document["days"][day]["exercises"]
    after = deepcopy(change.after)
    match change.part:
        case ChangedPart.EXERCISE if change.is_removal:
            del exercises[number]
        case ChangedPart.EXERCISE:
            exercises[number] = after
        case ChangedPart.SETS:
            exercises[number]["sets"] = after
        case ChangedPart.LOADS:
            for planned_set, kg in zip(exercises[number]["sets"], after, strict=True):
                planned_set["weight_kg"] = kg
