"""Workouts in the database. Written through functions only: a workout is one transaction with all it brings about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.core.cursor import Cursor
from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import NotFound
from src.core.etags import to_timestamps
from src.core.gateway import Row, Rows, object_or_404, row_of
from src.core.sorting import ordered
from src.workouts.done import DONE_COLUMNS
from src.workouts.next_state import NextWorkoutState, read_next_workout_state
from src.workouts.schemas import LoggedWorkout, Workout, WorkoutQuery
from src.workouts.sparing import spare


class WorkoutSummaryRow(TypedDict):
    """A row of public.workouts as lists need it."""

    id: str
    source: str
    plan_id: str | None
    plan_day: int | None
    name: str | None
    started_at: str
    ended_at: str | None
    timezone: str
    local_date: str
    perceived_exertion: int | None
    updated_at: str


SUMMARY_COLUMNS = ",".join(WorkoutSummaryRow.__annotations__)


class WorkoutRepository:
    """The caller's own workouts."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def log(self, workout: dict[str, Any]) -> tuple[LoggedWorkout, bool]:
        """The workout, and whether it had been logged before. Raises Conflict for a client_id in use."""
        logged = row_of(await self._db.call("log_workout", {"payload": workout}))
        return parse_document(LoggedWorkout.from_document, logged.get("workout")), logged.get("replayed") is True

    async def get(self, workout_id: UUID) -> Workout:
        """One workout. Raises NotFound."""
        return parse_document(
            Workout.from_document, object_or_404(await self._db.read("workout", {"workout_id": workout_id}))
        )

    async def replace(
        self, workout_id: UUID, workout: dict[str, Any], unchanged_since: Sequence[datetime] | None
    ) -> LoggedWorkout:
        """The workout after the change. Raises NotFound, and PreconditionFailed when it is none of those states."""
        wanted = {"workout_id": str(workout_id), "payload": workout, "unchanged_since": to_timestamps(unchanged_since)}
        return parse_document(LoggedWorkout.from_document, object_or_404(await self._db.call("update_workout", wanted)))

    async def delete(self, workout_id: UUID, unchanged_since: Sequence[datetime] | None) -> None:
        """Deletes it and takes back what it had earned. Raises like replace()."""
        wanted = {"workout_id": str(workout_id), "unchanged_since": to_timestamps(unchanged_since)}
        await self._db.call_or_404("delete_workout", wanted)

    async def page(self, query: WorkoutQuery) -> Rows:
        """A page of workouts, each with what was done in it."""
        # Added up in the database (public.work_done): sets within workouts come 1,000 at most.
        with_it = ",with_it:sets!inner(exercise_id)" if query.exercise_id else ""
        columns = f"{SUMMARY_COLUMNS},work_done{with_it}"
        workouts = self._db.table("workouts").select(columns, count=CountMethod.exact).eq("user_id", self._db.user_id)
        if query.exercise_id:
            workouts = workouts.eq("with_it.exercise_id", query.exercise_id)
        if query.plan_id:
            workouts = workouts.eq("plan_id", query.plan_id)
        if query.from_:
            workouts = workouts.gte("local_date", query.from_)
        if query.to:
            workouts = workouts.lte("local_date", query.to)
        first = query.first
        if query.before:
            workouts, first = workouts.or_(Cursor.parse(query.before).older("started_at")), 0
        rows = await self._db.page(ordered(workouts, query.order).range(first, first + query.per_page - 1))
        return rows._replace(items=[{**row, **row_of(row["work_done"])} for row in rows.items])

    async def next(self, plan_day: int | None = None) -> NextWorkoutState:
        """What the next session is computed from, or a day of the plan. Raises NotFound without an active plan."""
        state = await self._db.read("next_workout", {"plan_day": plan_day})
        if state is None:
            raise NotFound("No plan is active. Activate one of your plans first.")
        return spare(parse_document(read_next_workout_state, state))

    async def done(self, last: date, limit: int) -> list[Row]:
        """The newest workouts up to a day, newest first, with their sets: rows of DoneWorkout."""
        return await self._done(self._db.table("workouts").select(DONE_COLUMNS).lte("local_date", last), limit)

    async def last_with(self, exercise_id: UUID) -> list[Row]:
        """The newest workout with an exercise, and only the sets of that, like done(); empty when it was never done."""
        return await self._done(self._db.table("workouts").select(DONE_COLUMNS).eq("sets.exercise_id", exercise_id), 1)

    async def _done(self, workouts: Any, limit: int) -> list[Row]:
        newest = workouts.eq("user_id", self._db.user_id).order("started_at", desc=True).order("id", desc=True)
        for column in ("exercise_position", "position"):
            newest = newest.order(column, foreign_table="sets")
        return await self._db.rows(newest.limit(limit))


WorkoutRepo = Annotated[WorkoutRepository, injected(WorkoutRepository)]
