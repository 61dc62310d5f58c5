"""The affinity ledger in the database."""

from typing import Annotated, TypedDict

from postgrest import CountMethod

from src.affinity.schemas import AffinityEventQuery
from src.core.cursor import Cursor
from src.core.di import UserGatewayDep, injected
from src.core.errors import Unauthenticated
from src.core.gateway import Rows
from src.core.sorting import ordered


class AffinityEventRow(TypedDict):
    """A row of public.affinity_events."""

    id: str
    rule: str
    points: int
    source_type: str
    source_id: str
    explanation: str
    created_at: str


EVENT_COLUMNS = ",".join(AffinityEventRow.__annotations__)


class AffinityRepository:
    """The caller's own ledger."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def score(self) -> int:
        """The caller's score. Raises Unauthenticated when the account is gone."""
        rows = await self._db.rows(self._db.table("users").select("affinity_score").eq("id", self._db.user_id))
        if not rows:
            raise Unauthenticated.account_gone()
        return int(rows[0]["affinity_score"])

    async def events(self, query: AffinityEventQuery) -> Rows:
        """A page of entries, newest first; with a cursor, those before it."""
        events = self._db.table("affinity_events").select(EVENT_COLUMNS, count=CountMethod.exact)
        events = events.eq("user_id", self._db.user_id)
        first = query.first
        if query.before:
            events, first = events.or_(Cursor.parse(query.before).older("created_at")), 0
        return await self._db.page(ordered(events, "-created_at").range(first, first + query.per_page - 1))


AffinityRepo = Annotated[AffinityRepository, injected(AffinityRepository)]
