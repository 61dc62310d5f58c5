"""Records put together to the workouts they belong to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from string import ascii_uppercase

from src.imports.records import Record, Workout
from src.imports.sessions import ImportedSession, ImportedSet
from src.imports.values import notes


@dataclass(slots=True)
class _Gathered:
    """A workout and what its records have brought so far."""

    workout: Workout
    ended_at: datetime | None = None
    notes: str | None = None
    sets: list[ImportedSet] = field(default_factory=list)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    supersets: dict[str, str] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        self.ended_at = self.ended_at or record.workout.ended_at
        self.notes = self.notes or record.workout.notes
        if record.done is None:
            if record.note:
                self.remarks.setdefault(record.exercise, []).append(record.note)
        elif record.superset is None:
            self.sets.append(record.done)
        else:
            letters = self.supersets.setdefault(record.superset, _letters(len(self.supersets)))
            self.sets.append(replace(record.done, superset=letters))

    def finished_sets(self) -> list[ImportedSet]:
        """The sets, with the remarks on each exercise at its first one."""
        finished = []
        for done in self.sets:
            remarks = self.remarks.pop(done.exercise, [])
            texts = [text for text in (done.notes, *remarks) if text]
            finished.append(replace(done, notes=notes("\n".join(texts))) if remarks else done)
        return finished


class Gathering:
    """The workouts of one file, in the order in which they first appear."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._workouts: dict[tuple[str, str | None, str | None], _Gathered] = {}

    def add(self, record: Record) -> None:
        workout = record.workout
        identity = (workout.clock, workout.name, workout.number)
        self._workouts.setdefault(identity, _Gathered(workout)).add(record)

    def sessions(self) -> Iterator[ImportedSession]:
        """To be taken once: all that have sets."""
        seen: Counter[str] = Counter()
        for gathered in self._workouts.values():
            if not gathered.sets:
                continue
            workout = gathered.workout
            key = "\n".join((self._app, workout.clock, workout.name or ""))
            seen[key] += 1
            yield ImportedSession(
                # The app's own number does not stay the same when the person deletes an earlier workout.
                key=key if seen[key] == 1 else f"{key}\n{seen[key]}",
                name=workout.name,
                started_at=workout.started_at,
                ended_at=gathered.ended_at,
                notes=gathered.notes,
                sets=gathered.finished_sets(),
            )


def _letters(position: int) -> str:
    """A, B, … Z, AA, AB, …"""
    rest, last = divmod(position, len(ascii_uppercase))
    return (_letters(rest - 1) if rest else "") + ascii_uppercase[last]
