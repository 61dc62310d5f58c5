"""User-facing messages for violated constraints."""

from typing import Final

from src.core.rest_errors import Constraints

CONSTRAINTS: Final[Constraints] = {
    "exercises_custom_name": ("name", "You already have an exercise with this name."),
    "exercises_muscles_apart": ("secondary_muscles", "A muscle is either primary or secondary."),
}
