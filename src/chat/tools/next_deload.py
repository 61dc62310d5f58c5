"""When the plan has less in it: the next deload week."""

from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import day, number
from src.chat.schemas import Action, AdaptPlan, GeneratePlan
from src.chat.tools.tool import NoArguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.errors import NotFound
from src.language.language import Language
from src.training.history import FollowedPlan
from src.vocabulary import EvidenceKind
from src.workouts.next_state import NextWorkoutState

_WEEK = timedelta(days=7)


class Deload(BaseModel):
    """A deload week. Both days are null until the first workout, which begins the plan's first week."""

    week: int
    first_on: date | None
    last_on: date | None


class _Found(BaseModel):
    today: date
    plan: str | None
    now: Deload | None = None
    next: Deload | None = None
    had_some: bool = False


class NextDeload(Tool[NoArguments]):
    """Deload weeks of the active plan."""

    name = "next_deload"
    description = (
        "When the active plan has its next deload (lighter, recovery) week, and whether one runs now. For 'when is my "
        "next deload', 'do I have an easy week soon'. `plan` is null without an active plan; `next` where "
        "none is planned."
    )
    Arguments = NoArguments

    async def call(self, _: NoArguments, toolbox: Toolbox, /) -> ToolAnswer:
        try:
            state = await toolbox.sources.workouts.next()
        except NotFound:
            nothing = _Found(today=toolbox.today, plan=None)
            return ToolAnswer(nothing.model_dump(mode="json"), actions=(GeneratePlan(kind="generate_plan"),))
        found = _find(state)
        actions: tuple[Action, ...] = ()
        if found.next is None and found.now is None:
            actions = (AdaptPlan(kind="adapt_plan", plan_id=state.plan_id),)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, state.plan_id, toolbox.language), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.plan is None:
            return say("deload.no_plan", language)
        if found.now is None and found.next is None:
            return say("deload.over" if found.had_some else "deload.none", language, plan=found.plan)
        parts = []
        if found.now is not None:
            until = _day(found.now.last_on, found.today, language)
            parts.append(say("deload.now", language, plan=found.plan, week=found.now.week, day=until))
        if found.next is not None:
            key = "deload.not_begun" if found.next.first_on is None else "deload.next"
            key = "deload.after" if found.now is not None else key
            on = _day(found.next.first_on, found.today, language)
            parts.append(say(key, language, plan=found.plan, week=found.next.week, day=on))
        return " ".join(parts)


def _find(state: NextWorkoutState) -> _Found:
    week = state.plan.week_of(state.today)
    ahead = sorted(number for number in state.deload_weeks if number > week)
    return _Found(
        today=state.today,
        plan=state.plan_name,
        now=_deload(week, state.plan) if week in state.deload_weeks else None,
        next=_deload(ahead[0], state.plan) if ahead else None,
        had_some=bool(state.deload_weeks),
    )


def _deload(week: int, plan: FollowedPlan) -> Deload:
    first_on = None if plan.first_on is None else plan.first_on + (week - 1) * _WEEK
    return Deload(week=week, first_on=first_on, last_on=first_on and first_on + timedelta(days=6))


def _receipts(found: _Found, plan_id: UUID, language: Language) -> tuple[Receipt, ...]:
    receipts = []
    for deload, on in ((found.now, found.now and found.now.last_on), (found.next, found.next and found.next.first_on)):
        if deload is not None:
            values = [number(deload.week, language)] + ([day(on, language, found.today)] if on else [])
            receipts += [Receipt(EvidenceKind.PLAN, plan_id, value, found.plan or "") for value in values]
    return tuple(receipts)


def _day(on: date | None, today: date, language: Language) -> str:
    return "" if on is None else day(on, language, today)
