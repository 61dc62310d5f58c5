"""Importing a CSV file: in batches that can be repeated, with a word on every row."""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import ValidationError

from src.core.pagination import Row
from src.imports.batch import ImportOutcome, import_batch
from src.imports.entries import workout_body
from src.imports.matching import ExerciseMatcher, infer_kind
from src.imports.options import MAX_BYTES, ImportOptions
from src.imports.reading import ImportedWorkout, RejectedRow, Units, read_export
from src.imports.report import Report
from src.jobs.attachments import Attachment
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.vocabulary import DistanceUnit, ExerciseCategory, ExerciseKind, JobKind, WeightUnit

SETS_PER_BATCH = 1000
EXERCISES_PER_BATCH = 100


async def import_workouts(job: ClaimedJob) -> dict[str, Any]:
    """Adds the file's workouts. Answers counts, the exercises it added, and a report of every row."""
    import_ = await _begin(job)
    workouts = import_.read_file()
    await import_.add_exercises(workouts)
    done = 0
    for batch in _batches(workouts):
        await job.progress(done / len(workouts), f"Imported {done} of {len(workouts)} workouts")
        await import_.add_workouts(batch)
        done += len(batch)
    return {
        "rows": import_.report.counts(),
        "workouts": import_.workout_counts,
        "exercises_added": import_.added,
        "report": import_.report.lines(),
    }


async def _begin(job: ClaimedJob) -> "_WorkoutImport":
    context = await job.call("import_context")
    try:
        options = ImportOptions.model_validate(job.options)
    except ValidationError:
        raise JobFailed("The options are not valid.") from None
    units = Units(
        weight=options.weight_unit or WeightUnit(context["weight_unit"]),
        distance=options.distance_unit or DistanceUnit(context["distance_unit"]),
        timezone=options.timezone or context["timezone"],
    )
    return _WorkoutImport(job, units, ExerciseMatcher(context["exercises"]))


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
    units: Units
    matcher: ExerciseMatcher
    report: Report = field(default_factory=Report)
    added: list[str] = field(default_factory=list)
    workout_counts: dict[str, int] = field(default_factory=lambda: {"imported": 0, "duplicate": 0, "rejected": 0})

    def read_file(self) -> list[ImportedWorkout]:
        """What the file says. Raises JobFailed when it is no export that we know."""
        workouts = []
        try:
            file = io.BufferedReader(Attachment(self.job.attachment, MAX_BYTES))
            with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
                for found in read_export(lines, self.units):
                    if isinstance(found, RejectedRow):
                        self.report.add(found.row, "rejected", found.reason)
                    else:
                        workouts.append(found)
        except UnicodeDecodeError:
            raise JobFailed("The file is not UTF-8 text.") from None
        except ValueError as error:
            raise JobFailed(str(error)) from None
        return workouts

    async def add_exercises(self, workouts: list[ImportedWorkout]) -> None:
        """Adds a custom exercise for every name that means none that is there."""
        unknown = defaultdict(list)
        for workout in workouts:
            for imported_set in workout.sets:
                unknown[imported_set.exercise.casefold()].append(imported_set)
        missing = [sets for sets in unknown.values() if self.matcher.match(sets[0].exercise) is None]
        rows = [self._custom(sets[0].exercise, infer_kind(sets)) for sets in missing]
        for first in range(0, len(rows), EXERCISES_PER_BATCH):
            batch = rows[first : first + EXERCISES_PER_BATCH]
            for row, result in zip(batch, await import_batch(self.job, "exercises", batch), strict=True):
                if result.id:
                    # An earlier import may have made it, under a name or in a kind that the person has changed since.
                    self.matcher.remember({**row, "id": str(result.id), "kind": result.kind})
                if result.added:
                    self.added.append(row["name"])

    def _custom(self, name: str, kind: ExerciseKind) -> Row:
        moves = kind is ExerciseKind.DISTANCE_DURATION
        return {
            "id": str(uuid5(UUID(self.job.user_id), f"exercise {name.casefold()}")),
            "slug": None,
            "name": name,
            "aliases": [],
            "kind": kind,
            # Which muscles it trains, the file does not say; the person can.
            "primary_muscles": ["cardio" if moves else "full_body"],
            "secondary_muscles": [],
            "equipment": ["other"],
            "category": ExerciseCategory.CARDIO if moves else ExerciseCategory.STRENGTH,
            "level": "beginner",
            "mechanic": None,
            "is_unilateral": False,
            "contraindications": [],
            "instructions": "",
            "unhide": True,
        }

    async def add_workouts(self, workouts: list[ImportedWorkout]) -> None:
        """Adds workouts, and settles their rows."""
        bodies, kept = [], []
        for workout in workouts:
            body, rejected = workout_body(workout, self.matcher.match, self.job.user_id, self.units.timezone)
            for bad in rejected:
                self.report.add(bad.row, "rejected", bad.reason)
            if body is None:
                self.workout_counts["rejected"] += 1
            else:
                bodies.append(body)
                lost = {bad.row for bad in rejected}
                kept.append([imported_set.row for imported_set in workout.sets if imported_set.row not in lost])
        for rows, result in zip(kept, await import_batch(self.job, "workouts", bodies), strict=True):
            self.workout_counts[result.outcome] += 1
            for row in rows:
                self.report.add(row, result.outcome, _reason(result), str(result.id) if result.id else None)


def _reason(result: ImportOutcome) -> str | None:
    """Why a workout was rejected, in words."""
    if not result.problems:
        return result.reason
    return "; ".join(f"{problem.loc[-1]} {problem.message}" for problem in result.problems[:3])


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_WORKOUTS: import_workouts,
}
