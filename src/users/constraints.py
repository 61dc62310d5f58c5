"""User-facing messages for violated constraints."""

from typing import Final

from src.core.rest_errors import Constraints

CONSTRAINTS: Final[Constraints] = {
    "users_ai_consent_at_past": ("ai_consent_at", "This moment is before 2020 or in the future."),
    "users_timezone_known": ("timezone", "This is not an IANA time zone such as Europe/Oslo."),
}
