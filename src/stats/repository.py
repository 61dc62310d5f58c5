"""Statistics, computed by the database from the sets."""

from typing import Annotated, Any
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.errors import NotFound, Unauthenticated
from src.core.gateway import Row, Rows, row_of
from src.stats.schemas import DayRange, HistoryQuery, RecordQuery


class StatsRepository:
    """What follows from the caller's own sets."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def summary(self) -> Row:
        """All training in numbers. Raises Unauthenticated when the account is gone."""
        summary = await self._db.read("stats_summary")
        if summary is None:
            raise Unauthenticated.account_gone()
        return row_of(summary)

    async def records(self, query: RecordQuery) -> Rows:
        """A page of the best ever, by exercise."""
        wanted = {"exercise_id": query.exercise_id, "kind": query.kind, "skip": query.first, "most": query.per_page}
        found = row_of(await self._db.read("stats_records", wanted))
        return Rows(found["items"], found["total"])

    async def volume(self, days: DayRange) -> Any:
        """Weeks with training."""
        return await self._db.read("stats_volume", days.days())

    async def calendar(self, days: DayRange) -> Any:
        """Days with training."""
        return await self._db.read("stats_calendar", days.days())

    async def exercise(self, exercise_id: UUID, query: HistoryQuery) -> Row:
        """One exercise over time. Raises NotFound for an exercise the caller cannot see."""
        wanted = {"exercise_id": exercise_id, "most": query.limit, **query.days()}
        history = await self._db.read("stats_exercise", wanted)
        if history is None:
            raise NotFound
        return row_of(history)


StatsRepo = Annotated[StatsRepository, injected(StatsRepository)]
