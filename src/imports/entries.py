"""A workout of another app as one of ours: the body that logging takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from src.core.pagination import Row
from src.exercises.kinds import RULES, load_field
from src.imports.body_weight import BodyLoads
from src.imports.choices import ExerciseChoices
from src.imports.context import KnownExercise
from src.imports.options import OnConflict
from src.imports.workouts import ImportedSet, ImportedWorkout, RejectedRow

_MAX_NOTES = 500
_MAX_SETS = 100
_MAX_EXERCISES = 50


@dataclass(frozen=True, slots=True)
class RowRemark:
    """What there is to say about a row that is imported: what had to be left out, and why."""

    left_out: tuple[str, ...]
    reason: str | None = None


@dataclass(slots=True)
class WorkoutEntry:
    """What import_batch takes, None when nothing of the workout can be kept, and what became of the rows.

    `rows`: by exercise and set of the body, where each set comes from.
    """

    body: Row | None = None
    rows: list[list[int]] = field(default_factory=list)
    remarks: dict[int, RowRemark] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)


class EntryWriter:
    """Writes the workouts of one file, which are all `workouts`."""

    def __init__(
        self,
        workouts: Iterable[ImportedWorkout],
        choices: ExerciseChoices,
        bodies: BodyLoads,
        *,
        user_id: str,
        timezone: str,
        on_conflict: OnConflict,
    ) -> None:
        self._choices = choices
        self._bodies = bodies
        self._user_id = UUID(user_id)
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._on_conflict = on_conflict
        self._starts: defaultdict[datetime, list[str]] = defaultdict(list)
        for workout in workouts:
            self._starts[workout.started_at].append(self._id_of(workout))

    def write(self, workout: ImportedWorkout) -> WorkoutEntry:
        """The workout. Its client_id follows from its key, so that importing it again is known."""
        entry = WorkoutEntry()
        exercises = [self._exercise(entry, workout, exercise, sets) for exercise, sets in self._runs(entry, workout)]
        if exercises:
            entry.body = {
                "client_id": self._id_of(workout),
                # An app may have another name for it since it was imported; these are other workouts all the same.
                "same_start": self._starts[workout.started_at],
                "name": workout.name,
                "started_at": workout.started_at.isoformat(),
                "ended_at": None if workout.ended_at is None else workout.ended_at.isoformat(),
                "timezone": self._timezone,
                "notes": workout.notes,
                "exercises": exercises,
                "on_conflict": self._on_conflict,
            }
            if workout.same_activity:
                entry.body["same_activity"] = {
                    "exercises": list(workout.same_activity.exercises),
                    "distance_m": workout.same_activity.metres,
                }
        return entry

    def _id_of(self, workout: ImportedWorkout) -> str:
        return str(uuid5(self._user_id, workout.key))

    def _runs(self, entry: WorkoutEntry, workout: ImportedWorkout) -> Iterator[tuple[KnownExercise, list[ImportedSet]]]:
        """Sets in a row of the same exercise, at most as many as an exercise may have."""
        runs: list[tuple[KnownExercise, str | None, list[ImportedSet]]] = []
        found = [(imported_set, self._choices.exercise_of(imported_set)) for imported_set in workout.sets]
        for (_, superset), pairs in groupby(found, key=lambda pair: (pair[1] and pair[1].id, pair[0].superset)):
            run = list(pairs)
            exercise, sets = run[0][1], [imported_set for imported_set, _ in run]
            if exercise is None:
                entry.rejected += [RejectedRow(one.row, self._choices.why_not(one)) for one in sets]
            else:
                runs.append((exercise, superset, sets))
        for exercise, sets in _merged(runs) if len(runs) > _MAX_EXERCISES else ((run[0], run[2]) for run in runs):
            for first in range(0, len(sets), _MAX_SETS):
                yield exercise, sets[first : first + _MAX_SETS]

    def _exercise(
        self, entry: WorkoutEntry, workout: ImportedWorkout, exercise: KnownExercise, sets: Sequence[ImportedSet]
    ) -> Row:
        on = workout.started_at.astimezone(self._zone).date()
        notes = "\n".join(dict.fromkeys(one.notes for one in sets if one.notes))
        written = []
        for imported_set in sets:
            left_out = list(imported_set.left_out)
            if len(notes) > _MAX_NOTES and imported_set.notes:
                left_out.append("notes")
            load = self._bodies.recognise(imported_set, exercise.kind, on)
            if load and load.is_body:
                left_out.append("weight")
            if left_out or load or imported_set.remark:
                words = load.words if load else imported_set.remark
                entry.remarks[imported_set.row] = RowRemark(tuple(left_out), words)
            written.append(_set_entry(imported_set, exercise, is_loaded=not (load and load.is_body)))
        entry.rows.append([imported_set.row for imported_set in sets])
        return {
            "exercise_id": exercise.id,
            "superset_group": sets[0].superset,
            "notes": notes[:_MAX_NOTES].strip() or None,
            "sets": written,
        }


def _merged(
    runs: Sequence[tuple[KnownExercise, str | None, list[ImportedSet]]],
) -> Iterator[tuple[KnownExercise, list[ImportedSet]]]:
    """Runs of one exercise and superset together: going to and fro between exercises makes too many of them."""
    merged: dict[tuple[str, str | None], tuple[KnownExercise, list[ImportedSet]]] = {}
    for exercise, superset, sets in runs:
        merged.setdefault((exercise.id, superset), (exercise, []))[1].extend(sets)
    yield from merged.values()


def _set_entry(imported_set: ImportedSet, exercise: KnownExercise, *, is_loaded: bool) -> dict[str, Any]:
    """The set as its exercise has it: with everything that was recorded."""
    entry: dict[str, Any] = {
        "set_type": imported_set.set_type,
        "rpe": imported_set.rpe and float(imported_set.rpe),
        "reps": imported_set.reps,
        "duration_seconds": imported_set.duration_seconds,
        "distance_m": imported_set.distance_m and float(imported_set.distance_m),
        "average_heart_rate": imported_set.average_heart_rate,
        "max_heart_rate": imported_set.max_heart_rate,
    }
    load = load_field(exercise.kind)
    weight = imported_set.weight if is_loaded else None
    if weight or load in RULES[exercise.kind].logged.required:
        entry[load] = {"value": round(float(weight or 0), 3), "unit": imported_set.weight_unit}
    return {field: value for field, value in entry.items() if value is not None}
