"""The exercise library, custom exercises and preferences."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.core.created import created, created_responses
from src.core.errors import Conflict, Forbidden, NotFound
from src.core.etags import TAGGED, ConditionsDep
from src.core.idempotency import IdempotencyKey
from src.core.limits import SEARCHES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.exercises.repository import ExerciseRepo
from src.exercises.schemas import (
    Exercise,
    ExercisePage,
    ExercisePreference,
    ExercisePreferenceUpdate,
    ExerciseQuery,
    ExerciseWrite,
)
from src.exercises.service import ExerciseServiceDep

router = api_router("/api/v1/exercises", tags=["exercises"])


@router.get(
    "",
    operation_id="listExercises",
    openapi_extra=limited_as(SEARCHES),
    response_model=ExercisePage,
    responses=TAGGED,
)
async def list_exercises(
    query: Annotated[ExerciseQuery, Query()], exercises: ExerciseServiceDep, conditions: ConditionsDep
) -> Response:
    """The library and the caller's own exercises; with `q`, the best match first."""
    return conditions.json(await exercises.search(query))


@router.post(
    "",
    operation_id="createExercise",
    status_code=201,
    response_model=Exercise,
    responses=created_responses(Exercise) | problems(NotFound, Conflict),
)
async def create_exercise(
    exercise: ExerciseWrite,
    exercises: ExerciseRepo,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Exercise:
    """Adds an exercise of the caller's own, usable at once."""
    row, replayed = await exercises.create(exercise.model_dump(mode="json"), idempotency_key)
    created(response, f"/api/v1/exercises/{row['id']}", is_new=not replayed)
    return Exercise.from_row(row)


@router.get(
    "/{exercise_id}",
    operation_id="getExercise",
    response_model=Exercise,
    responses=TAGGED | problems(NotFound),
)
async def get_exercise(exercise_id: UUID, exercises: ExerciseRepo, conditions: ConditionsDep) -> Response:
    """One exercise, deleted ones that history uses included."""
    return conditions.json(Exercise.from_row(*await exercises.get(exercise_id)))


@router.put("/{exercise_id}", operation_id="replaceExercise", responses=problems(Forbidden, NotFound, Conflict))
async def replace_exercise(exercise_id: UUID, exercise: ExerciseWrite, exercises: ExerciseServiceDep) -> Exercise:
    """Replaces an exercise of the caller's own."""
    return await exercises.replace(exercise_id, exercise.model_dump(mode="json"))


@router.delete(
    "/{exercise_id}", operation_id="deleteExercise", status_code=204, responses=problems(Forbidden, NotFound)
)
async def delete_exercise(exercise_id: UUID, exercises: ExerciseServiceDep) -> None:
    """Deletes an exercise of the caller's own. One that plans or history use is hidden instead and stays readable."""
    await exercises.delete(exercise_id)


@router.put("/{exercise_id}/preference", operation_id="setExercisePreference", responses=problems(NotFound))
async def set_exercise_preference(
    exercise_id: UUID, preference: ExercisePreferenceUpdate, exercises: ExerciseRepo
) -> ExercisePreference:
    """Marks an exercise as favourite or excluded."""
    row = await exercises.prefer(exercise_id, preference.model_dump(mode="json"))
    return ExercisePreference.model_validate(row)


@router.delete(
    "/{exercise_id}/preference",
    operation_id="deleteExercisePreference",
    status_code=204,
    responses=problems(NotFound),
)
async def delete_exercise_preference(exercise_id: UUID, exercises: ExerciseRepo) -> None:
    """Takes the mark off."""
    await exercises.forget_preference(exercise_id)
