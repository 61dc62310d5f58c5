"""Loads that follow what was done. What is next comes from the progression rules (src/training/progression.py), never
from here; this only says how the plan's numbers get there, and why.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from src.training.adapter.changes import Change, loads_path
from src.training.adapter.constants import BREAK_DAYS, FAILED_DELOADS, FAILURE_MEMORY_DAYS, LONG_BREAK_DAYS
from src.training.adapter.situation import Entry, Situation
from src.training.progression import WORK, ExerciseTarget
from src.vocabulary import ProposalStatus

DELOAD, LIFTED, RESTART = "deload", "loads.lifted", "restart.lighter"
_HEAVIEST_KG = 1000.0

Loads = tuple[Decimal | None, ...]


def followed(entry: Entry) -> Change | None:
    """The planned loads brought to those that are next; None where they are there, or nothing is known."""
    loads = _loadable(entry, _loads(entry.target))
    if not entry.history or not any(loads) or _is_planned(entry, loads):
        return None
    rule, target = _cause(entry, loads)
    return _change(entry, rule, loads, target.evidence or entry.last_sets, _why(entry, rule))


def restarted(entry: Entry) -> Change | None:
    """Lighter loads after a long break, once for each break; None without a break or a load."""
    situation = entry.situation
    days = break_days(situation)
    loads = _loads(entry.target)
    if days is None or not any(loads) or situation.changed(RESTART, entry.exercise.id, days + 1):
        return None
    for _ in range(2 if days >= LONG_BREAK_DAYS else 1):
        loads = tuple(None if load is None else entry.loading.lowered(load) for load in loads)
    if not any(loads) or _is_planned(entry, loads):
        return None
    return _change(entry, RESTART, loads, entry.last_sets, f"You have not trained for {days} days")


def break_days(situation: Situation) -> int | None:
    """How long the break has been, when it is a long one."""
    if situation.last_on is None or situation.days_since(situation.last_on) < BREAK_DAYS:
        return None
    return situation.days_since(situation.last_on)


def is_failing(entry: Entry) -> bool:
    """Whether the exercise has just been deloaded again without a raise since the deload before."""
    if entry.target.rule != DELOAD:
        return False
    deloads = 0
    for _, target in entry.steps:
        deloads = 0 if target.rule.endswith(".increase") else deloads + (target.rule == DELOAD)
    return deloads + _was_deloaded(entry) >= FAILED_DELOADS


def _was_deloaded(entry: Entry) -> bool:
    """Whether the last accepted change of its loads was a deload."""
    accepted = entry.situation.decided(ProposalStatus.ACCEPTED, FAILURE_MEMORY_DAYS)
    moves = [
        rule
        for decision in accepted
        for rule in (DELOAD, "double_progression", "linear", LIFTED)
        if decision.holds(rule, entry.exercise.id)
    ]
    return moves[-1:] == [DELOAD]


def _cause(entry: Entry, loads: Loads) -> tuple[str, ExerciseTarget]:
    """The rule and the session that made the loads so: the last one that moved them the way they have gone."""
    is_less = _weight(loads) < _weight(_planned(entry))
    targets = [target for _, target in entry.steps]
    for before, after in reversed(list(pairwise(targets))):
        moved = _weight(_loads(after)) - _weight(_loads(before))
        if (moved < 0) if is_less else (moved > 0):
            is_named = after.rule == DELOAD or after.rule.endswith(".increase")
            return (after.rule if is_named else LIFTED), after
    return LIFTED, targets[-1]


def _why(entry: Entry, rule: str) -> str:
    match rule.rpartition(".")[2]:
        case "increase":
            return f"You reached the target in every set of {entry.name}"
        case "deload":
            return f"You missed the target of {entry.name} twice in a row"
        case _ if any(_planned(entry)):
            return f"You have trained {entry.name} with another load than planned"
        case _:
            return f"You have trained {entry.name}, so its load is known"


def _change(entry: Entry, rule: str, loads: Loads, evidence: Sequence[str], why: str) -> Change:
    before = [one.weight_kg for one in entry.planned.sets]
    after = _all_sets(entry, loads)
    was, now = _span(entry, _planned(entry)), _span(entry, loads)
    what = f"it is now planned with {now}" if was is None else f"{was} becomes {now}"
    return Change(
        rule,
        entry.exercise.id,
        loads_path(entry.place),
        before,
        after,
        tuple(dict.fromkeys(evidence)),
        f"{why}: {what}.",
    )


def _all_sets(entry: Entry, loads: Loads) -> list[float | None]:
    work = iter(loads)
    return [_stored(next(work)) if one.set_type in WORK else one.weight_kg for one in entry.planned.sets]


def _stored(load: Decimal | None) -> float | None:
    return None if load is None else min(float(round(load, 3)), _HEAVIEST_KG)


def _loads(target: ExerciseTarget) -> Loads:
    return tuple(one.weight_kg for one in target.sets if one.planned.set_type in WORK)


def _planned(entry: Entry) -> Loads:
    return tuple(
        None if one.weight_kg is None else Decimal(str(one.weight_kg))
        for one in entry.planned.sets
        if one.set_type in WORK
    )


def _is_planned(entry: Entry, loads: Loads) -> bool:
    # A percent of the estimated maximum follows by itself, and has no load of its own. A warm-up's says nothing of the
    # sets after it.
    if any(one.percent_e1rm is not None for one in entry.planned.sets if one.set_type in WORK):
        return True
    return [*map(_stored, _loadable(entry, _planned(entry)))] == [*map(_stored, loads)]


def _loadable(entry: Entry, loads: Loads) -> Loads:
    # What was lifted may have been loaded with what is not there every day.
    return tuple(None if load is None else entry.loading.nearest(load) for load in loads)


def _weight(loads: Loads) -> Decimal:
    return sum((load for load in loads if load is not None), Decimal(0))


def _span(entry: Entry, loads: Loads) -> str | None:
    known = sorted({load for load in loads if load is not None})
    if not known:
        return None
    ends = [entry.loading.text(load) for load in (known[0], known[-1])]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
