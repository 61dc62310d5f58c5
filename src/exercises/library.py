"""The exercise library in memory, and one person's view of it."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator

from src.core.documents import Document
from src.core.search import SearchIndex, by_name, find, rank_best
from src.exercises.schemas import Exercise, ExercisePreference, ExerciseQuery
from src.vocabulary import Equipment


class ExerciseOverlay(Document):
    """What public.exercise_overlay answers: what a person adds to the library. Preferences are by exercise id."""

    exercises: list[Annotated[Exercise, BeforeValidator(Exercise.from_row)]]
    preferences: dict[UUID, ExercisePreference]
    equipment: frozenset[Equipment]


def build_index(exercises: Iterable[Exercise]) -> SearchIndex[Exercise]:
    """Makes exercises searchable."""
    return SearchIndex(exercises, _phrases)


class PersonalLibrary:
    """The library as one person sees it: with their own exercises, preferences and equipment."""

    def __init__(self, library: SearchIndex[Exercise], overlay: ExerciseOverlay) -> None:
        # The shared ones, and the person's own.
        self.indexes = (library, build_index(overlay.exercises))
        self._preferences = overlay.preferences
        self._equipment = overlay.equipment | {Equipment.BODYWEIGHT}

    def search(self, query: ExerciseQuery) -> list[Exercise]:
        """All that match, in order: the best match first, or by name. Ties are broken by name and id."""
        return find(self.indexes, query.q, lambda exercise: self._matches(exercise, query), query.sort, _ORDERS)

    def ranked(self, name: str) -> list[tuple[float, Exercise]]:
        """All that match a name, with their scores (0 to 1), the best match first."""
        return rank_best(hit for index in self.indexes for hit in index.ranked(name))

    def with_preference(self, exercise: Exercise) -> Exercise:
        """The exercise with what this person thinks of it."""
        preference = self._preferences.get(exercise.id)
        return exercise.model_copy(update={"preference": preference}) if preference else exercise

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


_ORDERS = {"name": by_name}
