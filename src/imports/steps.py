"""Importing a CSV file in a child process: what the file says, as batches that the worker imports for it."""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from src.core.pagination import Row
from src.imports.body_weight import BodyLoads, days_of
from src.imports.choices import MAX_NAMES, ExerciseChoices, MissingExercise, own_exercise_id
from src.imports.context import ImportContext, KnownExercise
from src.imports.entries import EntryWriter
from src.imports.file import read_packed, units_for
from src.imports.matching import ExerciseMatcher
from src.imports.options import ImportOptions
from src.imports.outcomes import parse_outcomes
from src.imports.report import Report, RowOutcome, count_outcomes
from src.imports.settling import settle
from src.imports.workouts import ImportedWorkout, RejectedRow, Units
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind

SETS_PER_BATCH = 1000
EXERCISES_PER_BATCH = 100

Steps = Generator[Row, Any, None]
"""Batches {"section", "items", "progress", "message"}, each to be replied to with what public.import_batch answers, and
{"result"} at the end. What is left out stands for None."""


def import_steps(file: bytes, user_id: str, options: ImportOptions, context: ImportContext) -> Steps:
    """Imports the file's workouts. The result has counts, the exercises it added, and a report of every row.

    Raises InputRefused when it is no export that we know.
    """
    import_ = _WorkoutImport(user_id, options, context)
    workouts = import_.read_file(file)
    writer = yield from import_.choose_exercises(workouts)
    done = 0
    for batch in batches_of(workouts):
        message = f"Imported {done} of {len(workouts)} workouts"
        yield from import_.add_workouts(batch, writer, {"progress": done / len(workouts), "message": message})
        done += len(batch)
    yield from import_.keep_exercises()
    yield {"result": import_.result()}


def batches_of(workouts: list[ImportedWorkout]) -> Iterator[list[ImportedWorkout]]:
    """As many as are imported in one transaction."""
    batch: list[ImportedWorkout] = []
    sets = 0
    for workout in workouts:
        if batch and sets + len(workout.sets) > SETS_PER_BATCH:
            yield batch
            batch, sets = [], 0
        batch.append(workout)
        sets += len(workout.sets)
    if batch:
        yield batch


@dataclass
class _WorkoutImport:
    """A file that is being imported."""

    user_id: str
    options: ImportOptions
    context: ImportContext
    report: Report = field(default_factory=Report)
    made: dict[str, str] = field(default_factory=dict)  # id and name, by this job or an earlier one
    added: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    workout_counts: Counter[str] = field(default_factory=Counter)

    @property
    def units(self) -> Units:
        """What the file does not say."""
        return units_for(self.options, self.context)

    def result(self) -> Row:
        """The result of the job."""
        return {
            "rows": self.report.counts(),
            "workouts": count_outcomes(self.workout_counts),
            "exercises_added": self.added,
            "columns_ignored": self.ignored,
            "report": self.report.lines(),
        }

    def read_file(self, packed: bytes) -> list[ImportedWorkout]:
        """What the file says. Raises InputRefused when it is no export that we know."""
        workouts = []
        export = read_packed(packed, self.units)
        self.ignored = export.ignored
        for found in export:
            if isinstance(found, RejectedRow):
                self.report.add(RowOutcome(found.row, "rejected", found.reason))
            else:
                workouts.append(found)
        return workouts

    def choose_exercises(self, workouts: list[ImportedWorkout]) -> Generator[Row, Any, EntryWriter]:
        """Chooses an exercise for every set, and adds a custom one for names and values that no exercise has."""
        days = days_of(workouts, ZoneInfo(self.units.timezone))
        bodies = BodyLoads(self.context.body_weights, days)
        choices = ExerciseChoices(ExerciseMatcher(self.context.exercises), bodies)
        missing = choices.choose(workouts)
        for _ in range(MAX_NAMES):
            missing = yield from self._add_exercises(choices, missing)
        return EntryWriter(
            workouts,
            choices,
            bodies,
            user_id=self.user_id,
            timezone=self.units.timezone,
            on_conflict=self.options.on_conflict,
        )

    def _add_exercises(
        self, choices: ExerciseChoices, missing: list[MissingExercise]
    ) -> Generator[Row, Any, list[MissingExercise]]:
        left = []
        for first in range(0, len(missing), EXERCISES_PER_BATCH):
            batch = missing[first : first + EXERCISES_PER_BATCH]
            rows = [_custom(self.user_id, exercise) for exercise in batch]
            results = parse_outcomes((yield {"section": "exercises", "items": rows}))
            for wanted, row, result in zip(batch, rows, results, strict=True):
                if result.id and result.kind:
                    # An earlier import may have made it, in another kind than this file's sets would have it.
                    known = KnownExercise.model_validate({**row, "id": str(result.id), "kind": result.kind})
                    left += choices.add(wanted, known)
                else:
                    choices.refuse(wanted, result.reason or "it is not valid")
                if str(result.id) == row["id"]:
                    self.made[row["id"]] = wanted.name
        return left

    def keep_exercises(self) -> Steps:
        """Keeps the exercises that this job has added, but for those that no workout needed."""
        ids = list(self.made)
        for first in range(0, len(ids), EXERCISES_PER_BATCH):
            rows = [{"id": id_} for id_ in ids[first : first + EXERCISES_PER_BATCH]]
            results = parse_outcomes((yield {"section": "added_exercises", "items": rows}))
            self.added += [self.made[row["id"]] for row, result in zip(rows, results, strict=True) if result.added]

    def add_workouts(self, workouts: list[ImportedWorkout], writer: EntryWriter, progress: Row) -> Steps:
        """Adds workouts, and settles their rows."""
        entries = [writer.write(workout) for workout in workouts]
        for entry in entries:
            self.report.add(*(RowOutcome(bad.row, "rejected", bad.reason) for bad in entry.rejected))
        kept = [entry for entry in entries if entry.body is not None]
        self.workout_counts["rejected"] += len(entries) - len(kept)
        bodies = [entry.body for entry in kept if entry.body is not None]
        results = parse_outcomes((yield {"section": "workouts", "items": bodies, **progress}))
        for entry, result in zip(kept, results, strict=True):
            self.workout_counts[result.outcome] += 1
            self.report.add(*settle(entry, result))


def _custom(user_id: str, missing: MissingExercise) -> Row:
    is_moving = missing.kind is ExerciseKind.DISTANCE_DURATION
    on_the_body = missing.kind is ExerciseKind.BODYWEIGHT_REPS
    return {
        "id": own_exercise_id(user_id, missing.name),
        "slug": None,
        "name": missing.name,
        "aliases": [],
        "kind": missing.kind,
        # Which muscles it trains, the file does not say; the person can.
        "primary_muscles": ["cardio" if is_moving else "full_body"],
        "secondary_muscles": [],
        "equipment": [Equipment.BODYWEIGHT if on_the_body else Equipment.OTHER],
        "category": ExerciseCategory.CARDIO if is_moving else ExerciseCategory.STRENGTH,
        "level": "beginner",
        "mechanic": None,
        "is_unilateral": False,
        "contraindications": [],
        "instructions": "",
        "unhide": True,
    }
