"""What to say to a person whom a constraint of the database stops."""

from typing import Final

from src.core.rest_errors import Constraints

CONSTRAINTS: Final[Constraints] = {
    "meal_plans_one_active": (
        None,
        "Another meal plan is active; activate this one with POST /meal-plans/{id}/activate.",
    ),
    "meal_plans_active_has_content": ("content", "An empty meal plan cannot be active."),
    "plans_one_active": (None, "Another plan is active; activate this one with POST /plans/{id}/activate."),
    "plans_active_has_content": ("content", "An empty plan cannot be active."),
}
