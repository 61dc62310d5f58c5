"""Exercises: the library's and a person's own."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from src.core.pagination import Page, PageQuery
from src.core.schema import Alias, CleanText, Flag, Input, Name, NoNul, Output, Unique
from src.core.sorting import Sort
from src.vocabulary import (
    Equipment,
    ExerciseCategory,
    ExerciseKind,
    ExperienceLevel,
    Joint,
    Mechanic,
    Muscle,
    PreferenceKind,
)


def _bodyweight_alone(equipment: list[Equipment]) -> list[Equipment]:
    if Equipment.BODYWEIGHT in equipment and len(equipment) > 1:
        raise ValueError("bodyweight means that nothing else is needed")
    return equipment


NeededEquipment = Annotated[
    list[Equipment],
    Field(min_length=1, max_length=6, description="Everything needed; bodyweight alone when nothing is."),
    Unique,
    AfterValidator(_bodyweight_alone),
]


class ExercisePreference(Output):
    """What the person thinks of an exercise."""

    kind: PreferenceKind
    reason: str | None


class ExercisePreferenceUpdate(Input):
    """A favourite is offered first; an excluded exercise is never planned."""

    kind: PreferenceKind
    reason: Annotated[str, CleanText(max_length=300)] | None = None


class Exercise(Output):
    """An exercise. `slug` names a library exercise for good; a custom one has none."""

    id: UUID
    slug: str | None
    name: str
    aliases: list[str]
    kind: ExerciseKind
    primary_muscles: list[Muscle]
    secondary_muscles: list[Muscle]
    equipment: list[Equipment]
    category: ExerciseCategory
    level: ExperienceLevel
    mechanic: Mechanic | None
    is_unilateral: bool
    contraindications: Annotated[list[Joint], Field(description="Joints that, when injured, make it unwise.")]
    instructions: str
    is_custom: bool
    hidden_at: Annotated[AwareDatetime | None, Field(description="When it was deleted, if history still uses it.")]
    preference: ExercisePreference | None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def from_row(cls, row: dict[str, Any], preference: dict[str, Any] | None = None) -> Self:
        """The exercise of an exercises row."""
        return cls.model_validate({**row, "is_custom": row["slug"] is None, "preference": preference})


class ExercisePage(Page[Exercise]):
    """A page of exercises."""


class ExerciseWrite(Input):
    """A custom exercise, whole."""

    name: Name
    aliases: Annotated[list[Alias], Field(max_length=20), Unique] = []
    kind: ExerciseKind
    primary_muscles: Annotated[list[Muscle], Field(min_length=1, max_length=6), Unique]
    secondary_muscles: Annotated[list[Muscle], Field(max_length=12), Unique] = []
    equipment: NeededEquipment = [Equipment.BODYWEIGHT]
    category: ExerciseCategory = ExerciseCategory.STRENGTH
    level: ExperienceLevel = ExperienceLevel.BEGINNER
    mechanic: Mechanic | None = None
    is_unilateral: Flag = False
    contraindications: Annotated[list[Joint], Field(max_length=9), Unique] = []
    instructions: Annotated[str, Field(max_length=2000), NoNul] = ""

    @model_validator(mode="after")
    def _muscles_apart(self) -> Self:
        if set(self.primary_muscles) & set(self.secondary_muscles):
            raise ValueError("a muscle is either primary or secondary")
        return self


class ExerciseSort(Sort):
    """Order of a list; ranked by likeness when `q` is given and `sort` is not."""

    NAME = "name"
    NAME_DESCENDING = "-name"


class ExerciseQuery(PageQuery):
    """Which exercises; several values of one filter mean any of them."""

    q: Annotated[str, Field(max_length=100, description="Name or alias; slips are fine."), NoNul] | None = None
    muscle: Annotated[list[Muscle], Field(max_length=22, description="Trains one of these, first or second.")] = []
    equipment: Annotated[list[Equipment], Field(max_length=26, description="Uses one of these.")] = []
    category: Annotated[list[ExerciseCategory], Field(max_length=5)] = []
    level: Annotated[list[ExperienceLevel], Field(max_length=3)] = []
    kind: Annotated[list[ExerciseKind], Field(max_length=7)] = []
    owned: Annotated[bool | None, Field(description="Needs only equipment of the profile.")] = None
    sort: ExerciseSort | None = None
