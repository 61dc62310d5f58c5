"""Completed sessions: logged exactly once, read, changed and deleted; and what to do next."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.core.created import created, created_responses
from src.core.cursor import next_cursor
from src.core.errors import Conflict, NotFound, PreconditionFailed
from src.core.etags import CHANGED, TAGGED, ConditionsDep, IfMatch, parse_if_match, tagged
from src.core.problems import problems
from src.core.route import api_router
from src.workouts.next import NextWorkout, next_workout
from src.workouts.repository import WorkoutRepo
from src.workouts.schemas import LoggedWorkout, Workout, WorkoutLog, WorkoutPage, WorkoutQuery, WorkoutReplace

router = api_router("/api/v1/workouts", tags=["workouts"])


@router.post(
    "/log",
    operation_id="logWorkout",
    status_code=201,
    response_model=LoggedWorkout,
    responses=created_responses(LoggedWorkout, "ETag", otherwise="Logged before.") | problems(Conflict),
)
async def log_workout(workout: WorkoutLog, workouts: WorkoutRepo, response: Response) -> LoggedWorkout:
    """Logs a completed session, once for each client_id however often it is sent."""
    logged, replayed = await workouts.log(workout.model_dump(mode="json"))
    created(response, f"/api/v1/workouts/{logged.workout.id}", is_new=not replayed)
    tagged(logged.workout, response)
    return logged


@router.get("", operation_id="listWorkouts")
async def list_workouts(query: Annotated[WorkoutQuery, Query()], workouts: WorkoutRepo) -> WorkoutPage:
    """The caller's workouts, newest first unless `sort` says otherwise."""
    rows = await workouts.page(query)
    following = next_cursor(rows, query, "started_at") if query.order.is_descending else None
    return WorkoutPage.model_validate({**rows.page(query), "next": following})


@router.get("/next", operation_id="getNextWorkout", responses=problems(NotFound))
async def get_next_workout(workouts: WorkoutRepo) -> NextWorkout:
    """The next day of the active plan, with targets from what was last lifted, and why."""
    return next_workout(await workouts.next())


@router.get("/{workout_id}", operation_id="getWorkout", response_model=Workout, responses=TAGGED | problems(NotFound))
async def get_workout(workout_id: UUID, workouts: WorkoutRepo, conditions: ConditionsDep) -> Response:
    """One workout, with the records it set and what it earned."""
    workout = await workouts.get(workout_id)
    # Records follow from earlier workouts too, so the row's own tag would not do.
    return conditions.json(workout, workout.updated_at)


@router.put(
    "/{workout_id}",
    operation_id="replaceWorkout",
    responses=CHANGED | problems(NotFound, PreconditionFailed),
)
async def replace_workout(
    workout_id: UUID, workout: WorkoutReplace, workouts: WorkoutRepo, response: Response, if_match: IfMatch = None
) -> LoggedWorkout:
    """Replaces a workout. Records follow; what it had earned is taken back and awarded anew where that differs."""
    changed = await workouts.replace(workout_id, workout.model_dump(mode="json"), parse_if_match(if_match))
    tagged(changed.workout, response)
    return changed


@router.delete(
    "/{workout_id}",
    operation_id="deleteWorkout",
    status_code=204,
    responses=problems(NotFound, PreconditionFailed),
)
async def delete_workout(workout_id: UUID, workouts: WorkoutRepo, if_match: IfMatch = None) -> None:
    """Deletes a workout and takes back what it had earned."""
    await workouts.delete(workout_id, parse_if_match(if_match))
