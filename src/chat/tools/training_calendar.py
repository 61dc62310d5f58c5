"""How often the person trained in some days."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field, model_validator

from src.chat.phrases import say
from src.chat.phrases.formats import day, number
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.chat.tools.wording import capitalized, period, period_dates
from src.language.language import Language
from src.stats.schemas import DayRange
from src.vocabulary import EvidenceKind


class CalendarArguments(Arguments):
    first_day: date | None = Field(None, description="By default the first of this month.")
    last_day: date | None = Field(None, description="By default today.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError("first_day must not be after last_day")
        return self


class _Found(BaseModel):
    today: date
    first_day: date
    last_day: date
    sessions: int
    days: list[date]


class TrainingCalendar(Tool[CalendarArguments]):
    """Days with training."""

    name = "training_calendar"
    description = (
        "How often the person trained in a period, and on which days; by default this month so far. For 'how often did "
        "I train this month', 'how many workouts in October'. For what was done, ask training_log; for streaks, "
        "training_summary."
    )
    Arguments = CalendarArguments

    async def call(self, arguments: CalendarArguments, toolbox: Toolbox, /) -> ToolAnswer:
        last = min(arguments.last_day or toolbox.today, toolbox.today)
        first = min(arguments.first_day or last.replace(day=1), last)
        calendar = await toolbox.sources.stats.calendar(DayRange.between(first, last))
        found = _Found(
            today=toolbox.today,
            first_day=first,
            last_day=arguments.last_day or toolbox.today,
            sessions=sum(trained.workouts for trained in calendar.days),
            days=[trained.date for trained in calendar.days],
        )
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.asker))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        days = _period(found, language)
        if not found.sessions:
            return capitalized(say("calendar.none", language, period=days))
        counts = {
            "days": say("words.days", language, n=len(found.days)),
            "sessions": say("words.sessions", language, n=found.sessions),
        }
        text = capitalized(say("calendar.trained", language, period=days, **counts))
        return f"{text} {say('calendar.last', language, day=day(found.days[-1], language, found.today))}"


def _period(found: _Found, language: Language) -> str:
    return period(found.first_day, found.last_day, language, found.today)


def _receipts(found: _Found, asker: Asker) -> tuple[Receipt, ...]:
    language = asker.language
    values = period_dates(found.first_day, found.last_day, language, found.today)
    if found.sessions:
        values += [number(len(found.days), language), number(found.sessions, language)]
        values.append(day(found.days[-1], language, found.today))
    return tuple(Receipt(EvidenceKind.PROFILE, asker.id, value, _period(found, language)) for value in values)
