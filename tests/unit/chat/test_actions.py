"""What the companion offers to do: jobs that lead to a draft or a proposal, and only of what is there."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from src.chat.actions import resolve_action
from src.chat.context import Context
from src.chat.intents.chooser import choose
from src.chat.reply import OfferedAction
from src.chat.rule_based.offers import OFFERS
from src.language.language import Language
from tests.unit.chat.test_prompt import PLAN_ID, context

PROPOSAL, MEALS = str(UUID(int=8)), str(UUID(int=9))
GENERATE, GENERATE_MEALS = {"kind": "generate_plan"}, {"kind": "generate_meal_plan"}
ADAPT = {"kind": "adapt_plan", "plan_id": PLAN_ID}
ACCEPT = {"kind": "accept_proposal", "plan_id": PLAN_ID, "proposal_id": PROPOSAL}


async def offered(message: str, *without: str) -> list[Any]:
    """What the companion without a model offers; 2026-11-21 is a Saturday, the sixth day of the week."""
    known = context_without(context(message, memories=0), *without)
    choice = await choose(message, Language.EN)
    assert choice is not None
    actions = OFFERS[choice.intent](known, Language.EN).actions
    return [action.model_dump(mode="json", exclude_none=True) for action in actions]


def context_without(known: Context, *members: str) -> Context:
    """The context of somebody who does not have these."""
    return replace(known, state=known.state.model_copy(update=dict.fromkeys(members)))


def swap(day: int, meal: int) -> dict[str, Any]:
    return {"kind": "swap_meal", "meal_plan_id": MEALS, "day": day, "meal": meal}


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Make me a plan", GENERATE),
        ("Can you build me a new program?", GENERATE),
        ("I need a meal plan", GENERATE_MEALS),
        ("please create a diet for me", GENERATE_MEALS),
        ("Swap this meal", swap(5, 0)),
        ("Give me something else for dinner today", swap(5, 2)),
        ("can you change my lunch?", swap(5, 1)),
        ("I accept the proposal", ACCEPT),
        ("Adapt my plan", ACCEPT),  # what is proposed already comes first
    ],
)
async def test_wishes_lead_to_offers(message: str, action: dict[str, Any]) -> None:
    assert await offered(message) == [action]


@pytest.mark.parametrize("message", ["Adapt my plan", "My plan is too hard", "Can you change the routine?"])
async def test_without_a_proposal_a_plan_is_adapted(message: str) -> None:
    assert await offered(message, "proposal") == [ADAPT]


async def test_what_is_not_there_is_not_offered() -> None:
    assert await offered("Adapt my plan", "plan", "proposal") == [GENERATE]
    assert await offered("Swap my dinner", "meal_plan") == [GENERATE_MEALS]
    assert await offered("I accept the proposal", "proposal") == []
    assert await offered("Swap my snack") == []


@pytest.mark.parametrize(
    ("action", "without"),
    [
        (OfferedAction(kind="adapt_plan"), "plan"),
        (OfferedAction(kind="accept_proposal"), "proposal"),
        (OfferedAction(kind="swap_meal", day=0, meal=0), "meal_plan"),
        (OfferedAction(kind="swap_meal", day=7, meal=0), ""),
        (OfferedAction(kind="swap_meal", day=0, meal=3), ""),
        (OfferedAction(kind="swap_meal", day=-1, meal=0), ""),
        (OfferedAction(kind="swap_meal", day=0), ""),
        (OfferedAction(kind="start_workout", day=1), ""),
    ],
)
def test_a_model_cannot_offer_what_is_not_there(action: OfferedAction, without: str) -> None:
    known = context_without(context(), *filter(None, [without]))
    assert resolve_action(action, known) is None
