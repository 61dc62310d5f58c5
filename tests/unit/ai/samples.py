"""Things to ask for."""

from collections.abc import Callable

from pydantic import BaseModel, Field

from src.ai.provider import Prompt, Rejected


class Reply(BaseModel):
    """What the companion says."""

    reply: str
    mood: str = "calm"
    tips: list[str] = Field(default_factory=list)


REPLY = {"reply": "Well done! Rest now. 😀 Ça va", "mood": "proud", "tips": ["sleep"]}


def prompt(check: Callable[[Reply], None] | None = None) -> Prompt[Reply]:
    """Something to ask for."""
    return Prompt(
        system="Be kind.",
        user="I ran 5 km.",
        output=Reply,
        rule_based=lambda: Reply(reply="Five  kilometres,\nwell done."),
        check=check,
    )


def no_shouting(reply: Reply) -> None:
    """A rule."""
    if "!" in reply.reply:
        raise Rejected("Do not shout: no exclamation marks.")
