"""The next session: the active plan's next day, with targets computed from what was last lifted."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from src.core.schema import Output
from src.training.content import PlannedExercise
from src.training.history import MAX_SESSIONS, PrescribedSince, judge_sessions
from src.training.loads import Loading, choose_loading
from src.training.progression.targets import SetTarget, next_targets
from src.vocabulary import ExerciseKind, SetType, WeightUnit
from src.workouts.next_state import NextWorkoutState, ReplacedExercise


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
    replaces: Annotated[
        ReplacedExercise | None,
        Field(
            description="The exercise of the plan that this one stands in for today, because of what the person told."
        ),
    ] = None


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
    notes: Annotated[
        list[str], Field(description="What is left out or replaced today, and because of whose words.")
    ] = []


def next_workout(state: NextWorkoutState) -> NextWorkout:
    """The next session."""
    day, is_deload = state.content, state.plan.is_deload(state.today)
    return NextWorkout(
        plan_id=state.plan_id,
        plan_name=state.plan_name,
        plan_version=state.plan_version,
        plan_day=state.plan_day,
        name=day.name,
        weekday=day.weekday,
        week=state.plan.week_of(state.today),
        is_deload=is_deload,
        exercises=[
            _exercise(planned, since, state, is_deload=is_deload)
            for planned, since in zip(day.exercises, state.prescribed_since, strict=True)
        ],
        notes=state.notes,
    )


def _exercise(
    planned: PlannedExercise, since: PrescribedSince | None, state: NextWorkoutState, *, is_deload: bool
) -> TargetExercise:
    known = state.exercises[planned.exercise_id]
    loading = choose_loading(sorted(known.equipment), state.load_steps_kg, state.weight_unit)
    history = judge_sessions(known.sessions, since, state.plan_day, state.plan)
    target = next_targets(
        planned, history, loading, is_deload_week=is_deload, is_truncated=len(history) == MAX_SESSIONS
    )
    return TargetExercise(
        exercise_id=planned.exercise_id,
        exercise_name=known.name,
        kind=known.kind,
        superset_group=planned.superset_group,
        rest_seconds=planned.rest_seconds,
        notes=planned.notes,
        rule=target.rule.value,
        explanation=target.explanation,
        evidence=[UUID(set_id) for set_id in target.evidence],
        sets=[_set(set_target, loading) for set_target in target.sets],
        replaces=state.stands_in_for.get(known.id),
    )


def _set(target: SetTarget, loading: Loading) -> TargetSet:
    planned, kg = target.planned, target.weight_kg
    return TargetSet(
        set_type=planned.set_type,
        reps=target.reps,
        reps_min=planned.reps_min,
        reps_max=planned.reps_max,
        weight_kg=None if kg is None else float(round(kg, 3)),
        weight=None if kg is None else Load(value=float(loading.to_unit(kg)), unit=loading.unit),
        percent_e1rm=planned.percent_e1rm,
        rir=planned.rir,
        duration_seconds=planned.duration_seconds,
        distance_m=planned.distance_m,
        tempo=planned.tempo,
    )
