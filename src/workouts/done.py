"""What was done in a workout, set by set, as answers about the past need it."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, TypeAdapter

from src.core.documents import Document, parse_document
from src.vocabulary import ExerciseKind, SetType


class DoneSet(Document):
    """A set that was done. Loads in kg; `assist_kg` is help."""

    id: UUID
    exercise_id: UUID
    exercise_name: str
    kind: ExerciseKind
    set_type: SetType
    reps: int | None
    weight_kg: float | None
    assist_kg: float | None
    duration_seconds: int | None
    distance_m: float | None


class DoneWorkout(Document):
    """A workout with its sets in the order they were done."""

    id: UUID
    name: str | None
    local_date: date
    started_at: datetime
    ended_at: datetime | None
    sets: Annotated[list[DoneSet], BeforeValidator(lambda sets: sets or [])]

    @property
    def seconds(self) -> float | None:
        """How long it took; None when nobody knows."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


read_done = partial(parse_document, TypeAdapter(list[DoneWorkout]).validate_python)
"""Reads rows of DONE_COLUMNS. Raises BadUpstream."""
DONE_COLUMNS = f"id,name,local_date,started_at,ended_at,sets!inner({','.join(DoneSet.model_fields)})"
