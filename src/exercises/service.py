"""Decisions about exercises: what is found where, and that the library is not anyone's to change."""

from collections.abc import Set
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from src.core.cache import SingleFlightCache
from src.core.di import injected
from src.core.library import Library
from src.core.search import SearchIndex
from src.exercises.library import PersonalLibrary, build_index
from src.exercises.repository import ExerciseRepo
from src.exercises.schemas import Exercise, ExercisePage, ExerciseQuery


async def _library_cache(request: Request) -> SingleFlightCache[SearchIndex[Exercise]]:
    return request.state.exercise_library  # type: ignore[no-any-return]  # Starlette's state is untyped


ExerciseLibraryDep = Annotated[SingleFlightCache[SearchIndex[Exercise]], Depends(_library_cache)]


class ExerciseService:
    """Exercises for one caller, over the library that all share."""

    def __init__(self, exercises: ExerciseRepo, cache: ExerciseLibraryDep) -> None:
        self._exercises = exercises
        self._library = Library(cache, self._load, "exercises")

    async def library(self) -> PersonalLibrary:
        """What the caller can use."""
        return PersonalLibrary(await self._library.index(), await self._exercises.overlay())

    async def search(self, query: ExerciseQuery) -> ExercisePage:
        """A page of what the caller can use: the library from memory, their own part in one request."""
        mine = await self.library()
        found = mine.search(query)
        return ExercisePage(
            items=[mine.with_preference(exercise) for exercise in found[query.first : query.last + 1]],
            total=len(found),
            page=query.page,
            per_page=query.per_page,
        )

    async def names(self, exercise_ids: Set[UUID]) -> dict[UUID, str]:
        """The names of exercises by id; none for those that the caller cannot use."""
        known = {exercise.id: exercise.name for exercise in (await self._library.index()).items}
        if not exercise_ids <= known.keys():
            known |= {exercise.id: exercise.name for exercise in (await self._exercises.overlay()).exercises}
        return {exercise_id: known[exercise_id] for exercise_id in exercise_ids & known.keys()}

    async def replace(self, exercise_id: UUID, exercise: dict[str, Any]) -> Exercise:
        """Raises Forbidden for a library exercise."""
        await self._library.forbid_library_item(exercise_id)
        return Exercise.from_row(*await self._exercises.replace(exercise_id, exercise))

    async def delete(self, exercise_id: UUID) -> None:
        """Raises Forbidden for a library exercise."""
        await self._library.forbid_library_item(exercise_id)
        await self._exercises.delete(exercise_id)

    async def _load(self) -> SearchIndex[Exercise]:
        return build_index(map(Exercise.from_row, await self._exercises.library()))


ExerciseServiceDep = Annotated[ExerciseService, injected(ExerciseService)]
