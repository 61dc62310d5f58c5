"""Writing the document while it is read, so that years of training do not sit in memory."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

from pydantic_core import to_json

from src.archive.repository import ArchiveRepo
from src.archive.schemas import (
    FORMAT,
    VERSION,
    ArchivedExercise,
    ArchivedFood,
    ArchivedMealPlan,
    ArchivedMealVersion,
    ArchivedMeasurement,
    ArchivedMemory,
    ArchivedMessage,
    ArchivedPlan,
    ArchivedPreference,
    ArchivedSet,
    ArchivedVersion,
    ArchivedWorkout,
)
from src.core.di import injected
from src.core.gateway import Row
from src.core.schema import Output
from src.vocabulary import ExerciseKind

CHUNK_BYTES = 64 * 1024


class ArchiveService:
    """Everything of the caller's own, as one document."""

    def __init__(self, archive: ArchiveRepo) -> None:
        self._archive = archive

    async def document(self, profile: Row) -> AsyncIterator[bytes]:
        """The document, in chunks; the profile has been read already."""
        pending = bytearray()
        async for piece in self._pieces(profile):
            pending += piece
            if len(pending) >= CHUNK_BYTES:
                yield bytes(pending)
                pending.clear()
        yield bytes(pending)

    async def _pieces(self, profile: Row) -> AsyncIterator[bytes]:
        archive = self._archive
        yield to_json({"format": FORMAT, "version": VERSION, "exported_at": datetime.now(UTC), "profile": profile})[:-1]
        sections: list[tuple[str, AsyncIterator[bytes]]] = [
            ("exercises", _each(archive.exercises(), partial(_hideable, ArchivedExercise))),
            ("foods", _each(archive.foods(), partial(_hideable, ArchivedFood))),
            ("preferences", _each(archive.preferences(), partial(_only, ArchivedPreference))),
            ("plans", _versioned(archive.plans(), archive.plan_versions, ArchivedPlan, ArchivedVersion)),
            (
                "meal_plans",
                _versioned(archive.meal_plans(), archive.meal_plan_versions, ArchivedMealPlan, ArchivedMealVersion),
            ),
            ("workouts", _each(archive.workouts(), _workout)),
            ("measurements", _each(archive.measurements(), partial(_only, ArchivedMeasurement))),
            ("memories", _each(archive.memories(), partial(_only, ArchivedMemory))),
            ("messages", _each(archive.messages(), partial(_only, ArchivedMessage))),
        ]
        for name, pieces in sections:
            yield f',"{name}":['.encode()
            async for piece in pieces:
                yield piece
            yield b"]"
        yield b"}"


ArchiveServiceDep = Annotated[ArchiveService, injected(ArchiveService)]


async def _each(rows: AsyncIterator[Row], write: Callable[[Row], Row]) -> AsyncIterator[bytes]:
    comma = b""
    async for row in rows:
        yield comma + to_json(write(row))
        comma = b","


async def _versioned(
    plans: AsyncIterator[Row],
    versions_of: Callable[[Row], AsyncIterator[Row]],
    model: type[Output],
    version: type[Output],
) -> AsyncIterator[bytes]:
    """Plans, each with its versions: written while they are read, for one plan may have more than fits into memory."""
    comma = b""
    async for plan in plans:
        yield comma + to_json(_only(model, plan, "versions"))[:-1] + b',"versions":['
        async for piece in _each(versions_of(plan), partial(_only, version)):
            yield piece
        yield b"]}"
        comma = b","


def _only(model: type[Output], row: Row, left_out: str | None = None) -> Row:
    return {name: row[name] for name in model.model_fields if name != left_out}


def _hideable(model: type[Output], row: Row) -> Row:
    return _only(model, {**row, "hidden": row["hidden_at"] is not None})


def _workout(row: Row) -> Row:
    exercises = [_sets(list(sets)) for _, sets in groupby(row["sets"], key=itemgetter("exercise_position"))]
    return _only(ArchivedWorkout, {**row, "exercises": exercises})


def _sets(rows: list[Row]) -> Row:
    first = rows[0]
    named = {name: first[name] for name in ("exercise_id", "exercise_name", "superset_group", "notes")}
    return {**named, "sets": [_set(row) for row in rows]}


def _set(row: Row) -> dict[str, Any]:
    load = "assist" if row["kind"] == ExerciseKind.ASSISTED else "weight"
    entered = {load: {"value": row["entered_value"], "unit": row["entered_unit"]}} if row["entered_unit"] else {}
    written = {name: row[name] for name in ArchivedSet.model_fields if row.get(name) is not None}
    return {**written, **entered}
