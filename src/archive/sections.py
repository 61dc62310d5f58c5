"""The sections of an export, as an import goes through them. Imports little: a child process reads the file."""

from dataclasses import dataclass
from typing import Final

FORMAT: Final = "slow-burn"
VERSION: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024
PROFILE: Final = "profile"


@dataclass(frozen=True)
class Section:
    """Items of one kind.

    `import_batch_size`: how many are imported in one call, unless they are large; that takes less than a second.
    `ids`: the item's fields with ids of this section, which an import replaces by ids of its own.
    `reference`: the field by which other sections name an item of this one.
    `found_by_name`: an import may find an item under its name, and then takes the id that it has there.
    """

    name: str
    import_batch_size: int
    ids: tuple[str, ...] = ()
    reference: str | None = None
    found_by_name: bool = False


# In an order in which each section comes after those that it names.
SECTIONS: Final = (
    Section("exercises", 100, ("id",), "exercise_id", found_by_name=True),
    Section("foods", 100, ("id",), "food_id", found_by_name=True),
    Section("preferences", 200),
    Section("plans", 5, ("id",), "plan_id"),
    Section("meal_plans", 5, ("id",), "meal_plan_id"),
    Section("workouts", 40),
    Section("measurements", 500),
    Section("memories", 200, ("id", "superseded_by")),
    Section("messages", 500, ("id", "reply_to")),
)
