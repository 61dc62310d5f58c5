"""Statistics, computed by the database from the sets."""

from typing import Annotated
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import Unauthenticated
from src.core.gateway import object_or_404, row_of
from src.stats.schemas import (
    Calendar,
    DayRange,
    ExerciseHistory,
    HistoryQuery,
    RecordPage,
    RecordQuery,
    Summary,
    Volume,
)


class StatsRepository:
    """What follows from the caller's own sets."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def summary(self) -> Summary:
        """All training in numbers. Raises Unauthenticated when the account is gone."""
        summary = await self._db.read("stats_summary")
        if summary is None:
            raise Unauthenticated.account_gone()
        return parse_document(Summary.model_validate, summary)

    async def records(self, query: RecordQuery) -> RecordPage:
        """A page of the best ever, by exercise."""
        wanted = {
            "exercise_id": query.exercise_id,
            "kind": query.kind,
            "page_offset": query.first,
            "page_limit": query.per_page,
        }
        page = row_of(await self._db.read("stats_records", wanted))
        return parse_document(RecordPage.model_validate, {**page, "page": query.page, "per_page": query.per_page})

    async def volume(self, days: DayRange) -> Volume:
        """Weeks with training."""
        return parse_document(Volume.model_validate, {"weeks": await self._db.read("stats_volume", days.days())})

    async def calendar(self, days: DayRange) -> Calendar:
        """Days with training."""
        return parse_document(Calendar.model_validate, {"days": await self._db.read("stats_calendar", days.days())})

    async def exercise(self, exercise_id: UUID, query: HistoryQuery) -> ExerciseHistory:
        """One exercise over time. Raises NotFound for an exercise the caller cannot see."""
        wanted = {"exercise_id": exercise_id, "max_points": query.limit, **query.days()}
        return parse_document(
            ExerciseHistory.model_validate, object_or_404(await self._db.read("stats_exercise", wanted))
        )


StatsRepo = Annotated[StatsRepository, injected(StatsRepository)]
