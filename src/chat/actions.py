"""What the companion offers, as the app can take it up: with the ids of what is really there."""

from typing import Any

from pydantic import TypeAdapter

from src.chat.context import Context
from src.chat.reply import OfferedAction
from src.chat.schemas import Action
from src.chat.state import MealPlanState, PlanState

_ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def resolve_action(offered: OfferedAction, context: Context) -> Action | None:
    """The action; None when it offers what is not there. Ids come from the context, so that none can be made up."""
    members = _members(offered, context)
    return None if members is None else _ACTION.validate_python({"kind": offered.kind, **members})


def _members(offered: OfferedAction, context: Context) -> dict[str, Any] | None:
    state = context.state
    match offered.kind:
        case "start_workout":
            return _workout(offered, state.plan)
        case "swap_meal":
            return _meal(offered, state.meal_plan)
        case "adapt_plan":
            return {"plan_id": str(state.plan.id)} if state.plan else None
        case "accept_proposal":
            proposal = state.proposal
            return {"plan_id": str(proposal.plan_id), "proposal_id": str(proposal.id)} if proposal else None
        case _:
            return {}


def _workout(offered: OfferedAction, plan: PlanState | None) -> dict[str, Any] | None:
    day = offered.day
    if plan is None or day is None or not 0 <= day < len(plan.days):
        return None
    return {"plan_id": str(plan.id), "plan_day": day}


def _meal(offered: OfferedAction, meal_plan: MealPlanState | None) -> dict[str, Any] | None:
    day, meal = offered.day, offered.meal
    if meal_plan is None or day is None or meal is None or not 0 <= day < len(meal_plan.days):
        return None
    if not 0 <= meal < len(meal_plan.days[day].meals):
        return None
    return {"meal_plan_id": str(meal_plan.id), "day": day, "meal": meal}
