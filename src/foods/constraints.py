"""User-facing messages for violated constraints."""

from typing import Final

from src.core.rest_errors import Constraints

CONSTRAINTS: Final[Constraints] = {
    "foods_custom_name": ("name", "You already have a food with this name."),
    "foods_energy_adds_up": ("nutrients", "The energy is not what the other values add up to."),
}
