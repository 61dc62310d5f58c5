"""What a person owns, page by page, in an order that does not change while it is read."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any

from src.archive.schemas import (
    ArchivedExercise,
    ArchivedFood,
    ArchivedMealPlan,
    ArchivedMeasurement,
    ArchivedMemory,
    ArchivedMessage,
    ArchivedPlan,
    ArchivedPreference,
    ArchivedProfile,
    ArchivedWorkout,
)
from src.core.di import UserGatewayDep, injected
from src.core.errors import Unauthenticated
from src.core.gateway import Row
from src.core.schema import Output
from src.vocabulary import PlanKind

# PostgREST gives 1,000 rows at once and no more, those within others too, and an answer has at most 16 MiB
# (src/core/http_client.py): texts have some thousand characters of up to four bytes, a content of a plan up to 256 KiB.
ROWS_PER_BATCH, TEXTS_PER_BATCH, VERSIONS_PER_BATCH = 1000, 200, 50
# Most workouts have fewer sets than come along with them; the others are asked for the rest of theirs.
WORKOUTS_PER_BATCH, SETS_ALONG = 100, 100
_SETS = (
    "exercise_id,exercise_name,exercise_position,position,superset_group,notes:exercise_notes,kind,set_type,side,reps,"
    "entered_value,entered_unit,rpe,rir,duration_seconds,distance_m,average_heart_rate,max_heart_rate"
)
# The database writes their seconds, which are always 0.
_CLOCK_TIMES = ("check_ins_quiet_from", "check_ins_quiet_to")
_WHEN = ("started_at", "client_id")
_PLACE = ("exercise_position", "position")


class ArchiveRepository:
    """Everything of the caller's own."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def profile(self) -> Row:
        """The profile. Raises Unauthenticated when the account is gone."""
        query = self._db.table("users").select(_columns(ArchivedProfile)).eq("id", self._db.user_id)
        rows = await self._db.rows(query)
        if not rows:
            raise Unauthenticated.account_gone()
        return rows[0] | {name: rows[0][name][:5] for name in _CLOCK_TIMES}

    def exercises(self) -> AsyncIterator[Row]:
        columns = f"{_columns(ArchivedExercise, 'hidden')},hidden_at"
        return self._all_rows("exercises", columns, "created_at", "id", TEXTS_PER_BATCH)

    def foods(self) -> AsyncIterator[Row]:
        columns = f"{_columns(ArchivedFood, 'hidden')},hidden_at"
        return self._all_rows("foods", columns, "created_at", "id", TEXTS_PER_BATCH)

    def preferences(self) -> AsyncIterator[Row]:
        columns = f"id,{_columns(ArchivedPreference)}"
        return self._all_rows("exercise_preferences", columns, "created_at", "id", ROWS_PER_BATCH)

    def plans(self) -> AsyncIterator[Row]:
        return self._plans(PlanKind.WORKOUT, _columns(ArchivedPlan, "versions"))

    def meal_plans(self) -> AsyncIterator[Row]:
        return self._plans(PlanKind.MEAL, _columns(ArchivedMealPlan, "versions"))

    def versions(self, model: type[Output], plan: Row) -> AsyncIterator[Row]:
        """Each content the plan had, the first one first, as rows for this model."""
        columns = f"version,{_columns(model)}"
        return self._pages(
            lambda: self._db.table("plan_versions").select(columns).eq("plan_id", plan["id"]),
            ("version",),
            VERSIONS_PER_BATCH,
        )

    async def workouts(self) -> AsyncIterator[Row]:
        """Workouts with all their `sets`, in order."""
        # First which they are: joining before it sorts, the planner would read all sets of the person for each page.
        places = f"id,{','.join(_WHEN)}"
        async for batch in self._batches(lambda: self._owned("workouts", places), _WHEN, WORKOUTS_PER_BATCH):
            for workout in await self._with_sets([place["id"] for place in batch]):
                if len(workout["sets"]) == SETS_ALONG:
                    workout["sets"] += [row async for row in self._later_sets(workout)]
                yield workout

    async def _with_sets(self, ids: list[str]) -> list[Row]:
        columns = f"id,{_columns(ArchivedWorkout, 'exercises')},sets({_SETS})"
        query = self._owned("workouts", columns).in_("id", ids).limit(SETS_ALONG, foreign_table="sets")
        for column in _PLACE:
            query = query.order(column, foreign_table="sets")
        for column in _WHEN:
            query = query.order(column)
        self._db.renew_deadline()
        return await self._db.rows(query)

    def _later_sets(self, workout: Row) -> AsyncIterator[Row]:
        return self._pages(
            lambda: self._db.table("sets").select(_SETS).eq("workout_id", workout["id"]),
            _PLACE,
            ROWS_PER_BATCH,
            workout["sets"][-1],
        )

    def measurements(self) -> AsyncIterator[Row]:
        return self._all_rows("measurements", _columns(ArchivedMeasurement), "measured_at", "kind", ROWS_PER_BATCH)

    def memories(self) -> AsyncIterator[Row]:
        return self._all_rows("memories", _columns(ArchivedMemory), "created_at", "id", TEXTS_PER_BATCH)

    def messages(self) -> AsyncIterator[Row]:
        return self._all_rows("chat_messages", _columns(ArchivedMessage), "created_at", "id", TEXTS_PER_BATCH)

    def _plans(self, kind: PlanKind, columns: str) -> AsyncIterator[Row]:
        return self._pages(
            lambda: self._owned("plans", f"created_at,{columns}").eq("kind", kind),
            ("created_at", "id"),
            TEXTS_PER_BATCH,
        )

    def _owned(self, table: str, columns: str) -> Any:
        return self._db.table(table).select(columns).eq("user_id", self._db.user_id)

    def _all_rows(
        self, table: str, columns: str, sort_column: str, tie_breaker: str, batch_size: int
    ) -> AsyncIterator[Row]:
        """Every row by `sort_column`, a timestamp, then by `tie_breaker`, whose values survive an import."""
        named = columns if sort_column in columns.split(",") else f"{sort_column},{columns}"
        return self._pages(lambda: self._owned(table, named), (sort_column, tie_breaker), batch_size)

    async def _pages(
        self, query: Callable[[], Any], order: tuple[str, ...], batch_size: int, last: Row | None = None
    ) -> AsyncIterator[Row]:
        """Every row of the query in that order, or every one after `last`."""
        async for batch in self._batches(query, order, batch_size, last):
            for row in batch:
                yield row

    async def _batches(
        self, query: Callable[[], Any], order: tuple[str, ...], batch_size: int, last: Row | None = None
    ) -> AsyncIterator[list[Row]]:
        """The same in batches, none of them empty.

        Each has a deadline of its own: the whole may take longer than a request.
        """
        while True:
            page = query() if last is None else query().or_(_after(order, last))
            for column in order:
                page = page.order(column)
            self._db.renew_deadline()
            rows = await self._db.rows(page.limit(batch_size))
            if rows:
                yield rows
            if len(rows) < batch_size:
                return
            last = rows[-1]


ArchiveRepo = Annotated[ArchiveRepository, injected(ArchiveRepository)]


def _columns(model: type[Output], *without: str) -> str:
    """The columns that an item is made from."""
    return ",".join(name for name in model.model_fields if name not in without)


def _after(order: tuple[str, ...], last: Row) -> str:
    """The filter for what comes after a row, in the order of one column or two."""
    first, *then = order
    # A timestamp is typed before it is written into the filter, like a cursor.
    at = last[first] if isinstance(last[first], int) else f'"{datetime.fromisoformat(last[first]).isoformat()}"'
    later = f"{first}.gt.{at}"
    return f"{later},and({first}.eq.{at},{then[0]}.gt.{last[then[0]]})" if then else later
