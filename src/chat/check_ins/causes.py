"""Why somebody is written to, and what of their data the text needs: what private.due_check_in() returns."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter

from src.core.documents import Document
from src.language.language import Language
from src.vocabulary import DistanceUnit, EvidenceKind, RecordKind, WeightUnit


def _spoken(code: Any) -> Any:
    return code if code in set(Language) else Language.EN


class Due(Document):
    """Somebody to write to. `language` is that of their newest message, English where it is none of ours."""

    user_id: UUID
    today: date
    language: Annotated[Language, BeforeValidator(_spoken)]
    weight_unit: WeightUnit
    distance_unit: DistanceUnit


class MissedSessions(Due):
    """`missed` planned sessions went by, three or more: those of `planned_on`, where the plan has weekdays."""

    cause: Literal["missed_sessions"]
    plan_id: UUID
    plan_name: str
    plan_day: int
    session: str
    planned_on: list[date] | None
    missed: int
    last_workout_id: UUID | None
    last_workout_on: date | None


class DeloadWeek(Due):
    """A week with less is about to begin."""

    cause: Literal["deload_week"]
    plan_id: UUID
    plan_name: str
    week: int
    begins_on: date


class RecordAnniversary(Due):
    """A record of a year ago. `value` in kg, repetitions, seconds or metres; `best` is what it has become."""

    cause: Literal["record_anniversary"]
    exercise_name: str
    record: RecordKind
    value: float
    at_reps: int | None
    set_id: UUID
    reached_on: date
    best: float
    best_set_id: UUID
    best_on: date


class PainNote(Document):
    """A memory, or a note on a workout or an exercise, that says what hurts."""

    kind: EvidenceKind
    id: UUID
    noted_on: date
    note: str


class WeekOfPain(Due):
    """Pain was noted on so many `days` within a week; the newest note comes first."""

    cause: Literal["pain_notes"]
    days: int
    notes: list[PainNote]
    plan_id: UUID | None


DueCheckIn = Annotated[MissedSessions | DeloadWeek | RecordAnniversary | WeekOfPain, Field(discriminator="cause")]


class DueBatch(Document):
    """What public.check_ins_due() returns. `due` as it came: public.keep_check_ins() compares it."""

    due: list[dict[str, Any]]
    done: bool


parse_due: TypeAdapter[DueCheckIn] = TypeAdapter(DueCheckIn)
