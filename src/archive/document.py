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
from src.archive.sections import PROFILE, SECTIONS
from src.core.gateway import Row
from src.core.schema import Output


@dataclass(frozen=True)
class SectionContent:
    """What the items of a section are. `read` gives their rows; `versions`: what a version of an item is."""

    model: type[Output]
    read: Callable[[ArchiveRepository], AsyncIterator[Row]]
    versions: type[Output] | None = None


CONTENTS: Final = {
    "exercises": SectionContent(ArchivedExercise, ArchiveRepository.exercises),
    "foods": SectionContent(ArchivedFood, ArchiveRepository.foods),
    "preferences": SectionContent(ArchivedPreference, ArchiveRepository.preferences),
    "plans": SectionContent(ArchivedPlan, ArchiveRepository.plans, versions=ArchivedVersion),
    "meal_plans": SectionContent(ArchivedMealPlan, ArchiveRepository.meal_plans, versions=ArchivedMealVersion),
    "workouts": SectionContent(ArchivedWorkout, ArchiveRepository.workouts),
    "measurements": SectionContent(ArchivedMeasurement, ArchiveRepository.measurements),
    "memories": SectionContent(ArchivedMemory, ArchiveRepository.memories),
    "messages": SectionContent(ArchivedMessage, ArchiveRepository.messages),
}

Archive = item_model(
    "Archive",
    "Everything a person owns.",
    {
        "format": (Literal["slow-burn"], ...),
        "version": (Literal[1], ...),
        "exported_at": (AwareDatetime, ...),
        PROFILE: (ArchivedProfile, ...),
    }
    | {section.name: (list_of(CONTENTS[section.name].model), ...) for section in SECTIONS},
)
