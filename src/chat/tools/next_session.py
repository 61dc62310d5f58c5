"""What to train: the session that is next in the active plan, or that of a day."""

from dataclasses import replace
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day, number, weekday
from src.chat.schemas import GeneratePlan, StartWorkout
from src.chat.state import PlanState
from src.chat.tools.sessions import Session
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import capitalized
from src.core.errors import NotFound
from src.language.language import Language
from src.vocabulary import EvidenceKind
from src.workouts.next import next_workout


class SessionArguments(Arguments):
    on: date | None = Field(None, description="A day from today on; null for whatever is next.")


class When(StrEnum):
    """How the session of the answer lies to the day that was asked for."""

    TODAY = "today"
    NEXT = "next"
    ON_DAY = "on_day"
    REST_TODAY = "rest_today"
    REST_ON_DAY = "rest_on_day"
    ANY_WEEKDAY = "any_weekday"


class _Found(BaseModel):
    """`on`: the day that was asked for. Where that is a day of rest, the session is the next one."""

    today: date
    on: date | None
    when: When = When.NEXT
    session: Session | None = None
    trained_today: bool = False


class NextSession(Tool[SessionArguments]):
    """The next day of the active plan, or the one of a weekday."""

    name = "next_session"
    description = (
        "The person's next training session by their active plan, or that of a day, with the sets, repetitions and "
        "loads to aim for. For 'what do I train today', 'what is next', 'what is on Friday'. `session` is null without "
        "an active plan; `when` says whether the day is one of rest."
    )
    Arguments = SessionArguments

    async def call(self, arguments: SessionArguments, toolbox: Toolbox, /) -> ToolAnswer:
        on, today = arguments.on, toolbox.today
        when, plan_day = _when(on, today, toolbox.state.plan)
        try:
            state = await toolbox.sources.workouts.next(plan_day)
        except NotFound:
            nothing = _Found(today=today, on=on)
            return ToolAnswer(nothing.model_dump(mode="json"), (), (GeneratePlan(kind="generate_plan"),))
        # On another day another week of the plan may run.
        state = replace(state, today=on) if on is not None and when is When.ON_DAY else state
        session = Session.of(next_workout(state), state, toolbox.asker)
        if when is When.NEXT and session.weekday == today.isoweekday():
            when = When.TODAY
        trained_today = toolbox.asker.last_trained_on == today
        found = _Found(today=today, on=on, when=when, session=session, trained_today=trained_today)
        action = StartWorkout(kind="start_workout", plan_id=session.plan_id, plan_day=session.day_number)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, session, toolbox.language), (action,))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        session = found.session
        if session is None:
            return say("session.no_plan", language)
        is_of_other_day = found.when in {When.ON_DAY, When.REST_ON_DAY}
        parts = [say("session.trained_today", language)] if found.trained_today and not is_of_other_day else []
        parts += [say("session.deload", language, week=session.week)] if session.is_deload else []
        parts.append(_intro(found, session, language))
        return capitalized(f"{' '.join(parts)}\n{session.lines(language)}")


def _when(on: date | None, today: date, plan: PlanState | None) -> tuple[When, int | None]:
    """How to answer for a day, and which day of the plan; None for the next."""
    weekdays = {} if plan is None else {planned.weekday: planned.day for planned in reversed(plan.days)}
    if on is None or on < today or weekdays.keys() <= {None}:
        return (When.NEXT if on is None or on <= today else When.ANY_WEEKDAY), None
    if on.isoweekday() not in weekdays:
        return (When.REST_TODAY if on == today else When.REST_ON_DAY), None
    # Today it is whatever comes next: after a session that was missed, that is another one.
    return (When.NEXT, None) if on == today else (When.ON_DAY, weekdays[on.isoweekday()])


def _intro(found: _Found, session: Session, language: Language) -> str:
    key = found.when.value
    if found.when is When.NEXT and session.weekday is not None:
        key = "next_on"
    if found.when is When.TODAY and found.trained_today:
        key = "next"
    on = "" if found.on is None else day(found.on, language, found.today)
    name = "" if session.weekday is None else weekday(session.weekday, language)
    return say(f"session.{key}", language, plan=session.plan, day=session.name, on=on, weekday=name)


def _receipts(found: _Found, session: Session, language: Language) -> tuple[Receipt, ...]:
    values = [number(session.week, language)] if session.is_deload else []
    if found.on is not None and found.when in {When.ON_DAY, When.REST_ON_DAY}:
        values.append(day(found.on, language, found.today))
    own = (Receipt(EvidenceKind.PLAN, session.plan_id, value, session.plan) for value in values)
    return (*session.receipts(language), *own)
