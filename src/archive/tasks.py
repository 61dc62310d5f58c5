"""Bringing back an export: section by section, in batches that can be repeated."""

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

import ijson  # type: ignore[import-untyped]  # two calls
from pydantic_core import to_json

from src.archive.schemas import FORMAT, MAX_BYTES, VERSION
from src.core.pagination import Row
from src.jobs.attachments import Attachment
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.vocabulary import JobKind

# Rows at once, unless they are large: about a thousand sets, and less than a second of work.
_AT_ONCE = {
    "exercises": 100,
    "foods": 100,
    "preferences": 200,
    "plans": 5,
    "meal_plans": 5,
    "workouts": 40,
    "measurements": 500,
    "memories": 200,
    "messages": 500,
}
# A batch with so much in it takes no further row: workouts may have 5,000 sets, plans hundreds of versions.
_BATCH_BYTES = 256 * 1024
_MOST_REJECTED = 1000
# What is found again by its name, so that its id here is known once it is imported; and who refers to it.
_NAMED = ("exercises", "foods")
_REFERENCES = {"exercise_id": "exercises", "food_id": "foods"}
_OWNED = {"plan_id": "plans", "meal_plan_id": "meal_plans"}


async def import_account(job: ClaimedJob) -> dict[str, Any]:
    """Adds what the document has and the person has not; what came of each section, and what was rejected and why."""
    document = Document(job.attachment)
    document.check()
    import_ = _Import(job, UUID(job.user_id))
    await import_.batch("profile", [document.profile()], 0)
    for section, at_once in _AT_ONCE.items():
        await job.progress(list(_AT_ONCE).index(section) / len(_AT_ONCE), f"Importing {section}")
        number = 0
        for batch in _batches(document.rows(section), at_once):
            await import_.batch(section, batch, number)
            number += len(batch)
    return {"sections": import_.outcomes, "rejected": import_.rejected}


def _batches(rows: Iterator[Any], most: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(to_json(row))
        if len(batch) == most or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Document:
    """An export as a file, read a section at a time."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def check(self) -> None:
        """Raises JobFailed when it is no export, or one of another version."""
        found = [next(self._values(name), None) for name in ("format", "version")]
        if found != [FORMAT, VERSION]:
            raise JobFailed(f"This is not a Slow Burn export of version {VERSION}.")

    def profile(self) -> Row:
        """The profile. Raises JobFailed when there is none."""
        profile = next(self._values("profile"), None)
        if not isinstance(profile, dict):
            raise JobFailed("The export has no profile.")
        return profile

    def rows(self, section: str) -> Iterator[Any]:
        """The items of a section."""
        return self._values(f"{section}.item")

    def _values(self, prefix: str) -> Iterator[Any]:
        try:
            file = io.BufferedReader(Attachment(self._packed, MAX_BYTES))
            yield from ijson.items(file, prefix, use_float=True)
        except ijson.JSONError:
            raise JobFailed("The file is not a JSON document.") from None


@dataclass
class _Import:
    """What has been done so far, and which ids the document's own things have here."""

    job: ClaimedJob
    person: UUID
    named: dict[str, dict[str, str]] = field(default_factory=lambda: {section: {} for section in _NAMED})
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejected: list[Row] = field(default_factory=list)

    async def batch(self, section: str, given: list[Any], first: int) -> None:
        """Imports rows of a section, the first of which is its `first`."""
        rows = [_WRITERS[section](self, row) if isinstance(row, dict) else {} for row in given]
        answers = await self.job.call("import_batch", section=section, batch=rows)
        for number, (row, answer) in enumerate(zip(given, answers, strict=True), first):
            outcome = answer.get("outcome", "imported")
            self.outcomes[section][outcome] += 1
            if outcome == "rejected" and len(self.rejected) < _MOST_REJECTED:
                self.rejected.append({"section": section, "index": number, "reason": answer["reason"]})
            if section in self.named and answer.get("id"):
                self.named[section][str(row.get("id"))] = answer["id"]

    def own_id(self, section: str, theirs: Any) -> str | None:
        """The id here of a thing of the document: the same each time, and nobody else's."""
        return None if theirs is None else str(uuid5(self.person, f"{section} {theirs}"))

    def exercise(self, row: Row) -> Row:
        return {**row, "id": self.own_id("exercises", row.get("id"))}

    def food(self, row: Row) -> Row:
        return {**row, "id": self.own_id("foods", row.get("id"))}

    def referring(self, row: Row) -> Row:
        """The row with the ids here of the exercises, foods and plans it names, at whatever depth."""
        return {key: self._translated(key, value) for key, value in row.items()}

    def plan(self, row: Row) -> Row:
        return {**self.referring(row), "id": self.own_id("plans", row.get("id"))}

    def meal_plan(self, row: Row) -> Row:
        return {**self.referring(row), "id": self.own_id("meal_plans", row.get("id"))}

    def memory(self, row: Row) -> Row:
        ids = {name: self.own_id("memories", row.get(name)) for name in ("id", "superseded_by")}
        return {**row, **ids}

    def message(self, row: Row) -> Row:
        own = {"id": self.own_id("messages", row.get("id")), "reply_to": self.own_id("messages", row.get("reply_to"))}
        return {**self.referring(row), **own}

    def _translated(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self.referring(value)
        if isinstance(value, list):
            return [self._translated(key, item) for item in value]
        if key in _REFERENCES:
            return self.named[_REFERENCES[key]].get(str(value), value)
        return self.own_id(_OWNED[key], value) if key in _OWNED else value


def _as_it_is(_: _Import, row: Row) -> Row:
    return row


_WRITERS: dict[str, Callable[[_Import, Row], Row]] = {
    "profile": _as_it_is,
    "exercises": _Import.exercise,
    "foods": _Import.food,
    "preferences": _Import.referring,
    "plans": _Import.plan,
    "meal_plans": _Import.meal_plan,
    "workouts": _Import.referring,
    "measurements": _as_it_is,
    "memories": _Import.memory,
    "messages": _Import.message,
}


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.IMPORT_ACCOUNT: import_account,
}
