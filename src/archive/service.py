"""Writing the document while it is read, so that years of training do not sit in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated

from pydantic_core import to_json

from src.archive.document import CONTENTS, SectionContent
from src.archive.repository import ArchiveRepo
from src.archive.schemas import ArchivedSet, ArchivedSets
from src.archive.sections import FORMAT, PROFILE, SECTIONS, VERSION
from src.core.di import injected
from src.core.gateway import Row
from src.core.schema import Output
from src.exercises.kinds import load_field
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
        yield to_json({"format": FORMAT, "version": VERSION, "exported_at": datetime.now(UTC), PROFILE: profile})[:-1]
        for section in SECTIONS:
            yield f',"{section.name}":['.encode()
            async for piece in self._items(CONTENTS[section.name]):
                yield piece
            yield b"]"
        yield b"}"

    async def _items(self, section: SectionContent) -> AsyncIterator[bytes]:
        comma = b""
        async for row in section.read(self._archive):
            item = to_json(_item(section.model, row))
            if section.versions is None:
                yield comma + item
            else:
                # Written while they are read: one plan may have more of them than fits into memory.
                yield comma + item[:-1] + b',"versions":['
                async for piece in self._versions(section.versions, row):
                    yield piece
                yield b"]}"
            comma = b","

    async def _versions(self, model: type[Output], plan: Row) -> AsyncIterator[bytes]:
        comma = b""
        async for row in self._archive.versions(model, plan):
            yield comma + to_json(_item(model, row))
            comma = b","


def _item(model: type[Output], row: Row) -> Row:
    """A row as the document has it; versions come later."""
    computed: Row = {}
    if "hidden" in model.model_fields:
        computed["hidden"] = row["hidden_at"] is not None
    if "exercises" in model.model_fields:
        by_exercise = groupby(row["sets"], key=itemgetter("exercise_position"))
        computed["exercises"] = [_sets(list(sets)) for _, sets in by_exercise]
    return {
        name: computed[name] if name in computed else row[name] for name in model.model_fields if name != "versions"
    }


def _sets(rows: list[Row]) -> Row:
    of_exercise = {name: rows[0][name] for name in ArchivedSets.model_fields if name != "sets"}
    return {**of_exercise, "sets": [_set(row) for row in rows]}


def _set(row: Row) -> Row:
    load = {"value": row["entered_value"], "unit": row["entered_unit"]}
    entered = {load_field(ExerciseKind(row["kind"])): load} if row["entered_unit"] else {}
    recorded = {name: row[name] for name in ArchivedSet.model_fields if row.get(name) is not None}
    return {**recorded, **entered}


ArchiveServiceDep = Annotated[ArchiveService, injected(ArchiveService)]
