"""How an exercise has come along: its best set of a session, then and now."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day
from src.chat.schemas import LogWorkout
from src.chat.tools.exercise_names import find_exercise, say_unknown, unknown_exercise
from src.chat.tools.measures import Measured, measure_of, measured, value_at
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Asker, Toolbox
from src.language.language import Language
from src.stats.schemas import ExercisePoint, HistoryQuery
from src.vocabulary import EvidenceKind, RecordKind

_USUAL_DAYS = 84
"""How far back to look unless asked: a training cycle."""
_MAX_SESSIONS = 1000


class ProgressArguments(Arguments):
    exercise: str = Field(max_length=100, description="Name of the exercise, as the person says it.")
    since: date | None = Field(None, description="Compare with then; by default twelve weeks ago.")


class Point(BaseModel):
    """The best set of a session."""

    workout_id: UUID
    on: date
    best: Measured


class _Found(BaseModel):
    today: date
    exercise: str
    sessions: int
    then: Point | None = None
    now: Point | None = None
    best: Point | None = None
    difference: Measured | None = None


class ExerciseProgress(Tool[ProgressArguments]):
    """An exercise then and now."""

    name = "exercise_progress"
    description = (
        "How the person's strength (or endurance) in one exercise has changed: the estimated one-repetition maximum, "
        "or for other kinds the repetitions, time, distance or help, then and now with dates, and the best. For "
        "'how is my bench going', 'am I getting stronger'."
    )
    Arguments = ProgressArguments

    async def call(self, arguments: ProgressArguments, toolbox: Toolbox, /) -> ToolAnswer:
        exercise = await find_exercise(arguments.exercise, toolbox)
        if exercise is None:
            return unknown_exercise(arguments.exercise)
        history = await toolbox.sources.stats.exercise(exercise.id, HistoryQuery(limit=_MAX_SESSIONS))
        found = _compare(exercise.name, history.points, arguments.since, toolbox.asker)
        actions = (LogWorkout(kind="log_workout"),) if found.now is None else ()
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, exercise.id, toolbox.language), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        if unknown := say_unknown(answer, language):
            return unknown
        found = _Found.model_validate(answer.data)
        if found.now is None:
            return say("progress.never", language, exercise=found.exercise)
        now = {"value": found.now.best.words(language), "day": day(found.now.on, language, found.today)}
        what = say(f"progress.what_{found.now.best.measure.value}", language)
        if found.then is None or found.difference is None:
            return say("progress.once", language, exercise=found.exercise, what=what, **now)
        then = {"before": found.then.best.words(language), "before_day": day(found.then.on, language, found.today)}
        text = say("progress.compared", language, exercise=found.exercise, what=what, **then, **now)
        return " ".join([text, _change(found.difference, language), *_best(found, language)])


def _compare(name: str, points: Sequence[ExercisePoint], since: date | None, asker: Asker) -> _Found:
    found = _Found(today=asker.today, exercise=name, sessions=len(points))
    if not points:
        return found
    measure = measure_of(points)
    sessions = [
        Point(workout_id=point.workout_id, on=point.date, best=measured(measure, value, asker))
        for point in points
        if (value := value_at(point, measure)) is not None
    ]
    first_day = since or asker.today - timedelta(days=_USUAL_DAYS)
    # Of a period with one session there is nothing to compare, so that everything before is taken too.
    recent = [session for session in sessions if session.on >= first_day]
    then, now = (recent if len(recent) > 1 else sessions)[0], sessions[-1]
    best_of = min if measure is RecordKind.LEAST_ASSIST else max
    best = best_of(reversed(sessions), key=lambda session: session.best.in_base_unit)
    compared = {"then": then, "difference": now.best.minus(then.best)} if then is not now else {}
    return found.model_copy(update={"now": now, "best": best, **compared})


def _receipts(found: _Found, exercise_id: UUID, language: Language) -> tuple[Receipt, ...]:
    receipts = [
        Receipt(EvidenceKind.WORKOUT, point.workout_id, value, found.exercise)
        for point in _told(found)
        for value in (point.best.words(language), day(point.on, language, found.today))
    ]
    if found.difference is not None and found.difference.value:
        receipts.append(
            Receipt(EvidenceKind.EXERCISE, exercise_id, found.difference.size.words(language), found.exercise)
        )
    return tuple(receipts)


def _told(found: _Found) -> list[Point]:
    """The sessions that the answer names, each once."""
    points = [point for point in (found.then, found.now, found.best) if point is not None]
    return list({point.workout_id: point for point in points}.values())


def _change(difference: Measured, language: Language) -> str:
    if not difference.value:
        return say("progress.same", language)
    way = "less" if difference.value < 0 else "more"
    of_what = {RecordKind.LEAST_ASSIST: "_help", RecordKind.MOST_REPS: "_reps"}.get(difference.measure, "")
    size = difference.size
    return say(f"progress.{way}{of_what}", language, n=size.value, difference=size.words(language))


def _best(found: _Found, language: Language) -> list[str]:
    if found.best is None or found.now is None or found.best.best == found.now.best:
        return [say("progress.now_best", language)]
    on = day(found.best.on, language, found.today)
    return [say("progress.best", language, value=found.best.best.words(language), day=on)]
