"""What the person says about a file from another app, and how large it may be."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from src.core.schema import CleanText, QueryModel, Timezone
from src.imports.dates import DateOrder
from src.vocabulary import DistanceUnit, WeightUnit

MAX_BYTES = 10 * 1024 * 1024
# Windows calls a .csv what it opens it with.
MEDIA_TYPES = (
    *("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"),
    *(
        "application/vnd.ant.fit",
        "application/gpx+xml",
        "application/vnd.garmin.tcx+xml",
        "application/xml",
        "text/xml",
    ),
)


class OnConflict(StrEnum):
    """What happens to a workout that is here already and differs from the file's."""

    KEEP = "keep"
    REPLACE = "replace"


class ImportOptions(QueryModel):
    """What the file does not say; by default as in the profile."""

    timezone: Timezone | None = None
    weight_unit: WeightUnit | None = None
    distance_unit: DistanceUnit | None = None
    date_order: Annotated[
        DateOrder | None,
        Field(description="Which comes first in dates like 03/04/2024, when no other date of the file tells."),
    ] = None
    sport: Annotated[
        Annotated[str, CleanText(max_length=60)] | None,
        Field(description="Of a GPX, TCX or FIT file that names no sport: running, cycling, hiking, …"),
    ] = None
    on_conflict: Annotated[
        OnConflict,
        Field(
            description="For workouts that were imported before and differ from the file: keep what is here, or take "
            "the file's. The report names each difference. What you changed here yourself is always kept."
        ),
    ] = OnConflict.KEEP


class ImportQuery(ImportOptions):
    """The options, and whether to import at all."""

    dry_run: Annotated[bool, Field(description="Only say what the file would become.")] = False
