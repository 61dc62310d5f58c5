"""Parts that offer something: a plan, its adaptation, another meal."""

from collections.abc import Callable, Mapping
from typing import Final

from src.chat.context import Context
from src.chat.phrases import say
from src.chat.phrases.formats import weekday
from src.chat.rule_based.part import Part
from src.chat.schemas import AcceptProposal, AdaptPlan, GenerateMealPlan, GeneratePlan, LogWorkout, SwapMeal
from src.chat.state import MealState
from src.chat.tools.tool import Receipt
from src.language.language import Language
from src.language.meal_slots import named_slot
from src.language.phrase_finder import Found, PhraseFinder, finder
from src.vocabulary import CompanionMood, EvidenceKind, MealSlot

_MAX_CHANGES: Final = 3


def _make_plan(_: Context, language: Language) -> Part:
    return Part(
        say("talk.make_plan", language), CompanionMood.ENCOURAGING, actions=(GeneratePlan(kind="generate_plan"),)
    )


def _make_meal_plan(_: Context, language: Language) -> Part:
    text = say("talk.make_meal_plan", language)
    return Part(text, CompanionMood.ENCOURAGING, actions=(GenerateMealPlan(kind="generate_meal_plan"),))


def _adapt_plan(context: Context, language: Language) -> Part:
    """Offers to have the active plan adapted; what is proposed already comes first."""
    plan = context.state.plan
    if plan is None:
        return Part(say("talk.no_plan_to_adapt", language), actions=(GeneratePlan(kind="generate_plan"),))
    if context.state.proposal is not None:
        return _accept_proposal(context, language)
    evidence = (Receipt(EvidenceKind.PLAN, plan.id, plan.name, plan.name),)
    text = say("talk.adapt_plan", language, plan=plan.name)
    return Part(text, CompanionMood.ENCOURAGING, evidence, (AdaptPlan(kind="adapt_plan", plan_id=plan.id),))


def _accept_proposal(context: Context, language: Language) -> Part:
    """Says what is proposed for the active plan, and offers to accept it."""
    proposal = context.state.proposal
    if proposal is None:
        return Part(say("talk.nothing_proposed", language))
    changes = " ".join(proposal.changes[:_MAX_CHANGES])
    action = AcceptProposal(kind="accept_proposal", plan_id=proposal.plan_id, proposal_id=proposal.id)
    evidence = (Receipt(EvidenceKind.PLAN, proposal.plan_id, changes[:200], changes),) if changes else ()
    return Part(say("talk.proposed", language, changes=changes), CompanionMood.ENCOURAGING, evidence, (action,))


def _swap_meal(context: Context, language: Language) -> Part:
    """Offers another meal for the one that is named, or for today's first."""
    meal_plan = context.state.meal_plan
    if meal_plan is None:
        return Part(say("food.no_meal_plan", language), actions=(GenerateMealPlan(kind="generate_meal_plan"),))
    slot = named_slot(context.message)
    food = finder("foods", language, inflected=True).find(context.message)
    for day in sorted(meal_plan.days, key=lambda day: day.weekday != context.weekday):
        for meal in day.meals:
            if _is_meant(meal, slot, food):
                action = SwapMeal(kind="swap_meal", meal_plan_id=meal_plan.id, day=day.day, meal=meal.meal)
                words = say(f"food.{meal.slot.value}", language)
                name = day.name if day.weekday is None else weekday(day.weekday, language)
                text = say(
                    "talk.swap_meal",
                    language,
                    slot=words if language is Language.DE else words.lower(),
                    day=name,
                    meal=meal.name,
                )
                evidence = (Receipt(EvidenceKind.PLAN, meal_plan.id, meal.name, meal.name),)
                return Part(text, CompanionMood.WARM, evidence, (action,))
    return Part(say("talk.no_meal_to_swap", language))


def _is_meant(meal: MealState, slot: MealSlot | None, food: Found | None) -> bool:
    """Whether it is the meal at that time of day, or else the one with that food in its name."""
    if slot is not None:
        return meal.slot is slot
    return food is None or PhraseFinder([(food.value, food.value)]).find(meal.name) is not None


def _just_trained(_: Context, language: Language) -> Part:
    return Part(say("talk.just_trained", language), CompanionMood.PROUD, actions=(LogWorkout(kind="log_workout"),))


OFFERS: Final[Mapping[str, Callable[[Context, Language], Part]]] = {
    "make_plan": _make_plan,
    "make_meal_plan": _make_meal_plan,
    "adapt_plan": _adapt_plan,
    "accept_proposal": _accept_proposal,
    "swap_meal": _swap_meal,
    "just_trained": _just_trained,
}
