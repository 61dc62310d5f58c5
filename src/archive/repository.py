"""What a person owns, page by page, in an order that does not change while it is read."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from src.archive.schemas import (
    ArchivedExercise,
    ArchivedFood,
    ArchivedMealPlan,
    ArchivedMealVersion,
    ArchivedMeasurement,
    ArchivedMemory,
    ArchivedMessage,
    ArchivedPlan,
    ArchivedPreference,
    ArchivedProfile,
    ArchivedVersion,
    ArchivedWorkout,
    columns_of,
)
from src.core.errors import Unauthenticated
from src.core.gateway import Row, UserGateway

# A workout has some 25 sets, a plan its versions: a page is at most a megabyte or two.
WORKOUTS_AT_ONCE, PLANS_AT_ONCE, ROWS_AT_ONCE = 200, 20, 1000
_SETS = (
    "exercise_id,exercise_name,exercise_position,position,superset_group,notes:exercise_notes,kind,set_type,side,reps,"
    "entered_value,entered_unit,rpe,rir,duration_seconds,distance_m"
)


class ArchiveRepository:
    """Everything of the caller's own."""

    def __init__(self, gateway: UserGateway) -> None:
        self._db = gateway

    async def profile(self) -> Row:
        """The profile. Raises Unauthenticated when the account is gone."""
        query = self._db.table("users").select(columns_of(ArchivedProfile)).eq("id", self._db.person)
        rows = await self._db.rows(query)
        if not rows:
            raise Unauthenticated("This account no longer exists.")
        return rows[0]

    def exercises(self) -> AsyncIterator[Row]:
        return self._all(
            "exercises", f"{columns_of(ArchivedExercise, 'hidden')},hidden_at", "created_at", "id", ROWS_AT_ONCE
        )

    def foods(self) -> AsyncIterator[Row]:
        columns = f"{columns_of(ArchivedFood, 'hidden')},hidden_at"
        return self._all("foods", columns, "created_at", "id", ROWS_AT_ONCE)

    def preferences(self) -> AsyncIterator[Row]:
        columns = f"id,created_at,{columns_of(ArchivedPreference)}"
        return self._all("exercise_preferences", columns, "created_at", "id", ROWS_AT_ONCE)

    def plans(self) -> AsyncIterator[Row]:
        """Plans with `versions`, the first one first."""
        versions = f"versions:plan_versions(version,{columns_of(ArchivedVersion)})"
        return self._all(
            "plans", f"{columns_of(ArchivedPlan, 'versions')},{versions}", "created_at", "id", PLANS_AT_ONCE
        )

    def meal_plans(self) -> AsyncIterator[Row]:
        """Meal plans with `versions`, the first one first."""
        versions = f"versions:meal_plan_versions(version,{columns_of(ArchivedMealVersion)})"
        columns = f"{columns_of(ArchivedMealPlan, 'versions')},{versions}"
        return self._all("meal_plans", columns, "created_at", "id", PLANS_AT_ONCE)

    def workouts(self) -> AsyncIterator[Row]:
        """Workouts with `sets`, in no order."""
        columns = f"{columns_of(ArchivedWorkout, 'exercises')},sets({_SETS})"
        return self._all("workouts", columns, "started_at", "client_id", WORKOUTS_AT_ONCE)

    def measurements(self) -> AsyncIterator[Row]:
        return self._all("measurements", columns_of(ArchivedMeasurement), "measured_at", "kind", ROWS_AT_ONCE)

    def memories(self) -> AsyncIterator[Row]:
        return self._all("memories", columns_of(ArchivedMemory), "created_at", "id", ROWS_AT_ONCE)

    def messages(self) -> AsyncIterator[Row]:
        return self._all("chat_messages", columns_of(ArchivedMessage), "created_at", "id", ROWS_AT_ONCE)

    async def _all(self, table: str, columns: str, order: str, then: str, at_once: int) -> AsyncIterator[Row]:
        """Every row by `order`, a moment, and `then`, which tells those of one moment apart and survives an import.

        Each page has a budget of its own: the whole may take longer than a request.
        """
        last: Row | None = None
        named = columns if order in columns.split(",") else f"{order},{columns}"
        while True:
            query: Any = self._db.table(table).select(named).eq("user_id", self._db.person)
            if last is not None:
                # Typed before it is written into the filter, like a cursor.
                at = f'"{datetime.fromisoformat(last[order]).isoformat()}"'
                query = query.or_(f"{order}.gt.{at},and({order}.eq.{at},{then}.gt.{last[then]})")
            self._db.renew_budget()
            rows = await self._db.rows(query.order(order).order(then).limit(at_once))
            for row in rows:
                yield row
            if len(rows) < at_once:
                return
            last = rows[-1]
