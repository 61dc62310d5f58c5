"""Numbers and moments of GPX and TCX files."""

import math
from datetime import UTC, datetime


def number_of(text: str | None) -> float | None:
    """A finite number, None for anything else."""
    try:
        value = float(text) if text and len(text) <= 40 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def moment_of(text: str | None) -> datetime | None:
    """A moment in UTC, to the microsecond; the formats say that times are in UTC where they name no zone."""
    try:
        moment = datetime.fromisoformat(text) if text and 16 <= len(text) <= 40 else None
    except ValueError:
        return None
    if moment is None or not 1970 <= moment.year < 2200:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
