"""Changes of a plan, and a plan with them.

A change says where (`path`, a JSON pointer) and what was and is there: a whole exercise (null: taken out), its list of
sets, or with `*` one value of every set, as a list. So the content of a proposal is nothing but its changes applied.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from src.training.content import PlanContent, PlannedExercise, PlannedSet
from src.training.generator.candidates import Candidate

Place = tuple[int, int]
"""The number of a day, and of an exercise in it."""


@dataclass(frozen=True)
class Change:
    """A change, why, and the ids of the sets that say so. `before` and `after` are JSON (`from`, `to` in the contract).

    `substitutes`: what could take the exercise's place, the one that does first; for swaps only.
    """

    rule: str
    exercise_id: UUID
    path: str
    before: Any
    after: Any
    evidence: tuple[str, ...]
    explanation: str
    substitutes: tuple[Candidate, ...] = ()

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
    def place(self) -> Place:
        """Which exercise of which day it is about."""
        _, _, day, _, exercise, *_ = self.path.split("/")
        return int(day), int(exercise)

    @property
    def is_removal(self) -> bool:
        return self.after is None


def places(content: PlanContent) -> Iterator[tuple[Place, PlannedExercise]]:
    """Every exercise of a plan with its place."""
    for day, planned_day in enumerate(content.days):
        for at, planned in enumerate(planned_day.exercises):
            yield (day, at), planned


def exercise_path(place: Place) -> str:
    return f"/days/{place[0]}/exercises/{place[1]}"


def sets_path(place: Place) -> str:
    return f"{exercise_path(place)}/sets"


def loads_path(place: Place) -> str:
    return f"{sets_path(place)}/*/weight_kg"


def entry_json(planned: PlannedExercise) -> dict[str, Any]:
    """An exercise of a plan as a change holds it: without what is not said."""
    return planned.model_dump(mode="json", exclude_none=True)


def sets_json(sets: Sequence[PlannedSet]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json", exclude_none=True) for one in sets]


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes so that each finds its place: what is taken out goes last, from the end."""
    found = list(changes)
    kept = [one for one in found if not one.is_removal]
    return kept + sorted((one for one in found if one.is_removal), key=lambda one: one.place, reverse=True)


def applied(content: PlanContent, changes: Iterable[Change]) -> PlanContent:
    """The content with these changes, made in this order."""
    document = content.model_dump(mode="json")
    for change in changes:
        _apply(document, change)
    return PlanContent.model_validate(document)


def _apply(document: dict[str, Any], change: Change) -> None:
    day, at = change.place
    exercises = document["days"][day]["exercises"]
    after = deepcopy(change.after)
    match change.path.split("/")[5:]:
        case [] if after is None:
            del exercises[at]
        case []:
            exercises[at] = after
        case ["sets"]:
            exercises[at]["sets"] = after
        case ["sets", "*", field]:
            for planned, value in zip(exercises[at]["sets"], after, strict=True):
                planned[field] = value
        case _:
            raise ValueError(change.path)
