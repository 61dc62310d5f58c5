"""Measurements in the database."""

from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.core.di import UserGatewayDep, injected
from src.core.gateway import Row, Rows
from src.core.sorting import ordered
from src.measurements.schemas import MeasurementQuery


class MeasurementRow(TypedDict):
    """A row of public.measurements."""

    id: str
    kind: str
    value: float
    measured_at: str
    local_date: str
    created_at: str
    updated_at: str


MEASUREMENT_COLUMNS = ",".join(MeasurementRow.__annotations__)


class MeasurementRepository:
    """The caller's own measurements."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def page(self, query: MeasurementQuery) -> Rows:
        """A page of measurements."""
        found = self._db.table("measurements").select(MEASUREMENT_COLUMNS, count=CountMethod.exact)
        found = found.eq("user_id", self._db.user_id)
        if query.kind:
            found = found.in_("kind", query.kind)
        if query.from_:
            found = found.gte("local_date", query.from_)
        if query.to:
            found = found.lte("local_date", query.to)
        return await self._db.page(ordered(found, query.sort).range(query.first, query.last))

    async def put(self, measurement: dict[str, Any]) -> Row:
        """The measurement, which replaces another one of its kind on its day."""
        query = self._db.table("measurements").upsert(measurement, on_conflict="user_id,kind,local_date")
        return await self._db.one(query.select(MEASUREMENT_COLUMNS))

    async def delete(self, measurement_id: UUID) -> None:
        """Raises NotFound."""
        query = self._db.table("measurements").delete().eq("id", measurement_id)
        await self._db.one(query.select("id"))


MeasurementRepo = Annotated[MeasurementRepository, injected(MeasurementRepository)]
