"""When an exercise was last done, and how."""

from datetime import date

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day
from src.chat.schemas import LogWorkout
from src.chat.tools.done import DoneSession
from src.chat.tools.exercise_names import find_exercise, say_unknown, unknown_exercise
from src.chat.tools.sets import words_of
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import days_ago
from src.language.language import Language
from src.vocabulary import EvidenceKind
from src.workouts.done import read_done


class ExerciseArguments(Arguments):
    exercise: str = Field(max_length=100, description="Name of the exercise, as the person says it.")


class _Found(BaseModel):
    today: date
    exercise: str
    session: DoneSession | None


class LastTime(Tool[ExerciseArguments]):
    """The newest session of an exercise."""

    name = "last_time"
    description = (
        "When the person last did one exercise, with the sets, repetitions and loads of that day. For 'when did I last "
        "squat', 'what weight did I use last time'. `session` is null when they never logged it."
    )
    Arguments = ExerciseArguments

    async def call(self, arguments: ExerciseArguments, toolbox: Toolbox, /) -> ToolAnswer:
        exercise = await find_exercise(arguments.exercise, toolbox)
        if exercise is None:
            return unknown_exercise(arguments.exercise)
        workouts = read_done(await toolbox.sources.workouts.last_with(exercise.id))
        session = next((DoneSession.of(workout, toolbox.asker) for workout in workouts), None)
        found = _Found(today=toolbox.today, exercise=exercise.name, session=session)
        actions = (LogWorkout(kind="log_workout"),) if session is None else ()
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.language), actions)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        if unknown := say_unknown(answer, language):
            return unknown
        found = _Found.model_validate(answer.data)
        if found.session is None:
            return say("progress.never", language, exercise=found.exercise)
        return say("last.time", language, exercise=found.exercise, **_values(found, found.session, language))


def _values(found: _Found, session: DoneSession, language: Language) -> dict[str, str]:
    sets = words_of([some for exercise in session.exercises for some in exercise.sets], language)
    on = day(session.on, language, found.today)
    return {"sets": sets, "day": on, "ago": days_ago(session.on, language, found.today)}


def _receipts(found: _Found, language: Language) -> tuple[Receipt, ...]:
    session = found.session
    if session is None:
        return ()
    values = _values(found, session, language).values()
    return tuple(Receipt(EvidenceKind.WORKOUT, session.workout_id, value, found.exercise) for value in values)
