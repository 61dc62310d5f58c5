"""The exercises that a person can do, as the planner sees them, and what can stand in for one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from src.vocabulary import (
    Equipment,
    ExerciseCategory,
    ExerciseKind,
    ExperienceLevel,
    Joint,
    Mechanic,
    Muscle,
)

LEVELS = tuple(ExperienceLevel)
# A dictionary each: calling an enum costs ten times as much, and there are hundreds of exercises.
_KINDS = {each.value: each for each in ExerciseKind}
_MUSCLES = {each.value: each for each in Muscle}
_EQUIPMENT = {each.value: each for each in Equipment}
_CATEGORIES = {each.value: each for each in ExerciseCategory}
_LEVELS = {each.value: each for each in ExperienceLevel}
_MECHANICS = {each.value: each for each in Mechanic}
_JOINTS = {each.value: each for each in Joint}

DIRECT, INDIRECT = 1.0, 0.5
"""What a set counts for a muscle that it trains directly (primary) and along with others (secondary)."""


@dataclass(frozen=True)
class Candidate:
    """An exercise that a person can do. Custom exercises have no slug."""

    id: UUID
    slug: str | None
    name: str
    kind: ExerciseKind
    primary_muscles: tuple[Muscle, ...]
    secondary_muscles: tuple[Muscle, ...]
    equipment: frozenset[Equipment]
    category: ExerciseCategory
    level: ExperienceLevel
    mechanic: Mechanic | None
    is_unilateral: bool
    contraindications: frozenset[Joint]
    is_favourite: bool = False

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The candidate of an exercises row; `is_favourite` may come along."""
        return cls(
            id=UUID(row["id"]),
            slug=row["slug"],
            name=row["name"],
            kind=_KINDS[row["kind"]],
            primary_muscles=tuple(_MUSCLES[each] for each in row["primary_muscles"]),
            secondary_muscles=tuple(_MUSCLES[each] for each in row["secondary_muscles"]),
            equipment=frozenset(_EQUIPMENT[each] for each in row["equipment"]),
            category=_CATEGORIES[row["category"]],
            level=_LEVELS[row["level"]],
            mechanic=row["mechanic"] and _MECHANICS[row["mechanic"]],
            is_unilateral=row["is_unilateral"],
            contraindications=frozenset(_JOINTS[each] for each in row["contraindications"]),
            is_favourite=row.get("is_favourite", False),
        )

    def __hash__(self) -> int:
        return hash(self.id.int)

    @cached_property
    def share(self) -> dict[Muscle, float]:
        """What a set of it counts for each muscle it trains."""
        return dict.fromkeys(self.secondary_muscles, INDIRECT) | dict.fromkeys(self.primary_muscles, DIRECT)

    @property
    def rank(self) -> int:
        """Its level as a number, the easiest 0."""
        return LEVELS.index(self.level)


def substitutes(exercise: Candidate, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that train what the exercise trains, those most like it first; never the exercise itself.

    What counts most is how much of the work they share (0 to 1), then mechanic, category and kind, how near the level
    is, and whether the person likes it. Each has at least one primary muscle in common with the exercise.
    """
    alike = [each for each in candidates if each.id != exercise.id and _overlaps(exercise, each)]
    return sorted(alike, key=lambda each: (-_fitness(exercise, each), each.name, each.id))


def _overlaps(one: Candidate, other: Candidate) -> bool:
    return not set(one.primary_muscles).isdisjoint(other.primary_muscles)


def _fitness(exercise: Candidate, other: Candidate) -> float:
    # Rule of thumb: a quarter of the work weighs as much as the mechanic or the kind.
    points = (
        _likeness(exercise, other),
        0.25 * (exercise.mechanic == other.mechanic),
        0.25 * (exercise.category == other.category),
        0.25 * (exercise.kind == other.kind),
        0.1 * other.is_favourite,
        -0.05 * abs(exercise.rank - other.rank),
    )
    return round(sum(points), 6)


def _likeness(one: Candidate, other: Candidate) -> float:
    """Shared work by muscle over all work (weighted Jaccard), 0 to 1."""
    muscles = one.share.keys() | other.share.keys()
    shares = [(one.share.get(muscle, 0), other.share.get(muscle, 0)) for muscle in muscles]
    return sum(map(min, shares)) / sum(map(max, shares))
