"""A session of another app as one of ours: the body that logging takes."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from src.core.pagination import Row
from src.imports.sessions import ImportedSession, ImportedSet, RejectedRow
from src.vocabulary import ExerciseKind

_MOST_NOTES = 500
# What a kind of exercise cannot be without, and how people call it.
_NEEDED = {
    ExerciseKind.WEIGHT_REPS: "reps",
    ExerciseKind.REPS: "reps",
    ExerciseKind.BODYWEIGHT_REPS: "reps",
    ExerciseKind.ASSISTED: "reps",
    ExerciseKind.DURATION: "duration_seconds",
    ExerciseKind.WEIGHT_DURATION: "duration_seconds",
}
_CALLED = {"reps": "repetitions", "duration_seconds": "a duration"}
_LOADED = frozenset({ExerciseKind.WEIGHT_REPS, ExerciseKind.WEIGHT_DURATION})
_MAY_BE_LOADED = frozenset({ExerciseKind.BODYWEIGHT_REPS, ExerciseKind.DISTANCE_DURATION})

Find = Callable[[str], Row | None]


def body_of(session: ImportedSession, find: Find, person: str, timezone: str) -> tuple[Row | None, list[RejectedRow]]:
    """What import_batch takes, None when nothing of the session can be kept; and the rows that cannot, with the reason.

    `find` gives the exercise of a name. The client_id follows from the session, so that importing it again is known.
    """
    rejected: list[RejectedRow] = []
    exercises = [_exercise(name, sets, find, rejected) for name, sets in _runs(session)]
    done = [exercise for exercise in exercises if exercise["sets"]]
    body = {
        "client_id": str(uuid5(UUID(person), session.key)),
        "name": session.name,
        "started_at": session.started_at.isoformat(),
        "ended_at": None if session.ended_at is None else session.ended_at.isoformat(),
        "timezone": timezone,
        "notes": session.notes,
        "exercises": done,
    }
    return (body if done else None), rejected


def _runs(session: ImportedSession) -> Iterator[tuple[str, list[ImportedSet]]]:
    """Sets in a row of the same exercise."""
    for (name, _), sets in groupby(session.sets, key=lambda one: (one.exercise, one.superset)):
        yield name, list(sets)


def _exercise(name: str, sets: list[ImportedSet], find: Find, rejected: list[RejectedRow]) -> Row:
    found = find(name)
    entries = []
    for one in sets:
        entry = "the exercise could not be added" if found is None else _set(one, ExerciseKind(found["kind"]))
        if isinstance(entry, str):
            rejected.append(RejectedRow(one.row, entry))
        else:
            entries.append(entry)
    notes = next((one.notes for one in sets if one.notes), None)
    return {
        "exercise_id": found and found["id"],
        "superset_group": sets[0].superset,
        "notes": notes and notes[:_MOST_NOTES],
        "sets": entries,
    }


def _set(one: ImportedSet, kind: ExerciseKind) -> dict[str, Any] | str:
    """The set as this kind of exercise has it, or why it cannot be one."""
    needed = _NEEDED.get(kind)
    if needed and getattr(one, needed) is None:
        return f"{one.exercise} needs {_CALLED[needed]}"
    if kind is ExerciseKind.DISTANCE_DURATION and one.duration_seconds is None and one.distance_m is None:
        return f"{one.exercise} needs a distance or a duration"
    entry: dict[str, Any] = {"set_type": one.set_type, "rpe": one.rpe and float(one.rpe)}
    if needed:
        entry[needed] = getattr(one, needed)
    else:
        entry |= {"duration_seconds": one.duration_seconds, "distance_m": one.distance_m and float(one.distance_m)}
    load = {"value": round(float(one.weight or 0), 3), "unit": one.weight_unit}
    if kind is ExerciseKind.ASSISTED:
        entry["assist"] = load
    elif kind in _LOADED or (kind in _MAY_BE_LOADED and one.weight):
        # An empty bar, or a machine without its pin: no weight is written as none.
        entry["weight"] = load
    return entry
