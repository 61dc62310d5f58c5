"""Statistics: computed from the sets each time, so that an edited workout is right everywhere at once."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from src.core.errors import NotFound
from src.core.limits import HEAVY, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.stats.repository import StatsRepo
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

router = api_router("/api/v1/stats", tags=["stats"])


@router.get("/summary", operation_id="getSummary", openapi_extra=limited_as(HEAVY))
async def get_summary(stats: StatsRepo) -> Summary:
    """All training in numbers, this week, and the streak of weeks."""
    return await stats.summary()


@router.get("/records", operation_id="listRecords", openapi_extra=limited_as(HEAVY))
async def list_records(query: Annotated[RecordQuery, Query()], stats: StatsRepo) -> RecordPage:
    """The best ever of each exercise and kind; of equal ones, the first."""
    return await stats.records(query)


@router.get("/volume", operation_id="getVolume", openapi_extra=limited_as(HEAVY))
async def get_volume(days: Annotated[DayRange, Query()], stats: StatsRepo) -> Volume:
    """Sets and volume per week, in all and per muscle."""
    return await stats.volume(days)


@router.get("/calendar", operation_id="getCalendar", openapi_extra=limited_as(HEAVY))
async def get_calendar(days: Annotated[DayRange, Query()], stats: StatsRepo) -> Calendar:
    """The days with training, for a heat map."""
    return await stats.calendar(days)


@router.get(
    "/exercises/{exercise_id}",
    operation_id="getExerciseHistory",
    openapi_extra=limited_as(HEAVY),
    responses=problems(NotFound),
)
async def get_exercise_history(
    exercise_id: UUID, query: Annotated[HistoryQuery, Query()], stats: StatsRepo
) -> ExerciseHistory:
    """One exercise over time, a point for each workout, for a chart."""
    return await stats.exercise(exercise_id, query)
