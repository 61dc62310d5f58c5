"""How long a user is banned, as the platform writes it: `none`, or a Go duration such as `24h` or `1h30m`."""

import re
from datetime import UTC, datetime, timedelta

from dev.auth.errors import invalid

_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_LONGEST = timedelta(days=292 * 365)  # what a Go duration can hold


def parse_ban(duration: str) -> datetime | None:
    """When the ban ends, counted from now; None lifts it. AuthError 400 for any other notation."""
    if duration == "none":
        return None
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise invalid(f"invalid format for ban duration: {duration[:40]}")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _LONGEST.total_seconds():
        raise invalid("invalid format for ban duration: too long")
    return datetime.now(UTC) + timedelta(seconds=seconds)
