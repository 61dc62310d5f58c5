"""Rows put together to the workouts they belong to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from string import ascii_uppercase

from src.imports.rows import ExportRow, WorkoutDetails
from src.imports.values import cut_notes
from src.imports.workouts import ImportedSet, ImportedWorkout


@dataclass(slots=True)
class _GroupedWorkout:
    """A workout and what its rows have brought so far."""

    workout: WorkoutDetails
    ended_at: datetime | None = None
    notes: str | None = None
    sets: list[ImportedSet] = field(default_factory=list)
    exercise_notes: dict[str, list[str]] = field(default_factory=dict)
    supersets: dict[str, str] = field(default_factory=dict)

    def add(self, row: ExportRow) -> None:
        self.ended_at = self.ended_at or row.workout.ended_at
        self.notes = self.notes or row.workout.notes
        if row.imported_set is None:
            if row.note:
                self.exercise_notes.setdefault(row.exercise, []).append(row.note)
        elif row.superset is None:
            self.sets += [row.imported_set] * row.count
        else:
            letters = self.supersets.setdefault(row.superset, _letters(len(self.supersets)))
            self.sets += [replace(row.imported_set, superset=letters)] * row.count

    def finished_sets(self) -> list[ImportedSet]:
        """The sets; the first of an exercise has its notes, the first of all what is not kept of the workout."""
        finished = []
        for imported_set in self.sets:
            exercise_notes = self.exercise_notes.pop(imported_set.exercise, [])
            texts = [text for text in (imported_set.notes, *exercise_notes) if text]
            finished.append(
                replace(imported_set, notes=cut_notes("\n".join(texts))) if exercise_notes else imported_set
            )
        if self.workout.left_out:
            finished[0] = replace(finished[0], left_out=(*self.workout.left_out, *finished[0].left_out))
        return finished


class WorkoutGrouper:
    """The workouts of one file, in the order in which they first appear."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._workouts: dict[tuple[str, str | None, str | None], _GroupedWorkout] = {}

    def add(self, row: ExportRow) -> None:
        workout = row.workout
        identity = (workout.clock, workout.name, workout.number)
        self._workouts.setdefault(identity, _GroupedWorkout(workout)).add(row)

    def workouts(self) -> Iterator[ImportedWorkout]:
        """To be taken once: all that have sets."""
        seen: Counter[str] = Counter()
        for grouped in self._workouts.values():
            if not grouped.sets:
                continue
            workout = grouped.workout
            key = "\n".join((self._app, workout.clock, workout.name or ""))
            seen[key] += 1
            yield ImportedWorkout(
                # The app's own number does not stay the same when the person deletes an earlier workout.
                key=key if seen[key] == 1 else f"{key}\n{seen[key]}",
                name=workout.name,
                started_at=workout.started_at,
                ended_at=grouped.ended_at,
                notes=grouped.notes,
                sets=grouped.finished_sets(),
            )


def _letters(position: int) -> str:
    """A, B, … Z, AA, AB, …"""
    rest, last = divmod(position, len(ascii_uppercase))
    return (_letters(rest - 1) if rest else "") + ascii_uppercase[last]
