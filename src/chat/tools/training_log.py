"""What was done on a day, or from one day to another."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import BaseModel, Field, model_validator

from src.chat.phrases import say
from src.chat.phrases.formats import day, duration, listed, number
from src.chat.schemas import LogWorkout
from src.chat.tools.done import DoneSession
from src.chat.tools.sets import words_of
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.chat.tools.wording import capitalized, period, period_dates
from src.language.language import Language
from src.vocabulary import EvidenceKind
from src.workouts.done import read_done

_MAX_SESSIONS = 7


class LogArguments(Arguments):
    first_day: date
    last_day: date = Field(description="The same as first_day for one day.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day > self.last_day:
            raise ValueError("first_day must not be after last_day")
        return self


class _Found(BaseModel):
    """`before`: the last session before these days, when there was none in them. `is_cut`: there were more."""

    today: date
    first_day: date
    last_day: date
    sessions: list[DoneSession]
    before: DoneSession | None = None
    is_cut: bool = False

    @property
    def is_one_day(self) -> bool:
        return self.first_day == self.last_day


class TrainingLog(Tool[LogArguments]):
    """Sessions of some days."""

    name = "training_log"
    description = (
        "What the person trained on a day or in a period: each session with exercises, sets, repetitions and loads. "
        "For 'what did I do last Tuesday', 'what did I train yesterday', 'last week'. For how often, ask "
        "training_calendar."
    )
    Arguments = LogArguments

    async def call(self, arguments: LogArguments, toolbox: Toolbox, /) -> ToolAnswer:
        newest = await toolbox.sources.workouts.done(arguments.last_day, _MAX_SESSIONS + 1)
        sessions = [DoneSession.of(workout, toolbox.asker) for workout in read_done(newest)]
        within = [session for session in sessions if session.on >= arguments.first_day]
        found = _Found(
            today=toolbox.today,
            first_day=arguments.first_day,
            last_day=arguments.last_day,
            sessions=within[:_MAX_SESSIONS],
            before=sessions[0] if sessions and not within else None,
            is_cut=len(within) > _MAX_SESSIONS,
        )
        may_log = not within and arguments.first_day <= toolbox.today
        actions = (LogWorkout(kind="log_workout"),) if may_log else ()
        return ToolAnswer(found.model_dump(mode="json"), tuple(_receipts(found, toolbox.asker)), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if not found.sessions:
            return _nothing(found, language)
        if found.is_one_day:
            return "\n\n".join(_whole(session, found, language) for session in found.sessions)
        title = say(
            "log.newest" if found.is_cut else "log.period",
            language,
            n=len(found.sessions),
            period=_period(found, language),
        )
        lines = [_short(session, found, language) for session in found.sessions]
        return "\n".join([capitalized(title), *lines])


def _nothing(found: _Found, language: Language) -> str:
    key = "log.ahead" if found.first_day > found.today else "log.none"
    parts = [capitalized(say(key, language, period=_period(found, language)))]
    if found.before is not None and key == "log.none":
        on = day(found.before.on, language, found.today)
        parts.append(say("log.before", language, day=on, names=_names(found.before, language)))
    return " ".join(parts)


def _whole(session: DoneSession, found: _Found, language: Language) -> str:
    key = ("log.session" if session.name else "log.unnamed") + ("_timed" if session.seconds else "")
    on, time = day(session.on, language, found.today), duration(session.seconds or 0, language)
    title = say(key, language, day=on, name=session.name or "", time=time)
    lines = [
        say("session.line", language, exercise=exercise.name, sets=words_of(exercise.sets, language))
        for exercise in session.exercises
    ]
    return "\n".join([capitalized(title), *lines])


def _short(session: DoneSession, found: _Found, language: Language) -> str:
    return say("log.line", language, day=day(session.on, language, found.today), names=_names(session, language))


def _names(session: DoneSession, language: Language) -> str:
    return listed(list(dict.fromkeys(exercise.name for exercise in session.exercises)), language)


def _period(found: _Found, language: Language) -> str:
    return period(found.first_day, found.last_day, language, found.today)


def _receipts(found: _Found, asker: Asker) -> Iterator[Receipt]:
    language = asker.language
    is_ahead = found.first_day > found.today
    told = found.sessions or [session for session in [found.before] if session is not None and not is_ahead]
    for session in told:
        values = [day(session.on, language, found.today)]
        if found.sessions and found.is_one_day:
            values += [words_of(exercise.sets, language) for exercise in session.exercises]
            values += [duration(session.seconds, language)] if session.seconds else []
        yield from (
            Receipt(
                EvidenceKind.WORKOUT, session.workout_id, value, session.name or day(session.on, language, found.today)
            )
            for value in values
        )
    if not (found.sessions and found.is_one_day):
        # The days that were asked for, and how many sessions there were in them.
        count = [number(len(found.sessions), language)] if found.sessions else []
        asked = [*period_dates(found.first_day, found.last_day, language, found.today), *count]
        yield from (Receipt(EvidenceKind.PROFILE, asker.id, value, _period(found, language)) for value in asked)
