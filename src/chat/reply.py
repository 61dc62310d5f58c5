"""What a model answers with, before it is checked against what it was given."""

from typing import Literal

from pydantic import BaseModel, Field

from src.vocabulary import CompanionMood, MemoryKind


class OfferedAction(BaseModel):
    """Something for the app to offer. `day` is the plan's, for start_workout; `day` and `meal` are the meal plan's, for
    swap_meal."""

    kind: Literal[
        "start_workout",
        "log_workout",
        "review_memories",
        "generate_plan",
        "adapt_plan",
        "accept_proposal",
        "generate_meal_plan",
        "swap_meal",
    ]
    day: int | None = None
    meal: int | None = None


class NewMemory(BaseModel):
    """Something to remember, with the exact words of the message that say it."""

    kind: MemoryKind
    content: str = Field(min_length=1, max_length=500)
    quote: str = Field(min_length=1, max_length=500)
    salience: float = Field(0.5, ge=0, le=1, description="How much it matters: an injury 0.9, a passing taste 0.2.")
    replaces: str | None = Field(None, description="`ref` of the memory that is no longer true.")


class Reply(BaseModel):
    """The companion's answer."""

    reply: str = Field(min_length=1, max_length=4000)
    mood: CompanionMood = CompanionMood.NEUTRAL
    used: list[str] = Field(default=[], max_length=20, description="`ref` of everything that the reply rests on.")
    actions: list[OfferedAction] = Field(default=[], max_length=3)
    memories: list[NewMemory] = Field(default=[], max_length=5)
