"""The next session: the active plan's next day, with targets computed from what was last lifted."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from src.core.gateway import Row
from src.core.schema import Output
from src.training.content import PlanDay, PlannedExercise
from src.training.history import MOST_SESSIONS, sessions_of, week_of
from src.training.loads import Loading, loading_of
from src.training.progression import SetTarget, next_targets
from src.vocabulary import ExerciseKind, SetType, WeightUnit


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
    """The next session, from the answer of public.next_workout()."""
    day = PlanDay.model_validate(state["content"])
    week = week_of(state["first_on"], state["today"])
    return NextWorkout(
        plan_id=state["plan_id"],
        plan_name=state["plan_name"],
        plan_version=state["plan_version"],
        plan_day=state["plan_day"],
        name=day.name,
        weekday=day.weekday,
        week=week,
        is_deload=week in state["deload_weeks"],
        exercises=[
            _exercise(planned, since, state, is_deload=week in state["deload_weeks"])
            for planned, since in zip(day.exercises, state["asked_since"], strict=True)
        ],
    )


def _exercise(planned: PlannedExercise, since: Row | None, state: Row, *, is_deload: bool) -> TargetExercise:
    known = state["exercises"][str(planned.exercise_id)]
    loading = loading_of(known["equipment"], state["load_steps_kg"], WeightUnit(state["weight_unit"]))
    history = sessions_of(known["sessions"], since, state["plan_day"], state)
    target = next_targets(planned, history, loading, is_deload_week=is_deload, is_cut=len(history) == MOST_SESSIONS)
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
        sets=[_set(one, loading) for one in target.sets],
    )


def _set(target: SetTarget, loading: Loading) -> TargetSet:
    planned, kg = target.planned, target.weight_kg
    return TargetSet(
        set_type=planned.set_type,
        reps=target.reps,
        reps_min=planned.reps_min,
        reps_max=planned.reps_max,
        weight_kg=None if kg is None else float(round(kg, 3)),
        weight=None if kg is None else Load(value=float(loading.shown(kg)), unit=loading.unit),
        percent_e1rm=planned.percent_e1rm,
        rir=planned.rir,
        duration_seconds=planned.duration_seconds,
        distance_m=planned.distance_m,
        tempo=planned.tempo,
    )
