"""All training in numbers: totals, this week, and the streak of weeks."""

from datetime import date

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import day, duration, number
from src.chat.schemas import LogWorkout
from src.chat.tools.tool import NoArguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.chat.tools.values import Quantity, weight
from src.language.language import Language
from src.vocabulary import EvidenceKind


class _Found(BaseModel):
    today: date
    sessions: int
    sets: int
    volume: Quantity
    seconds: int
    first_on: date | None
    sessions_this_week: int
    days_this_week: int
    target_days: int | None
    streak_weeks: int
    longest_streak_weeks: int


class TrainingSummary(Tool[NoArguments]):
    """Totals, this week, and the streak."""

    name = "training_summary"
    description = (
        "All of the person's training in numbers: sessions, sets, volume and time so far, this week against their "
        "target of days, and how many weeks in a row they reached it (streak). For 'my training in numbers', "
        "'what is my streak'."
    )
    Arguments = NoArguments

    async def call(self, _: NoArguments, toolbox: Toolbox, /) -> ToolAnswer:
        summary = await toolbox.sources.stats.summary()
        week, streak = summary.this_week, summary.streak
        found = _Found(
            today=toolbox.today,
            sessions=summary.workouts,
            sets=summary.sets,
            volume=weight(summary.volume_kg, toolbox.asker.weight_unit, 0),
            seconds=summary.duration_seconds,
            first_on=summary.first_on,
            sessions_this_week=week.workouts,
            days_this_week=week.days,
            target_days=week.target_days,
            streak_weeks=streak.current_weeks,
            longest_streak_weeks=streak.longest_weeks,
        )
        actions = () if found.sessions else (LogWorkout(kind="log_workout"),)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.asker), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if not found.sessions:
            return say("summary.none", language)
        return " ".join([_so_far(found, language), _this_week(found, language), _streak(found, language)])


def _so_far(found: _Found, language: Language) -> str:
    since = day(found.first_on or found.today, language, found.today)
    sessions = say("words.sessions", language, n=found.sessions)
    sets = say("words.sets", language, n=found.sets)
    key = "summary.so_far" if found.seconds else "summary.so_far_without_time"
    time = duration(found.seconds, language)
    volume = found.volume.words(language, 0)
    return say(key, language, since=since, sessions=sessions, sets=sets, volume=volume, time=time)


def _this_week(found: _Found, language: Language) -> str:
    if found.target_days is None:
        return say("summary.week", language, sessions=say("words.sessions", language, n=found.sessions_this_week))
    return say("summary.week_of_target", language, done=found.days_this_week, n=found.target_days)


def _streak(found: _Found, language: Language) -> str:
    longest = say("words.weeks", language, n=found.longest_streak_weeks)
    if not found.streak_weeks:
        key = "summary.no_streak" if found.longest_streak_weeks else "summary.never_streak"
        return say(key, language, longest=longest)
    weeks = say("words.weeks", language, n=found.streak_weeks)
    if found.streak_weeks == found.longest_streak_weeks:
        return say("summary.longest_streak", language, weeks=weeks)
    return say("summary.streak", language, weeks=weeks, longest=longest)


def _receipts(found: _Found, asker: Asker) -> tuple[Receipt, ...]:
    language = asker.language
    if not found.sessions:
        return ()
    week = [found.sessions_this_week] if found.target_days is None else [found.days_this_week, found.target_days]
    streaks = [weeks for weeks in (found.streak_weeks, found.longest_streak_weeks) if weeks]
    counts = [found.sessions, found.sets, *week, *streaks]
    values = [number(count, language) for count in counts] + [found.volume.words(language, 0)]
    values += [duration(found.seconds, language)] if found.seconds else []
    values.append(day(found.first_on or found.today, language, found.today))
    return tuple(
        Receipt(EvidenceKind.PROFILE, asker.id, value, say("summary.title", language))
        for value in dict.fromkeys(values)
    )
