"""The items of an export. Each has the fields of its resource's own model, so that a new one is never forgotten.

What is computed, what an import makes anew and what belongs to the library is left out. Objects within a resource lie
flat, as their columns do. Restrictions of values are the resources' business: an export has what is stored.

Library exercises have the same ids everywhere. Ids of the person's own things hold within the document only.
"""

from types import GenericAlias
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, create_model

from src.chat.schemas import ChatMessage
from src.core.schema import ClockTime, Output
from src.exercises.schemas import Exercise, ExercisePreference
from src.foods.schemas import Food, Serving
from src.measurements.schemas import Measurement
from src.memories.facts import StoredFact
from src.memories.schemas import Memory
from src.plans.meal_schemas import MealPlanSummary, MealPlanVersion
from src.plans.schemas import PlanSummary, PlanVersion
from src.users.schemas import User
from src.vocabulary import Concern, ConcernStep, FactDecision, MessageKind
from src.workouts.schemas import LoggedExercise, LoggedSet, Workout

Fields = dict[str, Any]
"""Fields as Pydantic's create_model takes them: type and default (`...` for none) by name."""


def fields_of(resource: type[BaseModel], *, without: tuple[str, ...] = (), flat: tuple[str, ...] = ()) -> Fields:
    """The fields of a resource, but for some; `flat` names objects whose own fields stand in their place."""
    unknown = {*without, *flat} - resource.model_fields.keys()
    if unknown:
        raise ValueError(f"{resource.__name__} has no {', '.join(sorted(unknown))}")
    fields: Fields = {}
    for name, field in resource.model_fields.items():
        if name in flat:
            assert isinstance(field.annotation, type)  # noqa: S101  # an object
            fields |= fields_of(field.annotation)
        elif name not in without:
            fields[name] = (field.annotation, ...)
    return fields


def list_of(item: type[Output]) -> Any:
    """The type `list[item]`, for a model built at runtime."""
    return GenericAlias(list, (item,))


def item_model(name: str, description: str, fields: Fields) -> type[Output]:
    """A model of these fields; its name and description stand in the API's contract."""
    model: type[Output] = create_model(name, __base__=Output, __module__=__name__, __doc__=description, **fields)
    return model


_MOMENTS = ("created_at", "updated_at")

ArchivedProfile = item_model(
    "ArchivedProfile",
    "The profile, as it was filled in.",
    fields_of(User, without=("id", "age", "check_ins", "affinity_score", "unconfirmed", *_MOMENTS), flat=("dietary",))
    | {"load_steps_kg": (dict[str, float], ...)}
    # Exports of before 0.5 do not say when the companion may write first, nor how long a session takes.
    | {
        "session_minutes": (int | None, None),
        "check_ins_enabled": (bool, True),
        "check_ins_max_per_week": (int, 1),
        "check_ins_quiet_from": (ClockTime, "22:00"),
        "check_ins_quiet_to": (ClockTime, "08:00"),
    },
)
ArchivedExercise = item_model(
    "ArchivedExercise",
    "An exercise of the person's own; `hidden` when it was deleted and history uses it.",
    fields_of(Exercise, without=("slug", "is_custom", "hidden_at", "preference", *_MOMENTS)) | {"hidden": (bool, ...)},
)
ArchivedFood = item_model(
    "ArchivedFood",
    "A food of the person's own; `hidden` when it was deleted and a meal plan uses it.",
    fields_of(Food, without=("slug", "servings", "is_custom", "hidden_at", *_MOMENTS), flat=("nutrients",))
    | {"servings": (list[Serving], ...), "hidden": (bool, ...)},
)
ArchivedPreference = item_model(
    "ArchivedPreference",
    "What the person thinks of an exercise.",
    {"exercise_id": (UUID, ...)} | fields_of(ExercisePreference),
)
# Exports of before 0.4 do not say what was accepted.
_ACCEPTED: Fields = {"accepted": (bool, False)}
ArchivedVersion = item_model(
    "ArchivedVersion",
    "A content that a plan had.",
    fields_of(PlanVersion, without=("version", "created_at")) | _ACCEPTED,
)
ArchivedPlan = item_model(
    "ArchivedPlan",
    "A plan with all its versions, the first one first.",
    fields_of(PlanSummary, without=("version", *_MOMENTS)) | {"versions": (list_of(ArchivedVersion), ...)},
)
ArchivedMealVersion = item_model(
    "ArchivedMealVersion",
    "A content that a meal plan had.",
    fields_of(MealPlanVersion, without=("version", "created_at")) | _ACCEPTED,
)
ArchivedMealPlan = item_model(
    "ArchivedMealPlan",
    "A meal plan with all its versions, the first one first. Targets are a day's.",
    fields_of(MealPlanSummary, without=("version", *_MOMENTS)) | {"versions": (list_of(ArchivedMealVersion), ...)},
)
_OF_A_SET = fields_of(LoggedSet, without=("id", "weight_kg", "assist_kg", "e1rm_kg"))
ArchivedSet = item_model(
    "ArchivedSet",
    "A set as it was entered; what it does not have is left out.",
    {name: (type_, ... if name == "set_type" else None) for name, (type_, _) in _OF_A_SET.items()},
)
ArchivedSets = item_model(
    "ArchivedSets",
    "An exercise of a workout, under the name it had then.",
    fields_of(LoggedExercise, without=("kind",)) | {"sets": (list_of(ArchivedSet), ...)},
)
ArchivedWorkout = item_model(
    "ArchivedWorkout",
    "A completed session.",
    fields_of(Workout, without=("id", "source", "local_date", "records", "affinity", *_MOMENTS))
    | {"exercises": (list_of(ArchivedSets), ...)},
)
ArchivedMeasurement = item_model(
    "ArchivedMeasurement",
    "A measurement and the day it counts for.",
    fields_of(Measurement, without=("id", *_MOMENTS)),
)
ArchivedMessage = item_model(
    "ArchivedMessage",
    "Something that was said to the companion, or by it.",
    fields_of(ChatMessage, without=("kind", "concern", "created_at"))
    # Exports of before 0.5 know no check-ins, no languages and no concerns.
    | {"kind": (MessageKind, MessageKind.MESSAGE), "language": (str | None, None)}
    | {"concern": (Concern | None, None), "concern_step": (ConcernStep | None, None)}
    | dict.fromkeys(("input_tokens", "output_tokens", "latency_ms"), (int | None, ...))
    | {"created_at": (AwareDatetime, ...)},
)
ArchivedMemory = item_model(
    "ArchivedMemory",
    "Something the companion remembers or did remember, in words; what was forgotten is nowhere.",
    fields_of(Memory, without=("source_message_id", "last_used_at", "updated_at"))
    # Exports of before 0.5 have no facts.
    | {"facts": (list_of(StoredFact), []), "decision": (FactDecision | None, None), "asks_to_keep": (bool, False)},
)
