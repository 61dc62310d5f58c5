"""The words that reach a model: fixed rules as the system text, everything about the person as one JSON document.

JSON quotes what people wrote, so a memory or a message that reads like an instruction stays a string in `data`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from src.affinity.schemas import level_at
from src.ai.quoting import quote_as_data
from src.chat.context import Context
from src.chat.state import WorkoutState
from src.memories.schemas import MatchedMemory

# About 6,000 tokens: what a small, quick model reads well, and what a message may cost.
MAX_CHARACTERS = 24_000
_PROMPTS = Path(__file__).parent / "prompts"


@cache
def _text(name: str) -> str:
    return (_PROMPTS / f"{name}.md").read_text().strip()


def system_text(score: int) -> str:
    """The rules, and how close the two are. The same for everybody at this level: no data."""
    return f"{_text('system')}\n\nHow you speak\n{_text(level_at(score).value)}"


def prompt_text(context: Context) -> str:
    """Everything the companion may know, as JSON of at most MAX_CHARACTERS (but for profile, plan and message).

    What is left out first: the oldest turns of the conversation but for the last two, then the oldest sessions, then
    the memories that fit least.
    """
    document = _document(context)
    for shorten in _SHORTENINGS:
        while len(quote_as_data(document)) > MAX_CHARACTERS and shorten(document):
            pass
    return quote_as_data(document)


def _document(context: Context) -> dict[str, Any]:
    state, refs = context.state, context.refs()
    profile = state.profile.model_dump(mode="json")
    return {
        "now": state.now.isoformat(timespec="minutes"),
        "profile": {name: value for name, value in profile.items() if value not in (None, [])},
        "affinity": {
            "score": state.affinity.score,
            "recent": [event.model_dump(mode="json") for event in state.affinity.events],
        },
        "plan": state.plan and {"ref": refs[state.plan.id], **state.plan.model_dump(mode="json", exclude={"id"})},
        "proposal": state.proposal and {"changes": state.proposal.changes},
        "meal_plan": state.meal_plan and state.meal_plan.model_dump(mode="json", exclude={"id"}),
        "sessions": [_session(session, refs) for session in state.sessions],
        "memories": [_memory(memory, context) for memory in context.memories],
        "conversation": [message.model_dump(mode="json") for message in state.conversation],
        "message": context.message,
    }


def _session(session: WorkoutState, refs: dict[UUID, str]) -> dict[str, Any]:
    records = [record.model_dump(mode="json") for record in session.records]
    sets = [{"ref": refs[set_state.id], "set": set_state.text} for set_state in session.sets]
    return {"date": session.date.isoformat(), "name": session.name, "records": records, "sets": sets}


def _memory(memory: MatchedMemory, context: Context) -> dict[str, Any]:
    since = context.local_date(memory.created_at).isoformat()
    return {"ref": context.refs()[memory.id], "kind": memory.kind, "content": memory.content, "since": since}


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
