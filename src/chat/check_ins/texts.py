"""What the companion writes: a few sentences from templates, and what they rest on. No number in them is made up."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID

from src.chat.check_ins.causes import (
    DeloadWeek,
    Due,
    DueCheckIn,
    MissedSessions,
    PainNote,
    RecordAnniversary,
    WeekOfPain,
)
from src.chat.phrases import say
from src.chat.phrases.formats import day, exact_duration, number
from src.chat.tools.values import distance, weight
from src.core.documents import Document
from src.vocabulary import CompanionMood, EvidenceKind, RecordKind

_MAX_QUOTED: Final = 120


class Source(Document):
    """Something that a text rests on, and a number or date of it as the text shows it."""

    kind: EvidenceKind
    id: UUID
    value: str | None = None


class CheckIn(Document):
    """A message as it is kept."""

    message: str
    mood: CompanionMood
    actions: list[dict[str, Any]]
    evidence: list[Source]


def compose(due: DueCheckIn) -> CheckIn:
    """The message to somebody who is due."""
    match due:
        case MissedSessions():
            return _missed_sessions(due)
        case DeloadWeek():
            return _deload_week(due)
        case RecordAnniversary():
            return _record_anniversary(due)
        case WeekOfPain():
            return _week_of_pain(due)


def _on(due: Due, when: date) -> str:
    return day(when, due.language, due.today)


def _missed_sessions(due: MissedSessions) -> CheckIn:
    message, evidence = _missed_words(due)
    return CheckIn(
        message=message,
        mood=CompanionMood.ENCOURAGING,
        actions=[
            {"kind": "start_workout", "plan_id": str(due.plan_id), "plan_day": due.plan_day},
            {"kind": "adapt_plan", "plan_id": str(due.plan_id)},
        ],
        evidence=evidence,
    )


def _missed_words(due: MissedSessions) -> tuple[str, list[Source]]:
    language, plan, session = due.language, due.plan_name, due.session
    if due.last_workout_id is None or due.last_workout_on is None:
        return say("check_ins.never_started", language, plan=plan, session=session), _shown(
            EvidenceKind.PLAN, due.plan_id
        )
    missed, workout = number(due.missed, language), due.last_workout_id
    if not due.planned_on:
        last = _on(due, due.last_workout_on)
        message = say("check_ins.missed", language, missed=missed, plan=plan, last=last, session=session)
        return message, [*_shown(EvidenceKind.PLAN, due.plan_id, missed), *_shown(EvidenceKind.WORKOUT, workout, last)]
    first, last = _on(due, due.planned_on[0]), _on(due, due.planned_on[-1])
    message = say("check_ins.missed_days", language, missed=missed, first=first, last=last, session=session)
    return message, [
        *_shown(EvidenceKind.PLAN, due.plan_id, missed, first, last),
        *_shown(EvidenceKind.WORKOUT, workout),
    ]


def _deload_week(due: DeloadWeek) -> CheckIn:
    begins, week = _on(due, due.begins_on), number(due.week, due.language)
    return CheckIn(
        message=say("check_ins.deload_week", due.language, begins=begins, week=week, plan=due.plan_name),
        mood=CompanionMood.WARM,
        actions=[],
        evidence=_shown(EvidenceKind.PLAN, due.plan_id, begins, week),
    )


def _record_anniversary(due: RecordAnniversary) -> CheckIn:
    language, exercise = due.language, due.exercise_name
    then, now = _measure(due, due.value), _measure(due, due.best)
    reached, best_on = _on(due, due.reached_on), _on(due, due.best_on)
    evidence = _shown(EvidenceKind.SET, due.set_id, then, reached)
    if now == then:
        message = say("check_ins.record_stands", language, exercise=exercise, then=then, reached=reached)
    else:
        message = say(
            "check_ins.record_beaten", language, exercise=exercise, then=then, reached=reached, now=now, best_on=best_on
        )
        evidence += _shown(EvidenceKind.SET, due.best_set_id, now, best_on)
    return CheckIn(message=message, mood=CompanionMood.PROUD, actions=[], evidence=evidence)


def _measure(due: RecordAnniversary, value: float) -> str:
    """The value of a record as people say it."""
    language = due.language
    match due.record:
        case RecordKind.MOST_REPS:
            return say("check_ins.repetitions", language, n=value)
        case RecordKind.LONGEST:
            return exact_duration(round(value), language)
        case RecordKind.FARTHEST:
            return distance(value, due.distance_unit).words(language)
        case RecordKind.LEAST_ASSIST:
            reps, load = say("check_ins.repetitions", language, n=due.at_reps or 1), weight(value, due.weight_unit)
            return say("check_ins.with_help", language, repetitions=reps, load=load.words(language))
        case RecordKind.E1RM:
            return say("check_ins.estimated", language, load=weight(value, due.weight_unit, 1).words(language, 1))
        case RecordKind.HEAVIEST:
            return weight(value, due.weight_unit).words(language)


def _week_of_pain(due: WeekOfPain) -> CheckIn:
    language, newest, days = due.language, due.notes[0], number(due.days, due.language)
    quote, noted = _quoted(newest), _on(due, newest.noted_on)
    if quote is None:
        sentences = [say("check_ins.pain", language, days=days)]
    else:
        sentences = [say("check_ins.pain_quoted", language, days=days, noted=noted, quote=quote)]
    if due.plan_id is not None:
        sentences.append(say("check_ins.pain_plan", language))
    sentences.append(say("check_ins.pain_care", language))
    shown = [days] if quote is None else [days, noted]
    return CheckIn(
        message=" ".join(sentences),
        mood=CompanionMood.CONCERNED,
        actions=[{"kind": "adapt_plan", "plan_id": str(due.plan_id)}] if due.plan_id is not None else [],
        evidence=[*_shown(newest.kind, newest.id, *shown), *_others(due.notes, newest)],
    )


def _quoted(note: PainNote) -> str | None:
    """The person's own words, whole or not at all: forgetting a memory looks for them as they are."""
    words = note.note.strip().rstrip(".")
    return words if len(words) <= _MAX_QUOTED and "\n" not in words else None


def _others(notes: list[PainNote], newest: PainNote) -> Iterator[Source]:
    ids = dict.fromkeys((note.kind, note.id) for note in notes)
    return (Source(kind=kind, id=id_) for kind, id_ in ids if id_ != newest.id)


def _shown(kind: EvidenceKind, id_: UUID, *values: str) -> list[Source]:
    return [Source(kind=kind, id=id_, value=value) for value in values] or [Source(kind=kind, id=id_)]
