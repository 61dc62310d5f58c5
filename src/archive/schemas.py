"""Everything a person owns as one document: what the export gives and the import takes.

Library exercises have the same ids everywhere. Ids of the person's own things hold within the document only. The
affinity ledger is not part of it: only what happens here can write it (docs/decisions/0016-archive.md).
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from src.chat.schemas import Action
from src.core.schema import Output
from src.foods.schemas import Serving
from src.memories.schemas import KeptStatus
from src.nutrition.content import MealPlanContent
from src.training.content import PlanContent
from src.vocabulary import (
    ActivityLevel,
    Allergen,
    AnswerFinish,
    ChatRole,
    CompanionMood,
    Diet,
    DistanceUnit,
    Equipment,
    ExerciseCategory,
    ExerciseKind,
    ExperienceLevel,
    FoodCategory,
    Joint,
    MeasurementKind,
    Mechanic,
    MemoryKind,
    Muscle,
    PlanAuthor,
    PlanSource,
    PlanStatus,
    PreferenceKind,
    SetSide,
    SetType,
    Sex,
    Sport,
    WeightUnit,
)
from src.workouts.schemas import LoadEntry

FORMAT = "slow-burn"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024


class ArchivedProfile(Output):
    """The profile, as it was filled in."""

    name: str | None
    date_of_birth: date | None
    sex: Sex | None
    sport: Sport | None
    experience_level: ExperienceLevel | None
    days_per_week: int | None
    goals: list[str]
    activity_level: ActivityLevel | None
    weight_unit: WeightUnit
    distance_unit: DistanceUnit
    timezone: str
    equipment: list[Equipment]
    load_steps_kg: dict[str, float]
    injuries: list[Joint]
    diet: Diet | None
    allergens: list[Allergen]
    dislikes: list[str]
    memory_enabled: bool
    ai_consent_at: AwareDatetime | None


class ArchivedExercise(Output):
    """An exercise of the person's own; `hidden` when it was deleted and history uses it."""

    id: UUID
    name: str
    aliases: list[str]
    kind: ExerciseKind
    primary_muscles: list[Muscle]
    secondary_muscles: list[Muscle]
    equipment: list[Equipment]
    category: ExerciseCategory
    level: ExperienceLevel
    mechanic: Mechanic | None
    is_unilateral: bool
    contraindications: list[Joint]
    instructions: str
    hidden: bool


class ArchivedFood(Output):
    """A food of the person's own; `hidden` when it was deleted and a meal plan uses it."""

    id: UUID
    name: str
    aliases: list[str]
    category: FoodCategory
    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    fibre_g: float
    sugar_g: float
    salt_g: float
    alcohol_g: float
    allergens: list[Allergen]
    diets: list[Diet]
    servings: list[Serving]
    hidden: bool


class ArchivedPreference(Output):
    """What the person thinks of an exercise."""

    exercise_id: UUID
    kind: PreferenceKind
    reason: str | None


class ArchivedVersion(Output):
    """A content that a plan had."""

    content: PlanContent
    changed_by: PlanAuthor
    reason: str | None


class ArchivedPlan(Output):
    """A plan with all its versions, the first one first."""

    id: UUID
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    days_per_week: int | None
    status: PlanStatus
    source: PlanSource
    versions: list[ArchivedVersion]


class ArchivedMealVersion(Output):
    """A content that a meal plan had."""

    content: MealPlanContent
    changed_by: PlanAuthor
    reason: str | None


class ArchivedMealPlan(Output):
    """A meal plan with all its versions, the first one first. Targets are a day's."""

    id: UUID
    name: str
    description: str | None
    goal: str | None
    duration_weeks: int | None
    target_energy_kcal: int | None
    target_protein_g: int | None
    target_carbohydrate_g: int | None
    target_fat_g: int | None
    status: PlanStatus
    source: PlanSource
    versions: list[ArchivedMealVersion]


class ArchivedSet(Output):
    """A set as it was entered; what it does not have is left out."""

    set_type: SetType
    side: SetSide | None = None
    reps: int | None = None
    weight: LoadEntry | None = None
    assist: LoadEntry | None = None
    rpe: float | None = None
    rir: int | None = None
    duration_seconds: int | None = None
    distance_m: float | None = None


class ArchivedSets(Output):
    """An exercise of a workout, under the name it had then."""

    exercise_id: UUID
    exercise_name: str
    superset_group: str | None
    notes: str | None
    sets: list[ArchivedSet]


class ArchivedWorkout(Output):
    """A completed session."""

    client_id: UUID
    plan_id: UUID | None
    plan_version: int | None
    plan_day: int | None
    name: str | None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    timezone: str
    perceived_exertion: int | None
    notes: str | None
    exercises: list[ArchivedSets]


class ArchivedMeasurement(Output):
    """A measurement and the day it counts for."""

    kind: MeasurementKind
    value: float
    measured_at: AwareDatetime
    local_date: date


class ArchivedMessage(Output):
    """Something that was said to the companion, or by it."""

    id: UUID
    role: ChatRole
    client_id: UUID | None
    reply_to: UUID | None
    message: str
    mood: CompanionMood | None
    actions: list[Action] | None
    model: str | None
    finish: AnswerFinish | None
    input_tokens: int | None
    output_tokens: int | None
    latency_ms: int | None
    created_at: AwareDatetime


class ArchivedMemory(Output):
    """Something the companion remembers or did remember, in words; what was forgotten is nowhere."""

    id: UUID
    kind: MemoryKind
    content: str
    status: KeptStatus
    salience: float
    pinned: bool
    mentions: int
    source_quote: str | None
    superseded_by: UUID | None
    stated_at: AwareDatetime
    created_at: AwareDatetime


class Archive(Output):
    """Everything a person owns."""

    format: Literal["slow-burn"]
    version: Literal[1]
    exported_at: AwareDatetime
    profile: ArchivedProfile
    exercises: list[ArchivedExercise]
    foods: list[ArchivedFood]
    preferences: list[ArchivedPreference]
    plans: list[ArchivedPlan]
    meal_plans: list[ArchivedMealPlan]
    workouts: list[ArchivedWorkout]
    measurements: list[ArchivedMeasurement]
    memories: list[ArchivedMemory]
    messages: list[ArchivedMessage]


def columns_of(model: type[Output], *left_out: str) -> str:
    """The columns that a part of the document is made from."""
    return ",".join(name for name in model.model_fields if name not in left_out)
