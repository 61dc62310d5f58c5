"""How Strong and Hevy name their columns and the kinds of set."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from src.vocabulary import SetType


class Column(StrEnum):
    """What a column holds, whichever app wrote it."""

    START = "start"
    END = "end"
    DURATION = "duration"
    WORKOUT_NUMBER = "workout_number"
    WORKOUT_NAME = "workout_name"
    WORKOUT_NOTES = "workout_notes"
    EXERCISE = "exercise"
    EXERCISE_NOTES = "exercise_notes"
    SUPERSET = "superset"
    SET_TYPE = "set_type"
    REPS = "reps"
    RPE = "rpe"
    SECONDS = "seconds"
    WEIGHT = "weight"
    WEIGHT_UNIT = "weight_unit"
    DISTANCE = "distance"
    DISTANCE_UNIT = "distance_unit"


@dataclass(frozen=True, slots=True)
class App:
    """An app's words, in lower case. Columns of weight and distance may name a unit and are not among `columns`."""

    name: str
    columns: Mapping[str, Column]
    required: tuple[str, ...]
    set_types: Mapping[str, SetType]
    not_sets: frozenset[str]
    numbers_sets: bool
    """Whether a working set has its number where others have their kind."""
    start_precision: str
    """To which unit every version of its export has the start of a workout."""


STRONG = App(
    name="strong",
    columns={
        "date": Column.START,
        "workout #": Column.WORKOUT_NUMBER,
        "workout name": Column.WORKOUT_NAME,
        "duration": Column.DURATION,
        "duration (sec)": Column.DURATION,
        "workout duration": Column.DURATION,
        "workout notes": Column.WORKOUT_NOTES,
        "exercise name": Column.EXERCISE,
        "notes": Column.EXERCISE_NOTES,
        "set order": Column.SET_TYPE,
        "weight unit": Column.WEIGHT_UNIT,
        "reps": Column.REPS,
        "rpe": Column.RPE,
        "distance unit": Column.DISTANCE_UNIT,
        "seconds": Column.SECONDS,
    },
    required=("Date", "Workout Name", "Exercise Name", "Set Order"),
    set_types={"w": SetType.WARMUP, "d": SetType.DROP, "f": SetType.FAILURE},
    not_sets=frozenset({"rest timer", "note"}),
    numbers_sets=True,
    start_precision="seconds",
)

HEVY = App(
    name="hevy",
    columns={
        "title": Column.WORKOUT_NAME,
        "start_time": Column.START,
        "end_time": Column.END,
        "description": Column.WORKOUT_NOTES,
        "exercise_title": Column.EXERCISE,
        "superset_id": Column.SUPERSET,
        "exercise_notes": Column.EXERCISE_NOTES,
        "set_type": Column.SET_TYPE,
        "reps": Column.REPS,
        "duration_seconds": Column.SECONDS,
        "rpe": Column.RPE,
    },
    required=("title", "start_time", "exercise_title", "set_type"),
    set_types={
        "normal": SetType.WORKING,
        "warmup": SetType.WARMUP,
        "dropset": SetType.DROP,
        "failure": SetType.FAILURE,
    },
    not_sets=frozenset(),
    numbers_sets=False,
    start_precision="minutes",
)
APPS = (STRONG, HEVY)
