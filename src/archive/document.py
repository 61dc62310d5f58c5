"""The document that an export gives and an import takes: the profile, and sections of items.

The affinity ledger is not part of it: only what happens here can write it (docs/decisions/0016-archive.md).
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import AwareDatetime

from src.archive.repository import ArchiveRepository
from src.archive.schemas import (
    ArchivedExercise,
    ArchivedFood,
    ArchivedMealPlan,
    ArchivedMealVersion,
    ArchivedMeasurement,
    ArchivedMemory,
    ArchivedMessage,
    ArchivedPlan,
    ArchivedPreference,
    ArchivedProfile,
    ArchivedVersion,
    ArchivedWorkout,
    item_model,
    list_of,
)
from src.core.gateway import Row
from src.core.schema import Output

FORMAT: Final = "slow-burn"
VERSION: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024
PROFILE: Final = "profile"


@dataclass(frozen=True)
class Section:
    """Items of one kind. `read` gives their rows.

    `import_batch_size`: how many are imported in one call, unless they are large; that takes less than a second.
    `ids`: the item's fields with ids of this section, which an import replaces by ids of its own.
    `reference`: the field by which other sections name an item of this one.
    `found_by_name`: an import may find an item under its name, and then takes the id that it has there.
    """

    name: str
    model: type[Output]
    read: Callable[[ArchiveRepository], AsyncIterator[Row]]
    import_batch_size: int
    ids: tuple[str, ...] = ()
    reference: str | None = None
    found_by_name: bool = False
    versions: type[Output] | None = None


# In an order in which each section comes after those that it names.
SECTIONS: Final = (
    Section(
        "exercises", ArchivedExercise, ArchiveRepository.exercises, 100, ("id",), "exercise_id", found_by_name=True
    ),
    Section("foods", ArchivedFood, ArchiveRepository.foods, 100, ("id",), "food_id", found_by_name=True),
    Section("preferences", ArchivedPreference, ArchiveRepository.preferences, 200),
    Section(
        "plans",
        ArchivedPlan,
        ArchiveRepository.plans,
        5,
        ("id",),
        "plan_id",
        versions=ArchivedVersion,
    ),
    Section(
        "meal_plans",
        ArchivedMealPlan,
        ArchiveRepository.meal_plans,
        5,
        ("id",),
        "meal_plan_id",
        versions=ArchivedMealVersion,
    ),
    Section("workouts", ArchivedWorkout, ArchiveRepository.workouts, 40),
    Section("measurements", ArchivedMeasurement, ArchiveRepository.measurements, 500),
    Section("memories", ArchivedMemory, ArchiveRepository.memories, 200, ("id", "superseded_by")),
    Section("messages", ArchivedMessage, ArchiveRepository.messages, 500, ("id", "reply_to")),
)

Archive = item_model(
    "Archive",
    "Everything a person owns.",
    {
        "format": (Literal["slow-burn"], ...),
        "version": (Literal[1], ...),
        "exported_at": (AwareDatetime, ...),
        PROFILE: (ArchivedProfile, ...),
    }
    | {section.name: (list_of(section.model), ...) for section in SECTIONS},
)
