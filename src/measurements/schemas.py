"""Body measurements."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from src.core.pagination import Page, PageQuery
from src.core.schema import Input, JsonNumber, Output, PastTimestamp
from src.core.sorting import Sort
from src.stats.schemas import FirstDay, LastDay
from src.vocabulary import MeasurementKind

_LENGTH = (0.05, 4.0)
RANGES = {
    MeasurementKind.BODY_WEIGHT: (20.0, 500.0),
    MeasurementKind.HEIGHT: (0.5, 2.6),
    MeasurementKind.BODY_FAT: (0.01, 0.8),
    MeasurementKind.WAIST: _LENGTH,
    MeasurementKind.HIPS: _LENGTH,
    MeasurementKind.CHEST: _LENGTH,
    MeasurementKind.ARM: _LENGTH,
    MeasurementKind.THIGH: _LENGTH,
    MeasurementKind.RESTING_HEART_RATE: (20.0, 250.0),
}


class Measurement(Output):
    """One value of a kind on a day. kg for weight, m for lengths, a ratio for body fat, beats per minute."""

    id: UUID
    kind: MeasurementKind
    value: float
    measured_at: AwareDatetime
    local_date: Annotated[date, Field(description="The day it counts for, in the person's time zone.")]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class MeasurementPage(Page[Measurement]):
    """A page of measurements."""


class MeasurementWrite(Input):
    """A measurement; another one of that kind on that day is replaced. Kept to four decimals."""

    kind: MeasurementKind
    value: Annotated[
        float,
        Field(ge=0.01, le=500, description="SI: kg, m, ratio (body_fat), beats per minute. Ranges depend on the kind."),
        JsonNumber,
    ]
    measured_at: Annotated[PastTimestamp | None, Field(description="By default now.")] = None

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        low, high = RANGES[self.kind]
        if not low <= self.value <= high:
            raise ValueError(f"{self.kind} must be from {low:g} to {high:g}")
        return self


class MeasurementSort(Sort):
    """Order of a list of measurements; newest first by default."""

    MEASURED_AT = "measured_at"
    MEASURED_AT_DESCENDING = "-measured_at"


class MeasurementQuery(PageQuery):
    kind: Annotated[list[MeasurementKind], Field(max_length=9)] = []
    from_: FirstDay = None
    to: LastDay = None
    sort: MeasurementSort = MeasurementSort.MEASURED_AT_DESCENDING
