"""Changes of loads. The progression rules (src/training/progression) decide the next load; this module only changes
the plan's numbers to it, and explains why.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from src.training.adapter.changes import ChangedPart, ChangeRule, ProposedChange
from src.training.adapter.constants import BREAK_DAYS, FAILED_DELOADS, FAILURE_MEMORY_DAYS, LONG_BREAK_DAYS
from src.training.adapter.context import AdaptationContext, TrainedExercise
from src.training.history import WORK
from src.training.progression.aims import INCREASES, TargetRule
from src.training.progression.targets import ExerciseTarget
from src.vocabulary import ProposalStatus

# Rules of targets that are the reason for a change by themselves.
_NAMED = {
    TargetRule.DELOAD: ChangeRule.DELOAD,
    TargetRule.DOUBLE_INCREASE: ChangeRule.DOUBLE_INCREASE,
    TargetRule.LINEAR_INCREASE: ChangeRule.LINEAR_INCREASE,
}
_OF_LOADS = (ChangeRule.DELOAD, ChangeRule.DOUBLE_INCREASE, ChangeRule.LINEAR_INCREASE, ChangeRule.LIFTED)
_HEAVIEST_KG = 1000.0

Loads = tuple[Decimal | None, ...]


def load_progression(trained: TrainedExercise) -> ProposedChange | None:
    """Changes the planned loads to the next ones; None when they are equal, or no load is known."""
    loads = _round_to_loadable(trained, _loads(trained.target))
    if not trained.history or not any(loads) or _is_planned(trained, loads):
        return None
    rule, target = _cause(trained, loads)
    return _change(trained, rule, loads, target.evidence or trained.last_sets, _explain(trained, rule))


def restart_lighter(trained: TrainedExercise) -> ProposedChange | None:
    """Lighter loads after a long break, once for each break; None without a break or a load."""
    context = trained.context
    days = break_days(context)
    loads = _loads(trained.target)
    if days is None or not any(loads) or context.last_changed(ChangeRule.RESTART, trained.exercise.id, days + 1):
        return None
    for _ in range(2 if days >= LONG_BREAK_DAYS else 1):
        loads = tuple(None if load is None else trained.loading.deload(load) for load in loads)
    if not any(loads) or _is_planned(trained, loads):
        return None
    return _change(trained, ChangeRule.RESTART, loads, trained.last_sets, f"You have not trained for {days} days")


def break_days(context: AdaptationContext) -> int | None:
    """Days since the last workout if they make a break, else None."""
    if context.last_on is None or context.days_since(context.last_on) < BREAK_DAYS:
        return None
    return context.days_since(context.last_on)


def is_failing(trained: TrainedExercise) -> bool:
    """Whether the exercise has just been deloaded again without a raise since the deload before."""
    if trained.target.rule is not TargetRule.DELOAD:
        return False
    deloads = 0
    for _, target in trained.steps:
        deloads = 0 if target.rule in INCREASES else deloads + (target.rule is TargetRule.DELOAD)
    return deloads + _was_deloaded(trained) >= FAILED_DELOADS


def _was_deloaded(trained: TrainedExercise) -> bool:
    """Whether the last accepted change of its loads was a deload."""
    accepted = trained.context.decided_within(ProposalStatus.ACCEPTED, FAILURE_MEMORY_DAYS)
    moves = [rule for decision in accepted for rule in _OF_LOADS if decision.has_change({rule}, trained.exercise.id)]
    return moves[-1:] == [ChangeRule.DELOAD]


def _cause(trained: TrainedExercise, loads: Loads) -> tuple[ChangeRule, ExerciseTarget]:
    """The rule and the session that made the loads so: the last one that moved them the way they have gone."""
    is_less = _sum_loads(loads) < _sum_loads(_planned_loads(trained))
    targets = [target for _, target in trained.steps]
    for before, after in reversed(list(pairwise(targets))):
        moved = _sum_loads(_loads(after)) - _sum_loads(_loads(before))
        if (moved < 0) if is_less else (moved > 0):
            return _NAMED.get(after.rule, ChangeRule.LIFTED), after
    return ChangeRule.LIFTED, targets[-1]


def _explain(trained: TrainedExercise, rule: ChangeRule) -> str:
    match rule:
        case ChangeRule.DOUBLE_INCREASE | ChangeRule.LINEAR_INCREASE:
            return f"You reached the target in every set of {trained.name}"
        case ChangeRule.DELOAD:
            return f"You missed the target of {trained.name} twice in a row"
        case _ if any(_planned_loads(trained)):
            return f"You have trained {trained.name} with another load than planned"
        case _:
            return f"You have trained {trained.name}, so its load is known"


def _change(
    trained: TrainedExercise, rule: ChangeRule, loads: Loads, evidence: Sequence[str], why: str
) -> ProposedChange:
    before = [planned_set.weight_kg for planned_set in trained.planned.sets]
    after = _all_sets(trained, loads)
    was, now = trained.loading.format_range(_planned_loads(trained)), trained.loading.format_range(loads)
    what = f"{was} becomes {now}" if was else f"it is now planned with {now}"
    return ProposedChange(
        rule,
        trained.exercise.id,
        trained.place,
        ChangedPart.LOADS,
        before,
        after,
        tuple(dict.fromkeys(evidence)),
        f"{why}: {what}.",
    )


def _all_sets(trained: TrainedExercise, loads: Loads) -> list[float | None]:
    work = iter(loads)
    return [
        _to_json(next(work)) if planned_set.set_type in WORK else planned_set.weight_kg
        for planned_set in trained.planned.sets
    ]


def _to_json(load: Decimal | None) -> float | None:
    return None if load is None else min(float(round(load, 3)), _HEAVIEST_KG)


def _loads(target: ExerciseTarget) -> Loads:
    return tuple(set_target.weight_kg for set_target in target.sets if set_target.planned.set_type in WORK)


def _planned_loads(trained: TrainedExercise) -> Loads:
    return tuple(
        None if planned_set.weight_kg is None else Decimal(str(planned_set.weight_kg))
        for planned_set in trained.planned.sets
        if planned_set.set_type in WORK
    )


def _is_planned(trained: TrainedExercise, loads: Loads) -> bool:
    # A percentage of the estimated maximum has no load of its own. A warm-up's load does not tell those of later sets.
    if any(
        planned_set.percent_e1rm is not None for planned_set in trained.planned.sets if planned_set.set_type in WORK
    ):
        return True
    return [*map(_to_json, _round_to_loadable(trained, _planned_loads(trained)))] == [*map(_to_json, loads)]


def _round_to_loadable(trained: TrainedExercise, loads: Loads) -> Loads:
    # Lifted loads may have used equipment that is not always at hand.
    return tuple(None if load is None else trained.loading.nearest(load) for load in loads)


def _sum_loads(loads: Loads) -> Decimal:
    return sum((load for load in loads if load is not None), Decimal(0))
