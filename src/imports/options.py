"""What the person says about a file from another app, and how large it may be."""

from src.core.schema import QueryModel, Timezone
from src.vocabulary import DistanceUnit, WeightUnit

MAX_BYTES = 10 * 1024 * 1024


class ImportOptions(QueryModel):
    """What the file does not say; by default as in the profile."""

    timezone: Timezone | None = None
    weight_unit: WeightUnit | None = None
    distance_unit: DistanceUnit | None = None
