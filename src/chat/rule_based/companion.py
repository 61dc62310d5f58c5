"""The companion without a model: it acknowledges what it is told and answers by the tools, in the person's language."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from src.chat.composed import Composed
from src.chat.context import Context
from src.chat.intents.chooser import Choice, choose
from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.rule_based.acknowledgements import acknowledge
from src.chat.rule_based.general import general_answer, general_topic
from src.chat.rule_based.named import muscle_in
from src.chat.rule_based.offers import OFFERS
from src.chat.rule_based.part import Part, put_together
from src.chat.rule_based.questions import ASKED, Question, asks, asks_too, is_question
from src.chat.schemas import LogWorkout
from src.chat.tools.registry import TOOLS
from src.chat.tools.tool import Receipt
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import capitalized, word
from src.foods.usual_contents import usual_contents
from src.language.language import Language
from src.memories.learning.hearing import hear
from src.memories.learning.statements import Heard
from src.vocabulary import CompanionMood, EvidenceKind, FactField

# From here on a memory answers a question that no tool does. Of the sentence encoder; see bench companion.
_MIN_SIMILARITY: Final = 0.45
# And from here on where the question is clearly about what was told.
_MIN_SIMILARITY_ASKED: Final = 0.25
# Above it what seems to be told is a question.
_MIN_SCORE_TO_BE_ASKED: Final = 0.5
_GENERAL: Final = frozenset({"general", "outside", "may_i_eat"})


async def respond(context: Context, toolbox: Toolbox) -> Composed:
    """The reply to a message: what follows from what was told, and the answer to what was asked."""
    language = toolbox.language
    heard = hear(context.message, context.memories, language, today=toolbox.today)
    heard = await _without_minutes_of_today(await _without_questions(heard, context, toolbox), toolbox)
    toolbox.told = tuple(fact for statement in heard.statements for fact in statement.facts)
    parts = list(acknowledge(heard, context, language))
    asked = _without_statements(context.message, heard)
    if not parts:
        parts += await _answer(context.message, context, toolbox, is_alone=True)
    elif asks(asked):
        parts += await _answer(asked, context, toolbox, is_alone=False)
    return put_together(parts, heard.statements)


async def _without_minutes_of_today(heard: Heard, toolbox: Toolbox) -> Heard:
    """Without statements that are a wish for a short session: "I have only 20 minutes" is meant for today."""
    kept = []
    for statement in heard.statements:
        is_about_minutes = [fact.field for fact in statement.facts] == [FactField.SESSION_MINUTES]
        choice = await choose(statement.content, toolbox.language) if is_about_minutes else None
        if choice is None or choice.intent != "short_session":
            kept.append(statement)
    return replace(heard, statements=tuple(kept))


async def _without_questions(heard: Heard, context: Context, toolbox: Toolbox) -> Heard:
    """Without what was taken for a goal or a plan and is a question: "what goal have I set" without its mark."""
    only = heard.statements[0] if len(heard.statements) == 1 else None
    if only is None or only.quote != context.message.strip() or not is_question(only.quote):
        return heard
    if any(fact.field is not FactField.GOALS for fact in only.facts):
        return heard
    question = await Question.read(only.quote, only.quote, toolbox)
    choice = await choose(question.marked, toolbox.language)
    is_asked = choice is not None and choice.intent in ASKED and choice.score >= _MIN_SCORE_TO_BE_ASKED
    return replace(heard, statements=()) if is_asked else heard


def _without_statements(message: str, heard: Heard) -> str:
    for statement in heard.statements:
        # What is asked in the same breath is clear only with the rest: "My wrist hurts in push-ups, anything instead?"
        message = message.replace(statement.quote, statement.quote if asks_too(statement.quote) else " ")
    return message.strip()


async def _answer(asked: str, context: Context, toolbox: Toolbox, *, is_alone: bool) -> Sequence[Part]:
    question = await Question.read(asked, context.message, toolbox)
    choice = await choose(question.marked, toolbox.language)
    if choice is None and question.marked != asked:
        choice = await choose(asked, toolbox.language)  # what looked like a name may have been none
    if choice is not None and (topic := _general_topic(choice, question)):
        return [general_answer(topic, toolbox.language)]
    if choice is not None and choice.intent == "about_me" and question.names_body:
        choice = replace(choice, intent="recall")
    if choice is not None and choice.intent in ASKED:
        return [await _by_tool(choice, question, toolbox)]
    if choice is not None and choice.intent in OFFERS:
        return [OFFERS[choice.intent](context, toolbox.language)]
    if recalled := _recall(choice, asked, context, toolbox):
        return [recalled]
    return [_small_talk(choice, asked, context, toolbox.language)] if is_alone else []


def _general_topic(choice: Choice, question: Question) -> str | None:
    """What is asked in general; a food that is known is a question about the person's own diet."""
    is_food = choice.intent == "may_i_eat" and question.food is not None and usual_contents(question.food) is not None
    return general_topic(question.text) if choice.intent in _GENERAL and not is_food else None


async def _by_tool(choice: Choice, question: Question, toolbox: Toolbox) -> Part:
    tool = TOOLS[ASKED[choice.intent]]
    if tool.name == "training_log" and toolbox.asker.last_trained_on is None:
        return Part(say("talk.no_sessions", toolbox.language), actions=(LogWorkout(kind="log_workout"),))
    arguments = question.arguments(tool)
    if arguments is None and tool.name == "last_time":
        return await _last_session(question, toolbox)
    if arguments is None:
        missing = "talk.no_food" if "food" in tool.Arguments.model_fields else "talk.no_exercise"
        return Part(say(missing, toolbox.language))
    answer = await tool.call(arguments, toolbox)
    return Part(tool.say(answer, toolbox.language), CompanionMood.WARM, answer.receipts, answer.actions)


async def _last_session(question: Question, toolbox: Toolbox) -> Part:
    """Of a muscle that is named instead of an exercise; of any, where none is."""
    muscle = muscle_in(question.text)
    exercise = None if muscle is None else await toolbox.last_done_for(muscle)
    if muscle is not None and exercise is None:
        return Part(say("volume.none_of", toolbox.language, muscle=capitalized(word(muscle, toolbox.language))))
    answered = replace(question, exercise=exercise, period=None)
    return await _by_tool(Choice("training_on" if exercise is None else "last_time", 1.0), answered, toolbox)


def _recall(choice: Choice | None, asked: str, context: Context, toolbox: Toolbox) -> Part | None:
    """The memory that comes nearest to a question; None when none is near."""
    is_about_memories = choice is not None and choice.intent == "recall"
    least = _MIN_SIMILARITY_ASKED if is_about_memories else _MIN_SIMILARITY
    near = next((memory for memory in context.memories if memory.similarity >= least), None)
    if near is None or not is_question(asked):
        return Part(say("talk.not_told", toolbox.language)) if is_about_memories else None
    on = day_in_words(context.local_date(near.created_at), toolbox.language, toolbox.asker.today)
    text = say("talk.told_on", toolbox.language, day=on, quote=near.content)
    return Part(capitalized(text), CompanionMood.WARM, (Receipt(EvidenceKind.MEMORY, near.id, on, near.content),))


def _small_talk(choice: Choice | None, asked: str, context: Context, language: Language) -> Part:
    intent = None if choice is None else choice.intent
    if intent == "greeting":
        name = context.state.profile.name
        text = say("talk.hello_name", language, name=name) if name else say("talk.hello", language)
        return Part(text, CompanionMood.WARM)
    if intent == "thanks":
        return Part(say("talk.thanks", language), CompanionMood.WARM)
    if intent == "what_can_you_do":
        return Part(say("talk.can_do", language), CompanionMood.WARM)
    if intent == "outside":
        return Part(say("talk.outside", language))
    return Part(say("talk.unclear" if is_question(asked) else "talk.listening", language))
