"""The short plan that a model answers, and its conversion to a plan's content."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationError

from src.ai.provider import Rejected
from src.core.schema import CleanText, Input, JsonNumber, NoNul
from src.training.content import PlanContent
from src.training.generator.preferences import Person, Preferences
from src.training.generator.repetitions import REPS_IN_RESERVE, WARMUP_PERCENT, WARMUP_REPS
from src.training.generator.schedule import spread_weekdays
from src.vocabulary import ProgressionKind, SetType

Words = Annotated[str, CleanText(max_length=80)]
Whole = Annotated[int, Field(ge=1, le=10_000), JsonNumber]


class ExerciseChoice(Input):
    """An exercise of a day. Either repetitions or seconds, as its kind says."""

    exercise_id: UUID
    warmup_sets: Annotated[int, Field(ge=0, le=2), JsonNumber] = 0
    sets: Annotated[int, Field(ge=1, le=12), JsonNumber]
    reps_min: Whole | None = None
    reps_max: Whole | None = None
    seconds: Whole | None = None
    rest_seconds: Annotated[int, Field(ge=0, le=600), JsonNumber]
    progression: ProgressionKind
    increment_kg: Annotated[float, JsonNumber] | None = None
    percent_e1rm: Annotated[float, JsonNumber] | None = None
    superset_group: Annotated[str, Field(min_length=1, max_length=8), NoNul] | None = None
    notes: Annotated[str, CleanText(max_length=200, min_length=None)] = ""


class DayChoice(Input):
    """A training day, in the order in which it is done."""

    name: Words
    exercises: Annotated[list[ExerciseChoice], Field(min_length=1, max_length=15)]


class PlanAnswer(Input):
    """A plan as the model gives it. Without a model it has no days, and the rules' plan is used."""

    name: Words
    description: Annotated[str, CleanText(max_length=1000, min_length=None)] = ""
    days: Annotated[list[DayChoice], Field(max_length=7)]


def to_content(answer: PlanAnswer, person: Person, preferences: Preferences) -> PlanContent:
    """The answer as a plan's content, with weekdays and deload weeks added. Raises Rejected when it is not valid."""
    if len(answer.days) != preferences.days(person):
        raise Rejected(f"there are {len(answer.days)} days, and {preferences.days(person)} were asked for")
    weekdays = spread_weekdays(len(answer.days), preferences.first_weekday)
    days = [
        {"name": day.name, "weekday": weekday, "exercises": [_exercise(choice, person) for choice in day.exercises]}
        for day, weekday in zip(answer.days, weekdays, strict=True)
    ]
    try:
        return PlanContent.model_validate({"days": days, "deload_weeks": preferences.deload_weeks(person.level)})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise Rejected("; ".join(f"{_place(problem['loc'])}: {problem['msg']}" for problem in problems[:5])) from None


def _exercise(choice: ExerciseChoice, person: Person) -> dict[str, object]:
    work = {
        "set_type": SetType.WORKING,
        "reps_min": choice.reps_min,
        "reps_max": choice.reps_max,
        "duration_seconds": choice.seconds,
        "percent_e1rm": choice.percent_e1rm,
        "rir": REPS_IN_RESERVE[person.level] if choice.reps_max else None,
    }
    warm_up = {
        "set_type": SetType.WARMUP,
        "reps_min": WARMUP_REPS,
        "reps_max": WARMUP_REPS,
        "percent_e1rm": float(WARMUP_PERCENT),
    }
    steps = {} if choice.increment_kg is None else {"increment_kg": choice.increment_kg}
    return {
        "exercise_id": choice.exercise_id,
        "superset_group": choice.superset_group,
        "rest_seconds": choice.rest_seconds,
        "notes": choice.notes,
        "progression": {"kind": choice.progression.value, **steps},
        "sets": [warm_up] * choice.warmup_sets + [work] * choice.sets,
    }


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))
