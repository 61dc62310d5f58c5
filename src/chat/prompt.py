"""The words that reach a model: fixed rules as the system text, everything about the person as one JSON document.

JSON quotes what people wrote, so a memory or a message that reads like an instruction stays a string in `data`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from src.affinity.schemas import level_of
from src.ai.quoting import quote_as_data
from src.chat.context import Context

# About 6,000 tokens: what a small, quick model reads well, and what a message may cost.
MOST_CHARACTERS = 24_000
_PROMPTS = Path(__file__).parent / "prompts"


@cache
def _text(name: str) -> str:
    return (_PROMPTS / f"{name}.md").read_text().strip()


def fixed_text(name: str) -> str:
    """A text that is said as it stands, on one line."""
    return " ".join(_text(name).split())


def system_text(score: int) -> str:
    """The rules, and how close the two are. The same for everybody at this level: no data."""
    return f"{_text('system')}\n\nHow you speak\n{_text(level_of(score).value)}"


def prompt_text(context: Context) -> str:
    """Everything the companion may know, as JSON of at most MOST_CHARACTERS (but for profile, plan and message).

    What is left out first: the oldest turns of the conversation but for the last two, then the oldest sessions, then
    the memories that fit least.
    """
    document = _document(context)
    for shorten in _SHORTENINGS:
        while len(quote_as_data(document)) > MOST_CHARACTERS and shorten(document):
            pass
    return quote_as_data(document)


def _document(context: Context) -> dict[str, Any]:
    state, refs = context.state, context.refs()
    plan = context.plan
    return {
        "now": state["now"],
        "profile": {key: value for key, value in state["profile"].items() if value not in (None, [])},
        "affinity": {"score": state["affinity"]["score"], "recent": state["affinity"]["events"]},
        "plan": None if plan is None else {"ref": refs[plan["id"]], **{k: v for k, v in plan.items() if k != "id"}},
        "proposal": state["proposal"] and {"changes": state["proposal"]["changes"]},
        "meal_plan": state["meal_plan"] and {k: v for k, v in state["meal_plan"].items() if k != "id"},
        "sessions": [_session(session, refs) for session in context.sessions],
        "memories": [_memory(row, refs, context.day_of(row["created_at"])) for row in context.memories],
        "conversation": list(state["conversation"]),
        "message": context.message,
    }


def _session(session: dict[str, Any], refs: dict[str, str]) -> dict[str, Any]:
    records = [{key: one[key] for key in ("exercise_name", "kind", "value", "previous")} for one in session["records"]]
    sets = [{"ref": refs[one["id"]], "set": one["text"]} for one in session["sets"] or []]
    return {"date": session["date"], "name": session["name"], "records": records, "sets": sets}


def _memory(row: dict[str, Any], refs: dict[str, str], since: str) -> dict[str, Any]:
    return {"ref": refs[row["id"]], "kind": row["kind"], "content": row["content"], "since": since}


def _drop(name: str, at: int, keep: int) -> Callable[[dict[str, Any]], bool]:
    """Takes one item out of a list of the document; False when there are no more than `keep`."""

    def shorten(document: dict[str, Any]) -> bool:
        if len(document[name]) <= keep:
            return False
        document[name].pop(at)
        return True

    return shorten


_SHORTENINGS = (
    _drop("conversation", 0, 2),
    _drop("sessions", -1, 0),
    _drop("memories", -1, 0),
    _drop("conversation", 0, 0),
)
