"""Importing a CSV file: in batches that can be repeated, with a word on every row."""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import ValidationError

from src.core.pagination import Row
from src.imports.entries import body_of
from src.imports.formats import ImportedSession, RejectedRow, Units, read
from src.imports.matching import ExerciseMatcher, kind_of
from src.imports.options import MAX_BYTES, ImportOptions
from src.imports.report import Report
from src.jobs.attachments import Attachment
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.vocabulary import DistanceUnit, ExerciseCategory, ExerciseKind, JobKind, WeightUnit

SETS_AT_ONCE = 1000
EXERCISES_AT_ONCE = 100


async def import_workouts(job: ClaimedJob) -> dict[str, Any]:
    """Adds the file's sessions. Answers counts, the exercises it added, and a report of every row."""
    import_ = await _begin(job)
    sessions = import_.sessions()
    await import_.add_exercises(sessions)
    done = 0
    for batch in _batches(sessions):
        await job.progress(done / len(sessions), f"Imported {done} of {len(sessions)} workouts")
        await import_.add_workouts(batch)
        done += len(batch)
    return {
        "rows": import_.report.counts(),
        "workouts": import_.workouts,
        "exercises_added": import_.added,
        "report": import_.report.lines(),
    }


async def _begin(job: ClaimedJob) -> "_Import":
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
    return _Import(job, units, ExerciseMatcher(context["exercises"]))


def _batches(sessions: list[ImportedSession]) -> Iterator[list[ImportedSession]]:
    batch: list[ImportedSession] = []
    sets = 0
    for session in sessions:
        if batch and sets + len(session.sets) > SETS_AT_ONCE:
            yield batch
            batch, sets = [], 0
        batch.append(session)
        sets += len(session.sets)
    if batch:
        yield batch


@dataclass
class _Import:
    """A file that is being imported."""

    job: ClaimedJob
    units: Units
    matcher: ExerciseMatcher
    report: Report = field(default_factory=Report)
    added: list[str] = field(default_factory=list)
    workouts: dict[str, int] = field(default_factory=lambda: {"imported": 0, "duplicate": 0, "rejected": 0})

    def sessions(self) -> list[ImportedSession]:
        """What the file says. Raises JobFailed when it is no export that we know."""
        sessions = []
        try:
            file = io.BufferedReader(Attachment(self.job.attachment, MAX_BYTES))
            with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
                for found in read(lines, self.units):
                    if isinstance(found, RejectedRow):
                        self.report.add(found.row, "rejected", found.reason)
                    else:
                        sessions.append(found)
        except UnicodeDecodeError:
            raise JobFailed("The file is not UTF-8 text.") from None
        except ValueError as error:
            raise JobFailed(str(error)) from None
        return sessions

    async def add_exercises(self, sessions: list[ImportedSession]) -> None:
        """Adds a custom exercise for every name that means none that is there."""
        unknown = defaultdict(list)
        for session in sessions:
            for one in session.sets:
                unknown[one.exercise.casefold()].append(one)
        missing = [sets for sets in unknown.values() if self.matcher.match(sets[0].exercise) is None]
        rows = [self._custom(sets[0].exercise, kind_of(sets)) for sets in missing]
        for first in range(0, len(rows), EXERCISES_AT_ONCE):
            batch = rows[first : first + EXERCISES_AT_ONCE]
            answers = await self.job.call("import_batch", section="exercises", batch=batch)
            for row, answer in zip(batch, answers, strict=True):
                if answer.get("id"):
                    # An earlier import may have made it, under a name or in a kind that the person has changed since.
                    self.matcher.remember({**row, "id": answer["id"], "kind": answer["kind"]})
                if answer.get("added"):
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

    async def add_workouts(self, sessions: list[ImportedSession]) -> None:
        """Adds sessions, and settles their rows."""
        bodies, kept = [], []
        for session in sessions:
            body, rejected = body_of(session, self.matcher.match, self.job.user_id, self.units.timezone)
            for bad in rejected:
                self.report.add(bad.row, "rejected", bad.reason)
            if body is None:
                self.workouts["rejected"] += 1
            else:
                bodies.append(body)
                lost = {bad.row for bad in rejected}
                kept.append([one.row for one in session.sets if one.row not in lost])
        answers = await self.job.call("import_batch", section="workouts", batch=bodies)
        for rows, answer in zip(kept, answers, strict=True):
            self.workouts[answer["outcome"]] += 1
            for row in rows:
                self.report.add(row, answer["outcome"], _reason(answer), answer.get("id"))


def _reason(answer: Row) -> str | None:
    """Why a session was rejected, in words."""
    problems = answer.get("problems") or []
    if not problems:
        return answer.get("reason")
    return "; ".join(f"{problem['loc'][-1]} {problem['message']}" for problem in problems[:3])


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_WORKOUTS: import_workouts,
}
