"""The next targets of an exercise: its progression rule, deload weeks, and every set in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from src.training.content import (
    DoubleProgression,
    LinearProgression,
    PercentProgression,
    PlannedExercise,
    PlannedSet,
)
from src.training.history import WORK, PerformedSession
from src.training.loads import Loading
from src.training.progression.aims import Aim, TargetRule, best_maximum, floor_of, lighten, load_of, percent_loads
from src.training.progression.percent import aim_by_percent
from src.training.progression.stepwise import aim_stepwise, select_judging


@dataclass(frozen=True)
class SetTarget:
    """A planned set with the load and the repetitions to aim for now; None where nothing is known."""

    planned: PlannedSet
    weight_kg: Decimal | None
    reps: int | None


@dataclass(frozen=True)
class ExerciseTarget:
    """Targets of every set, the rule they follow from, its explanation, and the ids of the sets behind it."""

    rule: TargetRule
    explanation: str
    evidence: tuple[str, ...]
    sets: tuple[SetTarget, ...]


def next_targets(
    planned: PlannedExercise,
    history: Sequence[PerformedSession],
    loading: Loading,
    *,
    is_deload_week: bool = False,
    is_truncated: bool = False,
) -> ExerciseTarget:
    """The targets of one exercise. `history`: oldest first; `is_truncated`: older sessions are missing."""
    work = [planned_set for planned_set in planned.sets if planned_set.set_type in WORK]
    judged = [session for session in history if session.is_judged and session.sets]
    match planned.progression:
        case DoubleProgression() | LinearProgression() as progression if work:
            aim = _stepwise(progression, work, judged, loading, is_truncated=is_truncated)
        case PercentProgression() if work:
            aim = aim_by_percent(work, [session for session in history if session.sets], loading)
        case _:
            aim = _as_planned(work, history, loading)
    if is_deload_week:
        aim = lighten(aim, work, loading)
    sets = tuple(_in_order(planned.sets, aim, history, loading))
    return ExerciseTarget(aim.rule, aim.explanation, aim.evidence, sets)


def _stepwise(
    progression: DoubleProgression | LinearProgression,
    work: list[PlannedSet],
    judged: list[PerformedSession],
    loading: Loading,
    *,
    is_truncated: bool,
) -> Aim:
    asked = select_judging(work, judged, loading)
    # When no session counts, the plan's loads are the start, however many sessions there were.
    is_truncated = is_truncated and bool(asked) and len(asked) == len(judged)
    aim = aim_stepwise(progression, work, asked, loading, is_truncated=is_truncated)
    if not judged or asked:
        return aim
    explanation = f"Your plan goes on from {loading.format_range(aim.loads)}."
    return replace(aim, rule=TargetRule.PLANNED, explanation=explanation)


def _as_planned(work: list[PlannedSet], history: Sequence[PerformedSession], loading: Loading) -> Aim:
    loads = percent_loads(work, best_maximum(history), loading)
    explanation = "Your plan keeps these targets as they are."
    return Aim(loads, tuple(map(floor_of, work)), rule=TargetRule.NONE, explanation=explanation)


def _in_order(
    sets: Sequence[PlannedSet], aim: Aim, history: Sequence[PerformedSession], loading: Loading
) -> Iterator[SetTarget]:
    """All sets in planned order; warm-ups and drop sets keep the plan's targets."""
    work = iter(zip(aim.loads, aim.reps, strict=True))
    for planned in sets:
        if planned.set_type in WORK:
            yield SetTarget(planned, *next(work))
        else:
            yield SetTarget(planned, load_of(planned, best_maximum(history), loading), floor_of(planned))
