"""Items that are imported in one call: public.import_batch, for files of other apps and for exports of ours."""

from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from src.core.documents import Document, parse_document
from src.core.pagination import Row
from src.jobs.worker import ClaimedJob
from src.vocabulary import ExerciseKind


class ImportProblem(Document):
    """What is wrong with an item, and where."""

    loc: list[str | int]
    message: str


class ImportOutcome(Document):
    """What came of one item, which has `id` here. Only exercises have a `kind`, and are `added` or found."""

    outcome: Literal["imported", "duplicate", "rejected"] = "imported"
    id: UUID | None = None
    reason: str | None = None
    problems: list[ImportProblem] | None = None
    kind: ExerciseKind | None = None
    added: bool = False


_OUTCOMES = TypeAdapter(list[ImportOutcome])


async def import_batch(job: ClaimedJob, section: str, items: list[Row]) -> list[ImportOutcome]:
    """What came of each of the items, in their order. Importing them again adds nothing."""
    return parse_document(_OUTCOMES.validate_python, await job.call("import_batch", section=section, batch=items))
