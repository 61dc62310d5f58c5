"""Body measurements: one of each kind a day."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.core.created import created, created_responses
from src.core.errors import NotFound
from src.core.problems import problems
from src.core.route import api_router
from src.measurements.repository import MeasurementRepo
from src.measurements.schemas import Measurement, MeasurementPage, MeasurementQuery, MeasurementWrite

router = api_router("/api/v1/measurements", tags=["measurements"])


@router.get("", operation_id="listMeasurements")
async def list_measurements(
    query: Annotated[MeasurementQuery, Query()], measurements: MeasurementRepo
) -> MeasurementPage:
    """The caller's measurements."""
    return MeasurementPage.model_validate((await measurements.page(query)).page(query))


@router.post(
    "",
    operation_id="recordMeasurement",
    status_code=201,
    responses=created_responses(Measurement, otherwise="Replaced the one of that day."),
    response_model=Measurement,
)
async def record_measurement(
    measurement: MeasurementWrite, measurements: MeasurementRepo, response: Response
) -> Measurement:
    """Records a measurement; one of that kind on that day is replaced."""
    # Not left to the column's default: replacing the measurement of that day would keep its time.
    at = measurement.measured_at or datetime.now(UTC)
    row = await measurements.put(measurement.model_copy(update={"measured_at": at}).model_dump(mode="json"))
    recorded = Measurement.model_validate(row)
    is_new = recorded.created_at == recorded.updated_at
    created(response, f"/api/v1/measurements/{recorded.id}", is_new=is_new)
    return recorded


@router.delete("/{measurement_id}", operation_id="deleteMeasurement", status_code=204, responses=problems(NotFound))
async def delete_measurement(measurement_id: UUID, measurements: MeasurementRepo) -> None:
    """Deletes a measurement."""
    await measurements.delete(measurement_id)
