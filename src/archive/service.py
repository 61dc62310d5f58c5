"""Writing the document while it is read, so that years of training do not sit in memory."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic_core import to_json

from src.archive.repository import ArchiveRepository
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
from src.core.gateway import Row
from src.core.schema import Output
from src.core.vocabulary import ExerciseKind

CHUNK_BYTES = 64 * 1024


class ArchiveService:
    """Everything of the caller's own, as one document."""

    def __init__(self, archive: ArchiveRepository) -> None:
        self._archive = archive

    async def document(self, profile: Row) -> AsyncIterator[bytes]:
        """The document, piece by piece; the profile has been read already."""
        pending = bytearray(to_json({"format": FORMAT, "version": VERSION, "exported_at": datetime.now(UTC)})[:-1])
        pending += b',"profile":' + to_json(profile)
        archive = self._archive
        sections: list[tuple[str, AsyncIterator[Row], Callable[[Row], Row]]] = [
            ("exercises", archive.exercises(), lambda row: _hideable(ArchivedExercise, row)),
            ("foods", archive.foods(), lambda row: _hideable(ArchivedFood, row)),
            ("preferences", archive.preferences(), lambda row: _only(ArchivedPreference, row)),
            ("plans", archive.plans(), lambda row: _versioned(ArchivedPlan, ArchivedVersion, row)),
            ("meal_plans", archive.meal_plans(), lambda row: _versioned(ArchivedMealPlan, ArchivedMealVersion, row)),
            ("workouts", archive.workouts(), _workout),
            ("measurements", archive.measurements(), lambda row: _only(ArchivedMeasurement, row)),
            ("memories", archive.memories(), lambda row: _only(ArchivedMemory, row)),
            ("messages", archive.messages(), lambda row: _only(ArchivedMessage, row)),
        ]
        for name, rows, write in sections:
            pending += f',"{name}":['.encode()
            first = True
            async for row in rows:
                pending += (b"" if first else b",") + to_json(write(row))
                first = False
                if len(pending) >= CHUNK_BYTES:
                    yield bytes(pending)
                    pending.clear()
            pending += b"]"
        yield bytes(pending + b"}")


def _only(model: type[Output], row: Row) -> Row:
    return {name: row[name] for name in model.model_fields}


def _hideable(model: type[Output], row: Row) -> Row:
    return _only(model, {**row, "hidden": row["hidden_at"] is not None})


def _versioned(model: type[Output], version: type[Output], row: Row) -> Row:
    ordered = sorted(row["versions"], key=itemgetter("version"))
    return _only(model, {**row, "versions": [_only(version, each) for each in ordered]})


def _workout(row: Row) -> Row:
    ordered = sorted(row["sets"], key=itemgetter("exercise_position", "position"))
    exercises = [_sets(list(sets)) for _, sets in groupby(ordered, key=itemgetter("exercise_position"))]
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
