"""The next session: the active plan's next day, with targets computed from what was last lifted."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from src.core.gateway import Row
from src.core.schema import Output
from src.core.vocabulary import Equipment, ExerciseKind, SetType, WeightUnit
from src.plans.content import PlanDay, PlannedExercise
from src.workouts.loads import Loading
from src.workouts.progression import ExerciseTarget, LoggedSet, SetTarget, next_targets

_KG_PER_LB = Decimal("0.45359237")
# The usual steps where a person has not said theirs: a pair of the smallest plates, the next dumbbell, one pin.
_USUAL_KG = {Equipment.DUMBBELL: Decimal(2), Equipment.KETTLEBELL: Decimal(4), Equipment.MACHINE: Decimal(5)}
_USUAL_LB = {Equipment.KETTLEBELL: Decimal(10), Equipment.MACHINE: Decimal(10)}
_ELSE_KG, _ELSE_LB = Decimal("2.5"), Decimal(5)


class Load(Output):
    """A load in the person's unit."""

    value: float
    unit: WeightUnit


class TargetSet(Output):
    """One set to do. `reps` is what to aim for now; no load is invented where nothing is known."""

    set_type: SetType
    reps: int | None
    reps_min: int | None
    reps_max: int | None
    weight_kg: float | None
    weight: Annotated[Load | None, Field(description="`weight_kg` in the person's unit.")]
    percent_e1rm: float | None
    rir: int | None
    duration_seconds: int | None
    distance_m: float | None
    tempo: str | None


class TargetExercise(Output):
    """An exercise of the day: what to do, by which rule, why, and the sets that say so."""

    exercise_id: UUID
    exercise_name: str
    kind: ExerciseKind
    superset_group: str | None
    rest_seconds: int | None
    notes: str
    rule: str
    explanation: str
    evidence: list[UUID]
    sets: list[TargetSet]


class NextWorkout(Output):
    """The next day of the active plan. `plan_day` is what the workout should be logged with."""

    plan_id: UUID
    plan_name: str
    plan_version: int
    plan_day: int
    name: str
    weekday: int | None
    week: Annotated[int, Field(description="Week of the plan, from its first workout on; the first is 1.")]
    is_deload: bool
    exercises: list[TargetExercise]


def next_workout(state: Row) -> NextWorkout:
    """The next session of a state of public.next_workout()."""
    day = PlanDay.model_validate(state["content"])
    week = week_of(state["first_on"], state["today"])
    is_deload = week in state["deload_weeks"]
    return NextWorkout(
        plan_id=state["plan_id"],
        plan_name=state["plan_name"],
        plan_version=state["plan_version"],
        plan_day=state["plan_day"],
        name=day.name,
        weekday=day.weekday,
        week=week,
        is_deload=is_deload,
        exercises=[_exercise(planned, state, is_deload=is_deload) for planned in day.exercises],
    )


def week_of(first_on: str | None, today: str) -> int:
    """Which week of the plan it is, counted from its first workout."""
    if first_on is None:
        return 1
    return (date.fromisoformat(today) - date.fromisoformat(first_on)).days // 7 + 1


def step_kg(equipment: list[str], steps: dict[str, float], unit: WeightUnit) -> Decimal:
    """The smallest step in kg that can be loaded: the person's own, else the usual one in their unit."""
    for each in equipment:
        if each in steps:
            return Decimal(str(steps[each]))
    usual, otherwise, factor = (
        (_USUAL_LB, _ELSE_LB, _KG_PER_LB) if unit is WeightUnit.LB else (_USUAL_KG, _ELSE_KG, Decimal(1))
    )
    return next((usual[each] for each in map(Equipment, equipment) if each in usual), otherwise) * factor


def _exercise(planned: PlannedExercise, state: Row, *, is_deload: bool) -> TargetExercise:
    known = state["exercises"][str(planned.exercise_id)]
    unit = WeightUnit(state["weight_unit"])
    loading = Loading(step_kg(known["equipment"], state["load_steps_kg"], unit))
    history = [[_logged(one) for one in session] for session in known["sessions"]]
    target = next_targets(planned, history, _best_e1rm(known["sessions"]), loading, deload_week=is_deload)
    return TargetExercise(
        exercise_id=planned.exercise_id,
        exercise_name=known["name"],
        kind=known["kind"],
        superset_group=planned.superset_group,
        rest_seconds=planned.rest_seconds,
        notes=planned.notes,
        rule=target.rule,
        explanation=target.explanation,
        evidence=[UUID(one) for one in target.evidence],
        sets=_sets(target, unit),
    )


def _logged(row: dict[str, Any]) -> LoggedSet:
    return LoggedSet(
        id=row["id"],
        set_type=SetType(row["set_type"]),
        reps=row["reps"],
        weight_kg=_decimal(row["weight_kg"]),
        duration_seconds=row["duration_seconds"],
        distance_m=_decimal(row["distance_m"]),
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _best_e1rm(sessions: list[list[dict[str, Any]]]) -> Decimal | None:
    known = [one["e1rm_kg"] for session in sessions for one in session if one["e1rm_kg"]]
    return _decimal(max(known, default=None))


def _sets(target: ExerciseTarget, unit: WeightUnit) -> list[TargetSet]:
    return [_set(one, unit) for one in target.sets]


def _set(one: SetTarget, unit: WeightUnit) -> TargetSet:
    return TargetSet(
        set_type=one.set_type,
        reps=one.reps,
        reps_min=one.reps_min,
        reps_max=one.reps_max,
        weight_kg=None if one.weight_kg is None else float(one.weight_kg),
        weight=None if one.weight_kg is None else _in_unit(one.weight_kg, unit),
        percent_e1rm=one.percent_e1rm,
        rir=one.rir,
        duration_seconds=one.duration_seconds,
        distance_m=one.distance_m,
        tempo=one.tempo,
    )


def _in_unit(kg: Decimal, unit: WeightUnit) -> Load:
    value = kg / _KG_PER_LB if unit is WeightUnit.LB else kg
    return Load(value=float(round(value, 2)), unit=unit)
