"""The companion without a model: it says what it finds in the memories, the plan and the sets, and nothing else."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from src.chat.context import Context
from src.chat.learning import memories_in
from src.chat.reply import NewMemory, OfferedAction, Reply
from src.vocabulary import CompanionMood, MemoryKind

_ASKS_WHAT_IS_NEXT = re.compile(
    r"\b(what|which)\b.*\b(today|next|tomorrow|now)\b|\bnext (workout|session|day)\b|\bwhat should i (do|train)\b"
    r"|\b(start|begin)\b.*\b(workout|session|training)\b|\bready to (train|go|lift)\b",
    re.IGNORECASE,
)
_ASKS_HOW_IT_WENT = re.compile(
    r"\bhow\b.*\b(doing|going|did i|was my|am i|progress)|\bprogress\b|\brecords?\b|\bstronger\b"
    r"|\b(last|latest|recent|previous) (workout|session|time)\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS_KNOWN = re.compile(
    r"\bwhat do you (know|remember)\b|\bdo you remember\b|\bremember (about )?me\b|\bknow about me\b", re.IGNORECASE
)
_LOGGED = re.compile(r"\b(just|today i|i) (finished|did|done|completed|trained|lifted|ran)\b", re.IGNORECASE)
_WANTS_MEALS = re.compile(
    r"\b(make|create|generate|build|write|give|plan|need|want)\b.*\b(meal|meals|diet|food|nutrition|eating)\b",
    re.IGNORECASE,
)
_WANTS_A_PLAN = re.compile(
    r"\b(make|create|generate|build|write|give|need|want)\b.*\b(plan|program|programme|routine)\b", re.IGNORECASE
)
_WANTS_IT_ADAPTED = re.compile(
    r"\b(adapt|adjust)\b.*\b(plan|program|programme|routine|training|it)\b"
    r"|\b(change|update|rework)\b.*\b(plan|program|programme|routine)\b"
    r"|\b(plan|program|programme|routine)\b.*\btoo (hard|easy|much|long|short)\b",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(
    r"\b(accept|agree|approve|apply|take)\b.*\b(proposal|proposed|changes?|suggestions?)\b", re.IGNORECASE
)
_WANTS_ANOTHER_MEAL = re.compile(
    r"\b(swap|replace|change|switch|exchange|something else|instead of|don.?t like)\b"
    r".*\b(meal|breakfast|lunch|dinner|snack)\b",
    re.IGNORECASE,
)
_SLOT = re.compile(r"\b(breakfast|lunch|dinner|snack)\b", re.IGNORECASE)
_GREETS = re.compile(r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo)\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"\?|^\W*(what|when|which|who|where|why|how|do|did|does|am|is|are|can|could|should)\b", re.IGNORECASE
)

Offer = Literal["generate_plan", "generate_meal_plan", "adapt_plan", "accept_proposal"]

# Below this a recalled memory has little to do with a question; fitted to bench/memories.tsv.
_NEAR = 0.22
_MOST_NAMES = 10


def compose(context: Context) -> Reply:
    """A reply by rules: the first that has something to say."""
    learned = memories_in(context.message, context.memories)
    if learned:
        return _acknowledge(context, learned)
    for asks, answer in _ANSWERS:
        if asks.search(context.message):
            return answer(context)
    near = [row for row in context.memories if (row.get("similarity") or 0) >= _NEAR]
    if near and _QUESTION.search(context.message):
        return _recall(context, near[0])
    return _small_talk(context)


def _acknowledge(context: Context, learned: list[NewMemory]) -> Reply:
    """Says what was understood, not that it is kept: that is decided later, and the answer names what was learned."""
    kinds = {memory.kind for memory in learned}
    text = "Thank you for telling me: " + " ".join(f"“{memory.content}”" for memory in learned)
    refs = context.refs()
    replaced = [memory.replaces for memory in learned if memory.replaces]
    before = [row for row in context.memories if refs[row["id"]] in replaced]
    mood = CompanionMood.ENCOURAGING if MemoryKind.GOAL in kinds else CompanionMood.WARM
    if MemoryKind.INJURY in kinds:
        text += " Leave out what hurts, and have it looked at if it stays or gets worse."
        mood, before = CompanionMood.CONCERNED, []
    if before:
        text += f" Before, you had told me: “{before[0]['content']}”"
    if not context.state["memory_enabled"]:
        return Reply(reply=f"{text} Memory is off, so I will not remember it.", mood=mood)
    return Reply(reply=text, mood=mood, memories=learned, used=[refs[row["id"]] for row in before])


def _what_is_known(context: Context) -> Reply:
    if not context.memories:
        return Reply(
            reply="Nothing yet that you told me. Tell me what I should keep in mind.", mood=CompanionMood.NEUTRAL
        )
    shown = context.memories[:5]
    text = "This is what you told me: " + " ".join(f"“{row['content']}”" for row in shown)
    refs = context.refs()
    action = OfferedAction(kind="review_memories")
    return Reply(reply=text, mood=CompanionMood.WARM, used=[refs[row["id"]] for row in shown], actions=[action])


def _what_is_next(context: Context) -> Reply:
    plan = context.plan
    if plan is None:
        return Reply(reply="You have no active plan, so I do not know what is next. Activate one, and I will tell you.")
    day = plan["days"][plan["next_day"]]
    text = _cut(f"Next in {plan['name']} is {day['name']}: {_listed(day['exercises'] or [])}.", 3000)
    used = ["p"]
    injuries = [row for row in context.memories if row["kind"] == MemoryKind.INJURY]
    if injuries:
        text += f" Mind what you told me: “{injuries[0]['content']}” Leave out what hurts."
        used.append(context.refs()[injuries[0]["id"]])
    action = OfferedAction(kind="start_workout", day=plan["next_day"])
    return Reply(reply=text, mood=CompanionMood.ENCOURAGING, used=used, actions=[action])


def _how_it_went(context: Context) -> Reply:
    sessions = [session for session in context.sessions if session["sets"]]
    if not sessions:
        return Reply(
            reply="I have seen no sets of yours yet. Log a session, and I can tell you.",
            actions=[OfferedAction(kind="log_workout")],
        )
    last, refs = sessions[0], context.refs()
    best = _heaviest(last["sets"])
    text = f"Your last session was on {last['date']}. The heaviest set: {best['text']}."
    records = sorted({one["exercise_name"] for one in last["records"]})
    if records:
        text += f" It set records in {_listed(records)}."
    mood = CompanionMood.PROUD if records else CompanionMood.WARM
    return Reply(reply=_cut(text), mood=mood, used=[refs[best["id"]]])


def _listed(names: Sequence[str]) -> str:
    left = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {left} more" if left > 0 else "")


def _cut(text: str, most: int = 4000) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _heaviest(sets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return max(sets, key=lambda one: (one["weight_kg"] or 0, one["reps"] or 0, one["distance_m"] or 0))


def _recall(context: Context, memory: dict[str, Any]) -> Reply:
    text = f"You told me on {context.day_of(memory['created_at'])}: “{memory['content']}”"
    return Reply(reply=text, mood=CompanionMood.WARM, used=[context.refs()[memory["id"]]])


def _congratulate(_: Context) -> Reply:
    return Reply(
        reply="Nice work. Log it, so that it counts: then I can see your sets and what comes next.",
        mood=CompanionMood.PROUD,
        actions=[OfferedAction(kind="log_workout")],
    )


def _swap_meal(context: Context) -> Reply:
    plan = context.meal_plan
    if plan is None:
        return _offer(
            "You have no active meal plan, so there is no meal to swap. I can have one made for you.",
            "generate_meal_plan",
        )
    said = _SLOT.search(context.message)
    for day in sorted(plan["days"], key=lambda day: day["weekday"] != context.weekday):
        for meal in day["meals"]:
            if said is None or meal["slot"] == said[1].lower():
                action = OfferedAction(kind="swap_meal", day=day["day"], meal=meal["meal"])
                text = f"I can look for something else for {meal['slot']} on {day['name']}: {meal['name']}. Shall I?"
                return Reply(reply=text, mood=CompanionMood.WARM, actions=[action])
    return Reply(reply="I see no such meal in your meal plan. Tell me which one it is.")


def _make_meals(_: Context) -> Reply:
    return _offer(
        "I can have a meal plan made from your profile. It will be a draft for you to look at.", "generate_meal_plan"
    )


def _make_plan(_: Context) -> Reply:
    return _offer(
        "I can have a plan made from your profile. It will be a draft: look at it before you activate it.",
        "generate_plan",
    )


def _adapt(context: Context) -> Reply:
    if context.plan is None:
        return _offer("You have no active plan to adapt. I can have one made for you.", "generate_plan")
    if context.proposal is not None:
        return _propose(context)
    text = (
        f"I can have {context.plan['name']} adapted to what you logged. You will see each change and why, and decide."
    )
    return _offer(text, "adapt_plan", used=["p"])


def _propose(context: Context) -> Reply:
    if context.proposal is None:
        return Reply(reply="There is nothing proposed for your plan at the moment.")
    changes = " ".join(context.proposal["changes"][:3])
    return _offer(f"This is proposed for your plan: {changes} It is yours to accept.", "accept_proposal", used=["p"])


def _offer(text: str, kind: Offer, used: Sequence[str] = ()) -> Reply:
    return Reply(reply=_cut(text), mood=CompanionMood.ENCOURAGING, used=list(used), actions=[OfferedAction(kind=kind)])


_ANSWERS = (
    (_ACCEPTS, _propose),
    (_WANTS_ANOTHER_MEAL, _swap_meal),
    (_WANTS_MEALS, _make_meals),
    (_WANTS_IT_ADAPTED, _adapt),
    (_WANTS_A_PLAN, _make_plan),
    (_ASKS_WHAT_IS_KNOWN, _what_is_known),
    (_ASKS_WHAT_IS_NEXT, _what_is_next),
    (_ASKS_HOW_IT_WENT, _how_it_went),
    (_LOGGED, _congratulate),
)


def _small_talk(context: Context) -> Reply:
    name = context.state["profile"]["name"]
    hello = f"Hi{f' {name}' if name else ''}! " if _GREETS.search(context.message) else ""
    if _QUESTION.search(context.message):
        text = "I do not know that. Ask me what is next, how your last session went, or what I remember of you."
    elif context.sessions:
        last = context.sessions[0]["date"]
        text = f"I am here. Your last session was on {last}. Ask me what is next, or tell me how it went."
    else:
        text = "I am here. Tell me about your training, or what I should keep in mind."
    return Reply(reply=f"{hello}{text}", mood=CompanionMood.WARM if hello else CompanionMood.NEUTRAL)
