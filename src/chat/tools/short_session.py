"""Today's session in fewer minutes: what to do of it, and what to leave out."""

import math

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import listed, number
from src.chat.schemas import GeneratePlan, StartWorkout
from src.chat.tools.sessions import Session
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.errors import NotFound
from src.language.language import Language
from src.training.shorten import KeptExercise, shorten
from src.vocabulary import EvidenceKind
from src.workouts.next import NextWorkout, TargetExercise, next_workout


class ShortArguments(Arguments):
    minutes: int = Field(ge=5, le=180, description="How long the person has.")


class _Found(BaseModel):
    """`takes_minutes`: an estimate with warm-up and rests. `fewer_sets`: exercises that are kept with less of them."""

    minutes: int
    session: Session | None
    takes_minutes: int = 0
    fewer_sets: list[str] = []
    left_out: list[str] = []


class ShortSession(Tool[ShortArguments]):
    """The next session, shortened."""

    name = "short_session"
    description = (
        "The next session of the active plan shortened to the minutes that the person has: main lifts first, with "
        "targets, how long it takes, and what is left out. For 'I have only 20 minutes today'. `session` is "
        "null without a plan."
    )
    Arguments = ShortArguments

    async def call(self, arguments: ShortArguments, toolbox: Toolbox, /) -> ToolAnswer:
        minutes = arguments.minutes
        try:
            state = await toolbox.sources.workouts.next()
        except NotFound:
            nothing = _Found(minutes=minutes, session=None)
            return ToolAnswer(nothing.model_dump(mode="json"), (), (GeneratePlan(kind="generate_plan"),))
        whole = Session.of(next_workout(state), state, toolbox.asker)
        names = [exercise.name for exercise in whole.exercises]
        short = shorten(state.content, state.exercises, minutes)
        session = Session.of(_only(next_workout(state), short.kept), state, toolbox.asker)
        found = _Found(
            minutes=minutes,
            session=session,
            takes_minutes=math.ceil(short.seconds / 60),
            fewer_sets=[names[kept.place] for kept in short.kept if not kept.is_whole],
            left_out=[names[place] for place in short.left_out],
        )
        action = StartWorkout(kind="start_workout", plan_id=session.plan_id, plan_day=session.day_number)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, session, toolbox.language), (action,))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        session = found.session
        if session is None:
            return say("session.no_plan", language)
        is_whole = not (found.left_out or found.fewer_sets)
        key = "short.whole" if is_whole else "short.main_first"
        if found.takes_minutes > found.minutes:
            key = "short.too_short"
        title = say(key, language, day=session.name, minutes=found.minutes, takes=found.takes_minutes)
        parts = [f"{title}\n{session.lines(language)}"]
        if found.fewer_sets:
            parts.append(say("short.fewer_sets", language, exercises=listed(found.fewer_sets, language)))
        if found.left_out:
            parts.append(say("short.left_out", language, exercises=listed(found.left_out, language)))
        return "\n".join(parts)


def _only(workout: NextWorkout, kept: tuple[KeptExercise, ...]) -> NextWorkout:
    return workout.model_copy(
        update={"exercises": [_with_sets(workout.exercises[exercise.place], exercise) for exercise in kept]}
    )


def _with_sets(exercise: TargetExercise, kept: KeptExercise) -> TargetExercise:
    sets = [exercise.sets[place] for place in kept.sets]
    return exercise.model_copy(update={"sets": sets, "rest_seconds": kept.rest_seconds})


def _receipts(found: _Found, session: Session, language: Language) -> tuple[Receipt, ...]:
    counts = [number(count, language) for count in (found.minutes, found.takes_minutes)]
    minutes = [Receipt(EvidenceKind.PLAN, session.plan_id, count, session.name) for count in dict.fromkeys(counts)]
    return (*session.receipts(language), *minutes)
