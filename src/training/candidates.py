"""The exercises that a person can do, and what can stand in for one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from src.training.levels import LEVELS
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind, ExperienceLevel, Joint, Mechanic, Muscle

DIRECT, INDIRECT = 1.0, 0.5
"""What a set counts for a muscle that it trains directly (primary) and along with others (secondary)."""


@dataclass(frozen=True)
class Candidate:
    """An exercise that a person can do, as SQL returns it. Custom exercises have no slug."""

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

    def __hash__(self) -> int:
        return hash(self.id.int)

    @cached_property
    def share(self) -> dict[Muscle, float]:
        """Sets that one set of it counts as, by muscle: DIRECT or INDIRECT."""
        return dict.fromkeys(self.secondary_muscles, INDIRECT) | dict.fromkeys(self.primary_muscles, DIRECT)

    @property
    def rank(self) -> int:
        """Its level as a number, the easiest 0."""
        return LEVELS.index(self.level)

    @property
    def is_compound(self) -> bool:
        """Moves more than one joint."""
        return self.mechanic is Mechanic.COMPOUND


def rank_substitutes(exercise: Candidate, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that train what the exercise trains, those most like it first; never the exercise itself.

    The share of work in common counts most (0 to 1), then mechanic, category and kind, how near the level
    is, and whether the person likes it. Each has at least one primary muscle in common with the exercise.
    """
    alike = [
        candidate
        for candidate in candidates
        if candidate.id != exercise.id and not set(exercise.primary_muscles).isdisjoint(candidate.primary_muscles)
    ]
    return sorted(alike, key=lambda candidate: (-_score_substitute(exercise, candidate), candidate.name, candidate.id))


def rank_related(exercise: Candidate, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that train mainly what the exercise trains along with others, like rank_substitutes()."""
    related = [
        candidate
        for candidate in candidates
        if set(exercise.primary_muscles).isdisjoint(candidate.primary_muscles)
        and not set(exercise.secondary_muscles).isdisjoint(candidate.primary_muscles)
    ]
    return sorted(
        related, key=lambda candidate: (-_score_substitute(exercise, candidate), candidate.name, candidate.id)
    )


def _score_substitute(exercise: Candidate, candidate: Candidate) -> float:
    # Rule of thumb: a quarter of the work weighs as much as the mechanic or the kind.
    points = (
        _shared_work(exercise, candidate),
        0.25 * (exercise.mechanic == candidate.mechanic),
        0.25 * (exercise.category == candidate.category),
        0.25 * (exercise.kind == candidate.kind),
        0.1 * candidate.is_favourite,
        -0.05 * abs(exercise.rank - candidate.rank),
    )
    return round(sum(points), 6)


def _shared_work(exercise: Candidate, candidate: Candidate) -> float:
    """Shared work by muscle over all work (weighted Jaccard), 0 to 1."""
    muscles = exercise.share.keys() | candidate.share.keys()
    shares = [(exercise.share.get(muscle, 0), candidate.share.get(muscle, 0)) for muscle in muscles]
    return sum(map(min, shares)) / sum(map(max, shares))
