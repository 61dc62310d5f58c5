"""What importing a file would do, as answered before it is imported."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from src.core.schema import Output
from src.vocabulary import DistanceUnit, ExerciseKind, WeightUnit


class PreviewRange(Output):
    """The least and the most of what a number of sets have."""

    min: float
    max: float
    sets: int


class PreviewLoads(PreviewRange):
    """Loads in one unit."""

    unit: WeightUnit


class PreviewExercise(Output):
    """What a name of the file becomes: an exercise that is here, or a new one."""

    name: Annotated[str, Field(description="As in the file.")]
    exercise_id: Annotated[UUID | None, Field(description="Null for one that would be added.")]
    exercise_name: str
    kind: ExerciseKind
    is_new: bool
    sets: int
    workouts: int
    loads: Annotated[list[PreviewLoads], Field(description="By unit; empty when no set has a load.")]
    reps: PreviewRange | None
    duration_seconds: PreviewRange | None
    distance_m: Annotated[PreviewRange | None, Field(description="In metres, whatever the file says.")]
    imported_without: Annotated[list[str], Field(description="What would have to be left out of some sets.")]


class PreviewRows(Output):
    """How many rows are sets, and how many cannot be read."""

    read: int
    rejected: int


class RejectedRows(Output):
    """Rows that cannot be read, for one reason."""

    reason: str
    rows: int
    first_rows: Annotated[list[int], Field(description="As a spreadsheet counts: the header is 1. At most 10.")]


class ImportPreview(Output):
    """What a file would become; nothing has changed."""

    app: Annotated[str, Field(description="Which app wrote the file.")]
    timezone: Annotated[str, Field(description="Where the file's times are taken to be, if it does not say.")]
    weight_unit: Annotated[WeightUnit, Field(description="Of loads for which the file names no unit.")]
    distance_unit: Annotated[DistanceUnit, Field(description="Of distances for which the file names no unit.")]
    columns_ignored: Annotated[list[str], Field(description="Columns, or tables of JEFIT, that are left out.")]
    workouts: Annotated[int, Field(description="With those that are here already.")]
    duplicates: Annotated[int, Field(description="Of the workouts, how many are here already, with the same values.")]
    differing: Annotated[
        int, Field(description="Of the workouts, how many are here already with other values; see `on_conflict`.")
    ]
    sets: int
    rows: PreviewRows
    first_date: date | None
    last_date: date | None
    exercise_count: int
    exercises: Annotated[list[PreviewExercise], Field(description="Those with the most sets first; at most 1,000.")]
    rejected: Annotated[list[RejectedRows], Field(description="The most frequent reasons first; at most 100.")]
