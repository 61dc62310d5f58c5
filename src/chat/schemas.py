"""Conversations as they are sent and answered."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from src.affinity.schemas import AffinityLevel, level_at
from src.ai.provider import AiName
from src.core.cursor import CursorText
from src.core.pagination import Page, PageQuery
from src.core.schema import CleanText, Input, Output
from src.users.schemas import Unconfirmed
from src.vocabulary import (
    AnswerFinish,
    ChatRole,
    CompanionMood,
    Concern,
    EvidenceKind,
    MemoryKind,
    MessageKind,
)

Message = Annotated[str, CleanText(max_length=4000)]
ActionBody = Annotated[
    dict[str, Any] | None, Field(description="The request's body, ready to send; null for an empty one.")
]


class ChatSend(Input):
    """Something said to the companion. Sent again with the same client_id, it is the same message."""

    client_id: UUID
    message: Message


class StartWorkout(Output):
    """Offer to begin this day of the active plan."""

    kind: Literal["start_workout"]
    plan_id: UUID
    plan_day: Annotated[int, Field(ge=0, le=13)]


class LogWorkout(Output):
    """Offer to log a session."""

    kind: Literal["log_workout"]
    body: ActionBody = None


class ReviewMemories(Output):
    """Offer to look at what the companion remembers."""

    kind: Literal["review_memories"]


class GeneratePlan(Output):
    """Offer to have a workout plan made: `POST /plans/generate`."""

    kind: Literal["generate_plan"]
    body: ActionBody = None


class AdaptPlan(Output):
    """Offer to have this plan adapted to what was trained: `POST /plans/{plan_id}/adapt`."""

    kind: Literal["adapt_plan"]
    plan_id: UUID
    body: ActionBody = None


class AcceptProposal(Output):
    """Offer to accept what is proposed for this plan: `POST /plans/{plan_id}/proposals/{proposal_id}/accept`."""

    kind: Literal["accept_proposal"]
    plan_id: UUID
    proposal_id: UUID


class GenerateMealPlan(Output):
    """Offer to have a meal plan made: `POST /meal-plans/generate`."""

    kind: Literal["generate_meal_plan"]
    body: ActionBody = None


class SwapMeal(Output):
    """Offer another meal for this one: `POST /meal-plans/{meal_plan_id}/adapt`. Days and meals count from 0."""

    kind: Literal["swap_meal"]
    meal_plan_id: UUID
    day: Annotated[int, Field(ge=0, le=13)]
    meal: Annotated[int, Field(ge=0, le=7)]


class ForgetMemory(Output):
    """Offer to forget this memory: `DELETE /memories/{memory_id}`."""

    kind: Literal["forget_memory"]
    memory_id: UUID


class UpdateProfile(Unconfirmed):
    """Offer to put what the person said into their profile: `POST /memories/{memory_id}/apply`, or `…/decline`."""

    kind: Literal["update_profile"]


Action = Annotated[
    StartWorkout
    | LogWorkout
    | ReviewMemories
    | GeneratePlan
    | AdaptPlan
    | AcceptProposal
    | GenerateMealPlan
    | SwapMeal
    | ForgetMemory
    | UpdateProfile,
    Field(discriminator="kind"),
]
"""What the app can offer. The companion itself changes nothing."""


class ChatMessage(Output):
    """One message. What only replies have is null in the person's own."""

    id: UUID
    role: ChatRole
    kind: Annotated[
        MessageKind,
        Field(description="`check_in`: the companion wrote it first; it answers no message, so `reply_to` is null."),
    ]
    client_id: UUID | None
    reply_to: UUID | None
    message: str
    mood: CompanionMood | None
    actions: list[Action] | None
    model: Annotated[
        str | None,
        Field(description='Who wrote it: a model, "offline", "safety" for a fixed, careful answer, or "check-in".'),
    ]
    finish: Annotated[AnswerFinish | None, Field(description="`length` when the answer was cut off.")]
    concern: Annotated[
        Concern | None,
        Field(
            description="What a reply is worried about. While the newest reply has one, the companion says nothing of "
            "training until the person says that they are fine."
        ),
    ]
    created_at: AwareDatetime


class Evidence(Output):
    """Something that a reply used, as it was then."""

    kind: EvidenceKind
    id: UUID
    text: str
    value: Annotated[
        str | None, Field(description="The number or date of it that the reply shows, as the reply shows it.")
    ] = None


class LearnedMemory(Output):
    """Something that was learned from the person's message."""

    id: UUID
    kind: MemoryKind
    content: str
    quote: str


class ChatAffinity(Output):
    """How close the companion feels."""

    score: Annotated[int, Field(ge=0)]
    level: AffinityLevel


class ChatAnswer(Output):
    """A reply, and all that belongs to it."""

    message: ChatMessage
    evidence: list[Evidence]
    memories_learned: list[LearnedMemory]
    actions: list[Action]
    affinity: ChatAffinity

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """The answer of private.chat_answer()."""
        score = document["affinity"]["score"]
        return cls.model_validate({**document, "affinity": {"score": score, "level": level_at(score)}})


class ChatLimits(Output):
    """How much one may talk: calls of a model in a UTC day. What is beyond is answered with 429 until it resets."""

    per_day: int
    used: int
    resets_at: AwareDatetime


class Chat(Output):
    """Who answers, and how much is left of the day."""

    ai: Annotated[AiName, Field(description="`offline`: replies follow rules, without a model.")]
    limits: ChatLimits


class ChatMessagePage(Page[ChatMessage]):
    """A page of the conversation, newest first."""

    next: str | None


class ChatMessageQuery(PageQuery):
    before: CursorText | None = None


class MessageEvidence(Output):
    """What a reply used."""

    items: list[Evidence]


class EvidenceFound(Output):
    """What was put before the model: the reply uses some of it."""

    evidence: list[Evidence]


class Delta(Output):
    """The next piece of the reply's text."""

    text: str
