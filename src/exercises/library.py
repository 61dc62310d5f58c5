"""The exercise library in memory, and one person's view of it."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from src.core.search import SearchIndex
from src.core.vocabulary import Equipment
from src.exercises.schemas import Exercise, ExercisePreference, ExerciseQuery, ExerciseSort


class Catalogue:
    """Exercises that can be searched. Immutable, so that one copy serves everybody."""

    def __init__(self, exercises: Iterable[Exercise]) -> None:
        self.exercises = tuple(exercises)
        self.ids = frozenset(exercise.id for exercise in self.exercises)
        self._index = SearchIndex(_phrases(exercise) for exercise in self.exercises)

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> Self:
        """The catalogue of some exercises rows."""
        return cls(Exercise.of(row) for row in rows)

    def ranked(self, q: str | None) -> Iterator[tuple[float, Exercise]]:
        """Every exercise with the score 0 or, with a query, those that match it with theirs."""
        if q is None:
            yield from ((0.0, exercise) for exercise in self.exercises)
        else:
            yield from ((score, self.exercises[position]) for position, score in self._index.rank(q).items())


class PersonalLibrary:
    """The library as one person sees it: with their own exercises, preferences and equipment."""

    def __init__(self, library: Catalogue, overlay: dict[str, Any]) -> None:
        self._catalogues = (library, Catalogue.of(overlay["exercises"]))
        self._preferences: dict[str, Any] = overlay["preferences"]
        self._equipment = frozenset({Equipment.BODYWEIGHT, *map(Equipment, overlay["equipment"])})

    def search(self, query: ExerciseQuery) -> list[Exercise]:
        """All that match, in order: the best match first, or by name. Ties are broken by name and id."""
        scored = [
            (score, exercise)
            for catalogue in self._catalogues
            for score, exercise in catalogue.ranked(query.q)
            if self._matches(exercise, query)
        ]
        if query.q is None or query.sort is not None:
            found = sorted((exercise for _, exercise in scored), key=_by_name)
            return found[::-1] if query.sort is ExerciseSort.NAME_DESCENDING else found
        return [
            exercise for _, exercise in sorted(scored, key=lambda one: (-one[0], len(one[1].name), *_by_name(one[1])))
        ]

    def with_preference(self, exercise: Exercise) -> Exercise:
        """The exercise with what this person thinks of it."""
        preference = self._preferences.get(str(exercise.id))
        if preference is None:
            return exercise
        return exercise.model_copy(update={"preference": ExercisePreference.model_validate(preference)})

    def _matches(self, exercise: Exercise, query: ExerciseQuery) -> bool:
        muscles = exercise.primary_muscles + exercise.secondary_muscles
        return (
            (not query.muscle or not set(query.muscle).isdisjoint(muscles))
            and (not query.equipment or not set(query.equipment).isdisjoint(exercise.equipment))
            and (not query.category or exercise.category in query.category)
            and (not query.level or exercise.level in query.level)
            and (not query.kind or exercise.kind in query.kind)
            and (query.owned is None or query.owned == self._equipment.issuperset(exercise.equipment))
        )


def _phrases(exercise: Exercise) -> list[str]:
    """What people call it: `barbell bench press` is a Bench Press too."""
    with_equipment = f"{exercise.equipment[0].replace('_', ' ')} {exercise.name}"
    return [exercise.name, *exercise.aliases, with_equipment]


def _by_name(exercise: Exercise) -> tuple[str, str]:
    return exercise.name.casefold(), str(exercise.id)
