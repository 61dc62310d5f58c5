"""What public.begin_chat answers: who is to answer a message, and all that is known for answering it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter

from src.core.documents import Document
from src.vocabulary import (
    Allergen,
    ChatRole,
    Concern,
    ConcernStep,
    Diet,
    DistanceUnit,
    Equipment,
    ExperienceLevel,
    Joint,
    MealSlot,
    RecordKind,
    Sport,
    WeightUnit,
)

# SQL aggregates nothing to null.
_NoneIsEmpty = BeforeValidator(lambda items: [] if items is None else items)


class ProfileState(Document):
    """What the profile says about training."""

    name: str | None
    sport: Sport | None
    experience_level: ExperienceLevel | None
    days_per_week: int | None
    goals: list[str]
    equipment: list[Equipment]
    injuries: list[Joint]
    diet: Diet | None = None
    allergens: list[Allergen] = []
    weight_unit: WeightUnit
    distance_unit: DistanceUnit
    timezone: str


class AffinityEventState(Document):
    """Points that were earned or lost lately, and why."""

    points: int
    explanation: str


class AffinityState(Document):
    """The score, and the last events, newest first."""

    score: int
    events: list[AffinityEventState]


class PlanDayState(Document):
    """A day of the active plan: its index, and the names of its exercises. `weekday`: 1 is Monday."""

    day: int
    name: str
    weekday: int | None = None
    exercises: Annotated[list[str], _NoneIsEmpty]


class PlanState(Document):
    """The active plan. `next_day` is the index of the day that comes next."""

    id: UUID
    name: str
    goal: str | None
    days: list[PlanDayState]
    next_day: int


class ProposalState(Document):
    """An open proposal for the active plan: its changes in words."""

    id: UUID
    plan_id: UUID
    changes: list[str]


class MealState(Document):
    """A meal: its index within the day."""

    meal: int
    slot: MealSlot
    name: str


class MealDayState(Document):
    """A day of the active meal plan: its index; 1 is Monday."""

    day: int
    name: str
    weekday: int | None
    meals: list[MealState]


class MealPlanState(Document):
    """The active meal plan."""

    id: UUID
    name: str
    days: list[MealDayState]


class SetState(Document):
    """A set that is no warm-up; `text` describes it in words."""

    id: UUID
    exercise: str
    reps: int | None
    weight_kg: float | None
    duration_seconds: int | None
    distance_m: float | None
    text: str


class RecordState(Document):
    """A record that a workout set, and what it beat."""

    exercise_name: str
    kind: RecordKind
    value: float
    previous: float


class WorkoutState(Document):
    """A completed workout."""

    date: date
    name: str | None
    plan_day: int | None
    records: list[RecordState]
    sets: Annotated[list[SetState], _NoneIsEmpty]


class MessageState(Document):
    """An earlier message of the conversation."""

    role: ChatRole
    message: str


class ConcernState(Document):
    """What the newest reply was worried about, and how far that went."""

    concern: Concern
    step: ConcernStep


class CompanionState(Document):
    """Everything but the memories. `now` is the person's local time, YYYY-MM-DDTHH:MM.

    `sessions` are the last workouts, newest first; `conversation` is the last messages, oldest first.
    """

    now: datetime
    memory_enabled: bool
    memory_full: bool = False
    profile: ProfileState
    affinity: AffinityState
    plan: PlanState | None
    proposal: ProposalState | None
    meal_plan: MealPlanState | None
    sessions: list[WorkoutState]
    conversation: list[MessageState]
    concern: ConcernState | None = None


class Answered(Document):
    """The message has an answer already: the document of private.chat_answer()."""

    state: Literal["answered"]
    answer: dict[str, Any]


class Answering(Document):
    """Another request answers the message."""

    state: Literal["answering"]


class ToAnswer(Document):
    """This request is to answer the message, within a minute."""

    state: Literal["yours"]
    message_id: UUID
    message: str
    context: CompanionState


TurnState = Answered | Answering | ToAnswer
TURN_STATE: TypeAdapter[TurnState] = TypeAdapter(Annotated[TurnState, Field(discriminator="state")])
