"""The request to adapt a plan."""

from typing import Annotated

from pydantic import Field

from src.core.schema import CleanText, Input, Unique
from src.vocabulary import Joint

Why = Annotated[str, CleanText(max_length=500)]


class PlanAdapt(Input):
    """What the person says along with asking for it."""

    reason: Annotated[Why | None, Field(description="In their own words.")] = None
    pain: Annotated[
        list[Joint], Field(max_length=9, description="Joints that hurt, beside the injuries of the profile."), Unique
    ] = []
