"""The affinity score and the ledger behind it."""

from typing import Annotated

from fastapi import Query

from src.affinity.repository import AffinityRepo
from src.affinity.schemas import Affinity, AffinityEventPage, AffinityEventQuery
from src.core.cursor import next_cursor
from src.core.route import api_router

router = api_router("/api/v1/affinity", tags=["affinity"])


@router.get("", operation_id="getAffinity")
async def get_affinity(affinity: AffinityRepo) -> Affinity:
    """How close the companion feels."""
    return Affinity.of(await affinity.score())


@router.get("/events", operation_id="listAffinityEvents")
async def list_affinity_events(
    query: Annotated[AffinityEventQuery, Query()], affinity: AffinityRepo
) -> AffinityEventPage:
    """Every point that was earned or lost, and why, newest first. After 100,000 no more are earned or lost."""
    rows = await affinity.events(query)
    following = next_cursor(rows, query, "created_at")
    return AffinityEventPage.model_validate({**rows.page(query), "next": following})
