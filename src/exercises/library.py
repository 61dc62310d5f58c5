"""The exercise library in memory, and one person's view of it."""

from collections.abc import Iterable
from typing import Any

from src.core.search import SearchIndex, best_first, by_name
from src.exercises.schemas import Exercise, ExercisePreference, ExerciseQuery
from src.vocabulary import Equipment


def build_index(rows: Iterable[dict[str, Any]]) -> SearchIndex[Exercise]:
    """The catalogue of some exercises rows."""
    return SearchIndex(map(Exercise.of, rows), _phrases)


class PersonalLibrary:
    """The library as one person sees it: with their own exercises, preferences and equipment."""

    def __init__(self, library: SearchIndex[Exercise], overlay: dict[str, Any]) -> None:
        self._indexes = (library, build_index(overlay["exercises"]))
        self._preferences: dict[str, Any] = overlay["preferences"]
        self._equipment = frozenset({Equipment.BODYWEIGHT, *map(Equipment, overlay["equipment"])})

    def search(self, query: ExerciseQuery) -> list[Exercise]:
        """All that match, in order: the best match first, or by name. Ties are broken by name and id."""
        scored = [
            (score, exercise)
            for index in self._indexes
            for score, exercise in index.ranked(query.q)
            if self._matches(exercise, query)
        ]
        if query.q is None or query.sort is not None:
            found = sorted((exercise for _, exercise in scored), key=by_name)
            return found[::-1] if query.sort and query.sort.is_descending else found
        return best_first(scored)

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
