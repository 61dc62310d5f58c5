"""User-facing messages for violated constraints."""

from typing import Final

from src.core.rest_errors import Constraints

CONSTRAINTS: Final[Constraints] = {
    "plans_one_active": (None, "Another plan of this kind is active; activate this one instead of setting its status."),
    "plans_active_has_content": ("content", "An empty plan cannot be active."),
    "plans_fields_of_kind": (None, "Days a week belong to workout plans, targets to meal plans."),
}
