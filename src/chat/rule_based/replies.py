"""The companion without a model: it says what it finds in the memories, the plan and the sets, and nothing else."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from src.chat.context import Context
from src.chat.reply import NewMemory, OfferedAction, Reply
from src.chat.rule_based import offers
from src.chat.rule_based.intents import Intent, find_intent, is_greeting, is_question
from src.chat.rule_based.wording import cut, listed
from src.chat.state import SetState
from src.language.language import detect_language
from src.memories.learning.hearing import hear
from src.memories.schemas import MatchedMemory
from src.vocabulary import CompanionMood, MemoryKind

# Below this a recalled memory has little to do with a question; fitted to bench/memories.tsv.
_MIN_SIMILARITY: Final = 0.22
_MAX_SHOWN_MEMORIES: Final = 5
_MAX_NEW_MEMORIES: Final = 5
_MAX_NEXT_WORKOUT_CHARACTERS: Final = 3000  # an injury may come after it


def compose_reply(context: Context) -> Reply:
    """A reply by rules: the first that has something to say."""
    new_memories = _heard(context)
    if new_memories:
        return _acknowledge(context, new_memories)
    intent = find_intent(context.message)
    if intent is not None:
        return _REPLIES[intent](context)
    near = [memory for memory in context.memories if memory.similarity >= _MIN_SIMILARITY]
    if near and is_question(context.message):
        return _recall(context, near[0])
    return _small_talk(context)


def _heard(context: Context) -> list[NewMemory]:
    refs = {
        memory.id: ref for memory, ref in zip(context.memories, map("m{}".format, itertools.count(1)), strict=False)
    }
    heard = hear(context.message, context.memories, detect_language(context.message))
    return [
        NewMemory(
            kind=statement.kind,
            content=statement.content,
            quote=statement.quote,
            salience=statement.salience,
            replaces=refs[statement.replaces] if statement.replaces else None,
        )
        for statement in heard.statements[:_MAX_NEW_MEMORIES]
    ]


def _acknowledge(context: Context, new_memories: list[NewMemory]) -> Reply:
    """Says what was understood, not that it is kept: that is decided later, and the answer names what was learned."""
    kinds = {memory.kind for memory in new_memories}
    text = "Thank you for telling me: " + " ".join(f"“{memory.content}”" for memory in new_memories)
    refs = context.refs()
    replaced_refs = [memory.replaces for memory in new_memories if memory.replaces]
    replaced = [memory for memory in context.memories if refs[memory.id] in replaced_refs]
    mood = CompanionMood.ENCOURAGING if MemoryKind.GOAL in kinds else CompanionMood.WARM
    if MemoryKind.INJURY in kinds:
        text += " Leave out what hurts, and have it looked at if it stays or gets worse."
        mood, replaced = CompanionMood.CONCERNED, []
    if replaced:
        text += f" Before, you had told me: “{replaced[0].content}”"
    if not context.state.memory_enabled:
        return Reply(reply=f"{text} Memory is off, so I will not remember it.", mood=mood)
    return Reply(reply=text, mood=mood, memories=new_memories, used=[refs[memory.id] for memory in replaced])


def _what_is_remembered(context: Context) -> Reply:
    if not context.memories:
        return Reply(
            reply="Nothing yet that you told me. Tell me what I should keep in mind.", mood=CompanionMood.NEUTRAL
        )
    shown = context.memories[:_MAX_SHOWN_MEMORIES]
    text = "This is what you told me: " + " ".join(f"“{memory.content}”" for memory in shown)
    refs = context.refs()
    action = OfferedAction(kind="review_memories")
    return Reply(reply=text, mood=CompanionMood.WARM, used=[refs[memory.id] for memory in shown], actions=[action])


def _what_is_next(context: Context) -> Reply:
    plan = context.state.plan
    if plan is None:
        return Reply(reply="You have no active plan, so I do not know what is next. Activate one, and I will tell you.")
    day = plan.days[plan.next_day]
    text = cut(f"Next in {plan.name} is {day.name}: {listed(day.exercises)}.", _MAX_NEXT_WORKOUT_CHARACTERS)
    used = ["p"]
    injuries = [memory for memory in context.memories if memory.kind is MemoryKind.INJURY]
    if injuries:
        text += f" Mind what you told me: “{injuries[0].content}” Leave out what hurts."
        used.append(context.refs()[injuries[0].id])
    action = OfferedAction(kind="start_workout", day=plan.next_day)
    return Reply(reply=text, mood=CompanionMood.ENCOURAGING, used=used, actions=[action])


def _how_it_went(context: Context) -> Reply:
    sessions = [session for session in context.state.sessions if session.sets]
    if not sessions:
        return Reply(
            reply="I have seen no sets of yours yet. Log a session, and I can tell you.",
            actions=[OfferedAction(kind="log_workout")],
        )
    last = sessions[0]
    best = _heaviest(last.sets)
    text = f"Your last session was on {last.date}. The heaviest set: {best.text}."
    records = sorted({record.exercise_name for record in last.records})
    if records:
        text += f" It set records in {listed(records)}."
    mood = CompanionMood.PROUD if records else CompanionMood.WARM
    return Reply(reply=cut(text), mood=mood, used=[context.refs()[best.id]])


def _heaviest(sets: Sequence[SetState]) -> SetState:
    return max(sets, key=lambda done: (done.weight_kg or 0, done.reps or 0, done.distance_m or 0))


def _recall(context: Context, memory: MatchedMemory) -> Reply:
    text = f"You told me on {context.local_date(memory.created_at)}: “{memory.content}”"
    return Reply(reply=text, mood=CompanionMood.WARM, used=[context.refs()[memory.id]])


def _congratulate(_: Context) -> Reply:
    return Reply(
        reply="Nice work. Log it, so that it counts: then I can see your sets and what comes next.",
        mood=CompanionMood.PROUD,
        actions=[OfferedAction(kind="log_workout")],
    )


def _small_talk(context: Context) -> Reply:
    name = context.state.profile.name
    hello = f"Hi{f' {name}' if name else ''}! " if is_greeting(context.message) else ""
    if is_question(context.message):
        text = "I do not know that. Ask me what is next, how your last session went, or what I remember of you."
    elif context.state.sessions:
        last = context.state.sessions[0].date
        text = f"I am here. Your last session was on {last}. Ask me what is next, or tell me how it went."
    else:
        text = "I am here. Tell me about your training, or what I should keep in mind."
    return Reply(reply=f"{hello}{text}", mood=CompanionMood.WARM if hello else CompanionMood.NEUTRAL)


_REPLIES: Final[Mapping[Intent, Callable[[Context], Reply]]] = {
    Intent.ACCEPT_PROPOSAL: offers.accept_proposal,
    Intent.SWAP_MEAL: offers.swap_meal,
    Intent.MAKE_MEAL_PLAN: offers.make_meal_plan,
    Intent.ADAPT_PLAN: offers.adapt_plan,
    Intent.MAKE_PLAN: offers.make_plan,
    Intent.WHAT_IS_REMEMBERED: _what_is_remembered,
    Intent.WHAT_IS_NEXT: _what_is_next,
    Intent.HOW_IT_WENT: _how_it_went,
    Intent.JUST_TRAINED: _congratulate,
}
