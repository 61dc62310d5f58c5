"""What is next in the active plan: the session with its targets."""

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import number, weekday
from src.chat.schemas import GeneratePlan, StartWorkout
from src.chat.tools.sessions import Session
from src.chat.tools.tool import NoArguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.errors import NotFound
from src.language.language import Language
from src.vocabulary import EvidenceKind
from src.workouts.next import next_workout


class _Found(BaseModel):
    session: Session | None
    is_today: bool = False
    trained_today: bool = False


class NextSession(Tool[NoArguments]):
    """The next day of the active plan, whatever weekday it is."""

    name = "next_session"
    description = (
        "The person's next training session by their active plan, with the sets, repetitions and loads to aim for. For "
        "'what do I train today', 'what is next', 'my next workout'. `session` is null without an active plan."
    )
    Arguments = NoArguments

    async def call(self, _: NoArguments, toolbox: Toolbox, /) -> ToolAnswer:
        try:
            workout = next_workout(await toolbox.sources.workouts.next())
        except NotFound:
            return ToolAnswer(
                _Found(session=None).model_dump(mode="json"), actions=(GeneratePlan(kind="generate_plan"),)
            )
        asker = toolbox.asker
        session = Session.of(workout, asker)
        found = _Found(
            session=session,
            is_today=session.weekday == asker.today.isoweekday(),
            trained_today=asker.last_trained_on == asker.today,
        )
        week = Receipt(EvidenceKind.PLAN, session.plan_id, number(session.week, asker.language), session.plan)
        return ToolAnswer(
            found.model_dump(mode="json"),
            (*session.receipts(asker.language), *([week] if session.is_deload else ())),
            (StartWorkout(kind="start_workout", plan_id=session.plan_id, plan_day=session.day_number),),
        )

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        session = found.session
        if session is None:
            return say("session.no_plan", language)
        intro = say(_intro(found), language, plan=session.plan, day=session.name, weekday=_weekday(session, language))
        parts = [say("session.trained_today", language)] * found.trained_today + [intro]
        parts += [say("session.deload", language, week=session.week)] * session.is_deload
        return f"{' '.join(parts)}\n{session.lines(language)}"


def _intro(found: _Found) -> str:
    if found.is_today and not found.trained_today:
        return "session.today"
    return "session.next" if found.session is None or found.session.weekday is None else "session.next_on"


def _weekday(session: Session, language: Language) -> str:
    return "" if session.weekday is None else weekday(session.weekday, language)
