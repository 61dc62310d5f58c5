"""Percent progression: loads as a share of the estimated one-repetition maximum."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from src.training.content import PlannedSet
from src.training.history import PerformedSession, PerformedSet
from src.training.loads import DELOAD, Loading
from src.training.progression.aims import MISSES_TO_DELOAD, Aim, Outcome, TargetRule, first_aim, judge, percent_loads


def aim_by_percent(work: list[PlannedSet], history: list[PerformedSession], loading: Loading) -> Aim:
    """Loads from a maximum that rises with the best set of a met session, and falls a tenth after two misses."""
    maximum, source, aim = None, None, first_aim(work, loading)
    for session in history:
        done = session.sets[: len(work)]
        best = max(session.sets, key=lambda done_set: done_set.e1rm_kg or 0, default=None)
        is_asked = session.is_judged and not session.is_earlier and maximum is not None
        if is_asked and judge(work, percent_loads(work, maximum, loading), aim.reps, done) is Outcome.MISSED:
            aim = replace(aim, misses=aim.misses + 1, rule=TargetRule.REPEAT, evidence=_ids(done))
            if aim.misses == MISSES_TO_DELOAD and maximum is not None:
                maximum, aim = maximum * DELOAD, replace(aim, misses=0, rule=TargetRule.DELOAD)
            continue
        if best is not None and best.e1rm_kg and (maximum is None or best.e1rm_kg > maximum):
            maximum, source = best.e1rm_kg, best.id
        if session.is_judged:
            aim = replace(aim, misses=0, rule=TargetRule.PERCENT, evidence=_ids(done))
    return _percent_aim(aim, work, maximum, source, loading)


def _percent_aim(
    aim: Aim, work: list[PlannedSet], maximum: Decimal | None, source: str | None, loading: Loading
) -> Aim:
    if maximum is None:
        explanation = (
            "Your maximum is not known yet: log a hard set of at most 12 repetitions, and the loads follow from it."
        )
        return replace(aim, rule=TargetRule.PERCENT_UNKNOWN, explanation=explanation)
    rule = TargetRule.PERCENT if aim.rule is TargetRule.FIRST_TIME else aim.rule
    why = {
        TargetRule.REPEAT: "The target was missed: it repeats.",
        TargetRule.DELOAD: "The target was missed twice in a row: your maximum counts a tenth less.",
    }.get(rule, "From your best set.")
    explanation = f"{why} An estimated maximum of {loading.format(maximum)}, times the planned percent."
    evidence = tuple(dict.fromkeys((*aim.evidence, *([source] if source else []))))
    loads = percent_loads(work, maximum, loading)
    return replace(aim, loads=loads, rule=rule, explanation=explanation, evidence=evidence)


def _ids(done: Sequence[PerformedSet]) -> tuple[str, ...]:
    return tuple(done_set.id for done_set in done)
