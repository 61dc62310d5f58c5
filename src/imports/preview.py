"""What a file would become, without importing it. Runs in a child process."""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from src.core.documents import Document
from src.core.pagination import Row
from src.imports.body_weight import BodyLoads, days_of
from src.imports.choices import MAX_NAMES, ExerciseChoices, MissingExercise, own_exercise_id
from src.imports.context import ImportContext, KnownExercise
from src.imports.entries import EntryWriter, WorkoutEntry
from src.imports.file import read_packed, units_for
from src.imports.matching import ExerciseMatcher
from src.imports.options import ImportOptions
from src.imports.schemas import ImportPreview
from src.imports.steps import batches_of
from src.imports.workouts import ImportedSet, ImportedWorkout, RejectedRow
from src.vocabulary import WeightUnit

MAX_EXERCISES = 1000
MAX_REASONS = 100
_MAX_ROWS_QUOTED = 10


class PreviewStep(Document):
    """What the child says: workouts to be compared with those that are here, or at the end the preview."""

    items: list[Any] = []
    preview: ImportPreview | None = None


def preview_steps(
    file: bytes, user_id: str, options: ImportOptions, context: ImportContext
) -> Generator[Row, list[str], None]:
    """Steps: each of `items` to be replied to with what public.compare_import answers, then the preview.

    Raises InputRefused when the file is no export that we know.
    """
    units = units_for(options, context)
    export = read_packed(file, units)
    zone = ZoneInfo(units.timezone)
    preview = _Preview(zone)
    workouts: list[ImportedWorkout] = []
    for found in export:
        if isinstance(found, RejectedRow):
            preview.reject(found)
        else:
            workouts.append(found)
    bodies = BodyLoads(context.body_weights, days_of(workouts, zone))
    choices = ExerciseChoices(ExerciseMatcher(context.exercises), bodies)
    added = _choose(choices, workouts, user_id, context.deleted_exercises)
    writer = EntryWriter(
        workouts, choices, bodies, user_id=user_id, timezone=units.timezone, on_conflict=options.on_conflict
    )
    for batch in batches_of(workouts):
        entries = [writer.write(workout) for workout in batch]
        for workout, entry in zip(batch, entries, strict=True):
            preview.add(workout, entry, choices)
        items = [entry.body for entry in entries if entry.body]
        if items and context.has_imports:
            preview.found.update((yield {"items": items}))
    yield {
        "preview": {
            "app": export.app,
            "timezone": units.timezone,
            "weight_unit": units.weight,
            "distance_unit": units.distance,
            "columns_ignored": export.ignored,
            **preview.document(added),
        }
    }


def _choose(
    choices: ExerciseChoices, workouts: list[ImportedWorkout], user_id: str, deleted: Sequence[KnownExercise]
) -> set[str]:
    """Chooses exercises for all sets. Returns the ids of those that would be added, and are not here yet."""
    added = set()
    missing = choices.choose(workouts)
    for _ in range(MAX_NAMES):
        left = []
        for exercise in missing:
            known = _deleted(exercise, user_id, deleted)
            if known is None:
                known = KnownExercise(
                    id=own_exercise_id(user_id, exercise.name),
                    slug=None,
                    name=exercise.name,
                    aliases=[],
                    kind=exercise.kind,
                    equipment=[],
                )
                added.add(known.id)
            left += choices.add(exercise, known)
        missing = left
    return added


def _deleted(missing: MissingExercise, user_id: str, deleted: Sequence[KnownExercise]) -> KnownExercise | None:
    """The deleted exercise that is taken instead of a new one, as private.import_exercise does."""
    same_id = own_exercise_id(user_id, missing.name)
    named = (missing.name.casefold(), missing.kind)
    by_id = (known for known in deleted if known.id == same_id)
    by_name = (known for known in deleted if (known.name.casefold(), known.kind) == named)
    return next(by_id, None) or next(by_name, None)


@dataclass(slots=True)
class _Range:
    """The least and the most of some numbers."""

    least: Decimal | int
    most: Decimal | int
    sets: int = 0

    def add(self, value: Decimal | int) -> None:
        self.least, self.most, self.sets = min(self.least, value), max(self.most, value), self.sets + 1

    def document(self) -> Row:
        return {"min": float(self.least), "max": float(self.most), "sets": self.sets}


@dataclass(slots=True)
class _Exercise:
    """What a name of the file becomes."""

    name: str
    known: KnownExercise
    sets: int = 0
    workouts: set[int] = field(default_factory=set)
    loads: dict[WeightUnit, _Range] = field(default_factory=dict)
    measures: dict[str, _Range] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def add(self, done: ImportedSet, workout: int, left_out: Iterable[str]) -> None:
        self.sets += 1
        self.workouts.add(workout)
        self.left_out.update(left_out)
        if done.weight is not None:
            self.loads.setdefault(done.weight_unit, _Range(done.weight, done.weight)).add(done.weight)
        for measure in ("reps", "duration_seconds", "distance_m"):
            value = getattr(done, measure)
            if value is not None:
                self.measures.setdefault(measure, _Range(value, value)).add(value)

    def document(self, added: set[str]) -> Row:
        is_new = self.known.id in added
        return {
            "name": self.name,
            "exercise_id": None if is_new else self.known.id,
            "exercise_name": self.known.name,
            "kind": self.known.kind,
            "is_new": is_new,
            "sets": self.sets,
            "workouts": len(self.workouts),
            "loads": [{"unit": unit, **span.document()} for unit, span in sorted(self.loads.items())],
            **{
                measure: self.measures[measure].document() if measure in self.measures else None
                for measure in ("reps", "duration_seconds", "distance_m")
            },
            "imported_without": sorted(self.left_out),
        }


class _Preview:
    """Counts what there is."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._exercises: dict[tuple[str, str], _Exercise] = {}
        self._rejected: Counter[str] = Counter()
        self._rows_of: defaultdict[str, list[int]] = defaultdict(list)
        self._read: set[int] = set()
        self._days: list[date] = []
        self.found: Counter[str] = Counter()
        """How many workouts are new, duplicate or differing."""

    def reject(self, row: RejectedRow) -> None:
        self._rejected[row.reason] += 1
        if len(rows := self._rows_of[row.reason]) < _MAX_ROWS_QUOTED:
            rows.append(row.row)

    def add(self, workout: ImportedWorkout, entry: WorkoutEntry, choices: ExerciseChoices) -> None:
        lost = {bad.row for bad in entry.rejected}
        for bad in entry.rejected:
            self.reject(bad)
        if entry.body is not None:
            self._days.append(workout.started_at.astimezone(self._zone).date())
        for done in workout.sets:
            known = choices.exercise_of(done)
            if known is not None and done.row not in lost:
                self._read.add(done.row)
                key = (done.exercise.casefold(), known.id)
                exercise = self._exercises.setdefault(key, _Exercise(done.exercise, known))
                remark = entry.remarks.get(done.row)
                exercise.add(done, len(self._days), remark.left_out if remark else ())

    def document(self, added: set[str]) -> dict[str, Any]:
        exercises = sorted(self._exercises.values(), key=lambda exercise: -exercise.sets)
        return {
            "workouts": len(self._days),
            "duplicates": self.found["duplicate"],
            "differing": self.found["differing"],
            "sets": sum(exercise.sets for exercise in exercises),
            "rows": {"read": len(self._read), "rejected": sum(self._rejected.values())},
            "first_date": min(self._days, default=None),
            "last_date": max(self._days, default=None),
            "exercise_count": len(exercises),
            "exercises": [exercise.document(added) for exercise in exercises[:MAX_EXERCISES]],
            "rejected": [
                {"reason": reason, "rows": rows, "first_rows": self._rows_of[reason]}
                for reason, rows in self._rejected.most_common(MAX_REASONS)
            ],
        }
