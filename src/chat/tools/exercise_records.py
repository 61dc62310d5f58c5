"""Personal records: of one exercise, or the newest of all."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day
from src.chat.schemas import LogWorkout
from src.chat.tools.exercise_names import find_exercise, say_unknown, unknown_exercise
from src.chat.tools.measures import Measured, measured
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.chat.tools.values import Quantity, weight
from src.language.language import Language
from src.stats.schemas import RecordQuery, StandingRecord
from src.vocabulary import EvidenceKind, RecordKind

_MAX_SHOWN = 5
_MAX_READ = 100


class RecordArguments(Arguments):
    exercise: str | None = Field(None, max_length=100, description="Name of the exercise; null for the newest of all.")


class BestSet(BaseModel):
    """A record, and the load or the repetitions that it was done with, where its kind has them."""

    exercise: str
    best: Measured
    at_load: Quantity | None
    at_reps: int | None
    set_id: UUID
    on: date


class _Found(BaseModel):
    today: date
    exercise: str | None
    records: list[BestSet]


class ExerciseRecords(Tool[RecordArguments]):
    """The best ever."""

    name = "exercise_records"
    description = (
        "The person's personal records (best ever): heaviest set, estimated one-repetition maximum, most repetitions, "
        "longest, farthest, least help, each with its date. Of one exercise, or without one the newest of all."
    )
    Arguments = RecordArguments

    async def call(self, arguments: RecordArguments, toolbox: Toolbox, /) -> ToolAnswer:
        query = RecordQuery(per_page=_MAX_READ)
        name = None
        if arguments.exercise is not None:
            exercise = await find_exercise(arguments.exercise, toolbox)
            if exercise is None:
                return unknown_exercise(arguments.exercise)
            query, name = query.model_copy(update={"exercise_id": exercise.id}), exercise.name
        items = (await toolbox.sources.stats.records(query)).items
        best = _best_of_each(items)
        chosen = best if name else sorted(best, key=lambda record: record.started_at, reverse=True)
        records = [_best_set(record, toolbox.asker) for record in chosen[:_MAX_SHOWN]]
        found = _Found(today=toolbox.today, exercise=name, records=records)
        actions = () if records else (LogWorkout(kind="log_workout"),)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.language), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        if unknown := say_unknown(answer, language):
            return unknown
        found = _Found.model_validate(answer.data)
        if not found.records:
            return (
                say("records.none", language)
                if found.exercise is None
                else say("progress.never", language, exercise=found.exercise)
            )
        lines = [_line(record, found, language) for record in found.records]
        title = "records.newest" if found.exercise is None else "records.of"
        return "\n".join([say(title, language, exercise=found.exercise or ""), *lines])


def _best_of_each(records: list[StandingRecord]) -> list[StandingRecord]:
    """One record of each exercise and kind: the most repetitions of all, not those of every load."""
    best: dict[Any, StandingRecord] = {}
    for record in records:
        known = best.get((record.exercise_id, record.kind))
        if known is None or _beats(record, known):
            best[record.exercise_id, record.kind] = record
    return list(best.values())


def _beats(record: StandingRecord, known: StandingRecord) -> bool:
    if record.kind is RecordKind.LEAST_ASSIST:
        return (record.value, -(record.at_reps or 0)) < (known.value, -(known.at_reps or 0))
    return (record.value, record.at_kg or 0) > (known.value, known.at_kg or 0)


def _best_set(record: StandingRecord, asker: Asker) -> BestSet:
    return BestSet(
        exercise=record.exercise_name,
        best=measured(record.kind, record.value, asker),
        at_load=weight(record.at_kg, asker.weight_unit) if record.at_kg else None,
        at_reps=record.at_reps,
        set_id=record.set_id,
        on=record.local_date,
    )


def _words(record: BestSet, language: Language) -> str:
    value = record.best.words(language)
    if record.at_load is not None:
        return say("sets.with_load", language, amount=value, load=record.at_load.words(language))
    if record.at_reps is not None:
        return say("records.for_reps", language, value=value, reps=say("words.reps", language, n=record.at_reps))
    return value


def _line(record: BestSet, found: _Found, language: Language) -> str:
    what = say(f"progress.what_{record.best.measure.value}", language)
    on = day(record.on, language, found.today)
    key = "records.line" if found.exercise is None else "records.line_of_exercise"
    return say(key, language, exercise=record.exercise, what=what, value=_words(record, language), day=on)


def _receipts(found: _Found, language: Language) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(EvidenceKind.SET, record.set_id, value, record.exercise)
        for record in found.records
        for value in (_words(record, language), day(record.on, language, found.today))
    )
