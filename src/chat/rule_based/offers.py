"""Replies that offer something: a plan, its adaptation, another meal."""

from collections.abc import Sequence
from typing import Literal

from src.chat.context import Context
from src.chat.reply import OfferedAction, Reply
from src.chat.rule_based.intents import named_slot
from src.chat.rule_based.wording import cut
from src.vocabulary import CompanionMood

_Offer = Literal["generate_plan", "generate_meal_plan", "adapt_plan", "accept_proposal"]


def swap_meal(context: Context) -> Reply:
    """Offers another meal for the one that is named, or for today's first."""
    meal_plan = context.state.meal_plan
    if meal_plan is None:
        return _offer(
            "You have no active meal plan, so there is no meal to swap. I can have one made for you.",
            "generate_meal_plan",
        )
    slot = named_slot(context.message)
    for day in sorted(meal_plan.days, key=lambda day: day.weekday != context.weekday):
        for meal in day.meals:
            if slot is None or meal.slot == slot:
                action = OfferedAction(kind="swap_meal", day=day.day, meal=meal.meal)
                text = f"I can look for something else for {meal.slot} on {day.name}: {meal.name}. Shall I?"
                return Reply(reply=text, mood=CompanionMood.WARM, actions=[action])
    return Reply(reply="I see no such meal in your meal plan. Tell me which one it is.")


def make_meal_plan(_: Context) -> Reply:
    """Offers to have a meal plan made."""
    return _offer(
        "I can have a meal plan made from your profile. It will be a draft for you to look at.", "generate_meal_plan"
    )


def make_plan(_: Context) -> Reply:
    """Offers to have a workout plan made."""
    return _offer(
        "I can have a plan made from your profile. It will be a draft: look at it before you activate it.",
        "generate_plan",
    )


def adapt_plan(context: Context) -> Reply:
    """Offers to have the active plan adapted; what is proposed already comes first."""
    plan = context.state.plan
    if plan is None:
        return _offer("You have no active plan to adapt. I can have one made for you.", "generate_plan")
    if context.state.proposal is not None:
        return accept_proposal(context)
    text = f"I can have {plan.name} adapted to what you logged. You will see each change and why, and decide."
    return _offer(text, "adapt_plan", used=["p"])


def accept_proposal(context: Context) -> Reply:
    """Says what is proposed for the active plan, and offers to accept it."""
    proposal = context.state.proposal
    if proposal is None:
        return Reply(reply="There is nothing proposed for your plan at the moment.")
    changes = " ".join(proposal.changes[:3])
    return _offer(f"This is proposed for your plan: {changes} It is yours to accept.", "accept_proposal", used=["p"])


def _offer(text: str, kind: _Offer, used: Sequence[str] = ()) -> Reply:
    return Reply(reply=cut(text), mood=CompanionMood.ENCOURAGING, used=list(used), actions=[OfferedAction(kind=kind)])
