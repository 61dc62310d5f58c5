"""What the companion offers, as the app can take it up: with the ids of what is really there."""

from typing import Any

from src.chat.context import Context
from src.chat.reply import OfferedAction


def action_of(offered: OfferedAction, context: Context) -> dict[str, Any] | None:
    """The action; None when it offers what is not there. Ids come from the context, so that none can be made up."""
    members = _members(offered, context)
    return None if members is None else {"kind": offered.kind, **members}


def _members(offered: OfferedAction, context: Context) -> dict[str, Any] | None:
    match offered.kind:
        case "start_workout":
            return _workout(offered, context)
        case "swap_meal":
            return _meal(offered, context)
        case "adapt_plan":
            return {"plan_id": context.plan["id"]} if context.plan else None
        case "accept_proposal":
            proposal = context.proposal
            return {"plan_id": proposal["plan_id"], "proposal_id": proposal["id"]} if proposal else None
        case _:
            return {}


def _workout(offered: OfferedAction, context: Context) -> dict[str, Any] | None:
    plan, day = context.plan, offered.day
    if plan is None or day is None or not 0 <= day < len(plan["days"]):
        return None
    return {"plan_id": plan["id"], "plan_day": day}


def _meal(offered: OfferedAction, context: Context) -> dict[str, Any] | None:
    plan, day, meal = context.meal_plan, offered.day, offered.meal
    if plan is None or day is None or meal is None or not 0 <= day < len(plan["days"]):
        return None
    if not 0 <= meal < len(plan["days"][day]["meals"]):
        return None
    return {"meal_plan_id": plan["id"], "day": day, "meal": meal}
