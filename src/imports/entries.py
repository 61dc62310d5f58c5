"""A workout of another app as one of ours: the body that logging takes."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from src.core.pagination import Row
from src.exercises.kinds import RULES, load_field
from src.imports.workouts import ImportedSet, ImportedWorkout, RejectedRow
from src.vocabulary import ExerciseKind

_MAX_NOTES = 500
_FIELD_WORDS = {"reps": "repetitions", "duration_seconds": "a duration"}

FindExercise = Callable[[str], Row | None]


def workout_body(
    workout: ImportedWorkout, find: FindExercise, user_id: str, timezone: str
) -> tuple[Row | None, list[RejectedRow]]:
    """What import_batch takes, None when nothing of the workout can be kept; and the rows that cannot, with the reason.

    `find` gives the exercise of a name. The client_id follows from the workout, so that importing it again is known.
    """
    rejected: list[RejectedRow] = []
    exercises = [_exercise(name, sets, find, rejected) for name, sets in _exercise_runs(workout)]
    done = [exercise for exercise in exercises if exercise["sets"]]
    body = {
        "client_id": str(uuid5(UUID(user_id), workout.key)),
        "name": workout.name,
        "started_at": workout.started_at.isoformat(),
        "ended_at": None if workout.ended_at is None else workout.ended_at.isoformat(),
        "timezone": timezone,
        "notes": workout.notes,
        "exercises": done,
    }
    return (body if done else None), rejected


def _exercise_runs(workout: ImportedWorkout) -> Iterator[tuple[str, list[ImportedSet]]]:
    """Sets in a row of the same exercise."""
    for (name, _), sets in groupby(workout.sets, key=lambda imported: (imported.exercise, imported.superset)):
        yield name, list(sets)


def _exercise(name: str, sets: list[ImportedSet], find: FindExercise, rejected: list[RejectedRow]) -> Row:
    found = find(name)
    entries = []
    for imported in sets:
        entry = _set_entry(imported, ExerciseKind(found["kind"])) if found else "the exercise could not be added"
        if isinstance(entry, str):
            rejected.append(RejectedRow(imported.row, entry))
        else:
            entries.append(entry)
    notes = next((imported.notes for imported in sets if imported.notes), None)
    return {
        "exercise_id": found and found["id"],
        "superset_group": sets[0].superset,
        "notes": notes and notes[:_MAX_NOTES],
        "sets": entries,
    }


def _set_entry(imported: ImportedSet, kind: ExerciseKind) -> dict[str, Any] | str:
    """The set as this kind of exercise has it, or why it cannot be imported."""
    fields = RULES[kind].logged
    recorded = {
        "reps": imported.reps,
        "duration_seconds": imported.duration_seconds,
        "distance_m": imported.distance_m and float(imported.distance_m),
    }
    for field, value in recorded.items():
        if field in fields.required and value is None:
            return f"{imported.exercise} needs {_FIELD_WORDS[field]}"
    if fields.one_of and all(recorded[field] is None for field in fields.one_of):
        return f"{imported.exercise} needs a distance or a duration"
    entry: dict[str, Any] = {"set_type": imported.set_type, "rpe": imported.rpe and float(imported.rpe)}
    entry |= {field: value for field, value in recorded.items() if field in fields.allowed}
    load = load_field(kind)
    # An empty bar, or a machine without its pin: no weight is written as none.
    if load in fields.required or (load in fields.optional and imported.weight):
        entry[load] = {"value": round(float(imported.weight or 0), 3), "unit": imported.weight_unit}
    return entry
