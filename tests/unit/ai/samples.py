"""Things to ask for."""

from collections.abc import Callable

from pydantic import BaseModel, Field

from src.ai.provider import Rejected, Task


class Reply(BaseModel):
    """What the companion says."""

    reply: str
    mood: str = "calm"
    tips: list[str] = Field(default_factory=list)


REPLY = {"reply": "Well done! Rest now. 😀 Ça va", "mood": "proud", "tips": ["sleep"]}


def task(check: Callable[[Reply], None] | None = None) -> Task[Reply]:
    """Something to ask for."""
    return Task(
        system="Be kind.",
        prompt="I ran 5 km.",
        output=Reply,
        offline=lambda: Reply(reply="Five  kilometres,\nwell done."),
        check=check,
    )


def no_shouting(reply: Reply) -> None:
    """A rule."""
    if "!" in reply.reply:
        raise Rejected("Do not shout: no exclamation marks.")
