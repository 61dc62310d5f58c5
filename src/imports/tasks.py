"""Importing a CSV file: in batches that can be repeated, with a word on every row."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from src.core.documents import parse_document
from src.core.pagination import Row
from src.imports.batch import import_batch
from src.imports.body_weight import BodyLoads
from src.imports.choices import ExerciseChoices, MissingExercise
from src.imports.context import ImportContext, KnownExercise
from src.imports.entries import EntryWriter
from src.imports.matching import ExerciseMatcher
from src.imports.options import MAX_BYTES, ImportOptions
from src.imports.reading import ImportedWorkout, RejectedRow, Units, read_export
from src.imports.report import Report, RowOutcome, count_outcomes
from src.imports.settling import settle
from src.jobs.attachments import Attachment
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind, JobKind

SETS_PER_BATCH = 1000
EXERCISES_PER_BATCH = 100
_MAX_NAMES = 4


async def import_workouts(job: ClaimedJob) -> dict[str, Any]:
    """Adds the file's workouts. Answers counts, the exercises it added, and a report of every row."""
    import_ = await _begin(job)
    workouts = import_.read_file()
    writer = await import_.choose_exercises(workouts)
    done = 0
    for batch in _batches(workouts):
        await job.progress(done / len(workouts), f"Imported {done} of {len(workouts)} workouts")
        await import_.add_workouts(batch, writer)
        done += len(batch)
    return {
        "rows": import_.report.counts(),
        "workouts": count_outcomes(import_.workout_counts),
        "exercises_added": import_.added,
        "columns_ignored": import_.ignored,
        "report": import_.report.lines(),
    }


async def _begin(job: ClaimedJob) -> "_WorkoutImport":
    context = parse_document(ImportContext.model_validate, await job.call("import_context"))
    try:
        options = ImportOptions.model_validate(job.options)
    except ValidationError:
        raise JobFailed("The options are not valid.") from None
    units = Units(
        weight=options.weight_unit or context.weight_unit,
        distance=options.distance_unit or context.distance_unit,
        timezone=options.timezone or context.timezone,
        date_order=options.date_order,
    )
    return _WorkoutImport(job, options, units, context)


def _batches(workouts: list[ImportedWorkout]) -> Iterator[list[ImportedWorkout]]:
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

    job: ClaimedJob
    options: ImportOptions
    units: Units
    context: ImportContext
    report: Report = field(default_factory=Report)
    added: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    workout_counts: Counter[str] = field(default_factory=Counter)

    def read_file(self) -> list[ImportedWorkout]:
        """What the file says. Raises JobFailed when it is no export that we know."""
        workouts = []
        try:
            export = read_export(self._open_lines, self.units)
            self.ignored = export.ignored
            for found in export:
                if isinstance(found, RejectedRow):
                    self.report.add(RowOutcome(found.row, "rejected", found.reason))
                else:
                    workouts.append(found)
        except UnicodeDecodeError:
            raise JobFailed("The file is not UTF-8 text.") from None
        except ValueError as error:
            raise JobFailed(str(error)) from None
        return workouts

    def _open_lines(self) -> Iterator[str]:
        file = io.BufferedReader(Attachment(self.job.attachment, MAX_BYTES))
        with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
            yield from lines

    async def choose_exercises(self, workouts: list[ImportedWorkout]) -> EntryWriter:
        """Chooses an exercise for every set, and adds a custom one for names and values that no exercise has."""
        zone = ZoneInfo(self.units.timezone)
        days = (
            (imported_set, workout.started_at.astimezone(zone).date())
            for workout in workouts
            for imported_set in workout.sets
        )
        bodies = BodyLoads(self.context.body_weights, days)
        choices = ExerciseChoices(ExerciseMatcher(self.context.exercises), bodies)
        missing = choices.choose(workouts)
        for _ in range(_MAX_NAMES):
            # What is left is of names that other exercises have, in kinds that cannot hold the sets.
            missing = await self._add_exercises(choices, missing)
        return EntryWriter(choices, bodies, self.job.user_id, self.units.timezone, self.options.on_conflict)

    async def _add_exercises(self, choices: ExerciseChoices, missing: list[MissingExercise]) -> list[MissingExercise]:
        left = []
        for first in range(0, len(missing), EXERCISES_PER_BATCH):
            batch = missing[first : first + EXERCISES_PER_BATCH]
            rows = [_custom(self.job.user_id, exercise) for exercise in batch]
            for wanted, row, result in zip(batch, rows, await import_batch(self.job, "exercises", rows), strict=True):
                if result.id and result.kind:
                    # An earlier import may have made it, in another kind than this file's sets would have it.
                    known = KnownExercise.model_validate({**row, "id": str(result.id), "kind": result.kind})
                    left += choices.add(wanted, known)
                if result.added:
                    self.added.append(wanted.name)
        return left

    async def add_workouts(self, workouts: list[ImportedWorkout], writer: EntryWriter) -> None:
        """Adds workouts, and settles their rows."""
        entries = [writer.write(workout) for workout in workouts]
        for entry in entries:
            self.report.add(*(RowOutcome(bad.row, "rejected", bad.reason) for bad in entry.rejected))
        kept = [entry for entry in entries if entry.body is not None]
        self.workout_counts["rejected"] += len(entries) - len(kept)
        bodies = [entry.body for entry in kept if entry.body is not None]
        for entry, result in zip(kept, await import_batch(self.job, "workouts", bodies), strict=True):
            self.workout_counts[result.outcome] += 1
            self.report.add(*settle(entry, result))


def _custom(user_id: str, missing: MissingExercise) -> Row:
    is_moving = missing.kind is ExerciseKind.DISTANCE_DURATION
    on_the_body = missing.kind is ExerciseKind.BODYWEIGHT_REPS
    return {
        "id": str(uuid5(UUID(user_id), f"exercise {missing.name.casefold()}")),
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


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_WORKOUTS: import_workouts,
}
