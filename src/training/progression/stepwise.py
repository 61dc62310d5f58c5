"""Double progression and linear progression: the load rises when the target was reached in every set."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from src.training.content import DoubleProgression, LinearProgression, PlannedSet
from src.training.history import PerformedSession, PerformedSet
from src.training.loads import Loading
from src.training.progression.aims import (
    MISSES_TO_DELOAD,
    TOLERANCE_KG,
    Aim,
    Outcome,
    TargetRule,
    first_aim,
    floor_of,
    judge,
    lighten,
    percent_loads,
    top_of,
)


class _Rules(NamedTuple):
    increase: TargetRule
    hold: TargetRule


_DOUBLE = _Rules(TargetRule.DOUBLE_INCREASE, TargetRule.DOUBLE_HOLD)
_LINEAR = _Rules(TargetRule.LINEAR_INCREASE, TargetRule.LINEAR_HOLD)


def aim_stepwise(
    progression: DoubleProgression | LinearProgression,
    work: list[PlannedSet],
    history: list[PerformedSession],
    loading: Loading,
    *,
    is_truncated: bool,
) -> Aim:
    """The aim after all sessions; `is_truncated`: older sessions are missing from `history`."""
    aim = first_aim(work, loading)
    if is_truncated:
        # The first loads are not known any more: start from the oldest known session's.
        aim = replace(aim, loads=(None,) * len(work))
    for session in history:
        aim = _advance(session, aim, progression, work, loading)
    return aim


def select_judging(work: list[PlannedSet], history: list[PerformedSession], loading: Loading) -> list[PerformedSession]:
    """The sessions that these planned sets can judge. If the sets have loads, progression starts from those: of the
    sessions before they were planned, only the last ones with at least these sets at these loads count."""
    loads = percent_loads(work, None, loading)
    if None in loads:
        return [_pad_sets(session, len(work)) if session.is_earlier else session for session in history]
    since = next((at for at, session in enumerate(history) if not session.is_earlier), len(history))
    while since > 0 and _has_just(loads, history[since - 1].sets):
        since -= 1
    return history[since:]


def _pad_sets(session: PerformedSession, sets: int) -> PerformedSession:
    """The session with its last set repeated up to `sets`: it was planned with fewer, so none was missed."""
    missing = max(sets - len(session.sets), 0)
    return replace(session, sets=[*session.sets, *([session.sets[-1]] * missing)])


def _has_just(loads: Sequence[Decimal | None], done: Sequence[PerformedSet]) -> bool:
    return len(done) >= len(loads) and all(
        load is not None and done_set.weight_kg is not None and abs(done_set.weight_kg - load) <= TOLERANCE_KG
        for load, done_set in zip(loads, done, strict=False)
    )


def _advance(
    session: PerformedSession,
    aim: Aim,
    progression: DoubleProgression | LinearProgression,
    work: list[PlannedSet],
    loading: Loading,
) -> Aim:
    """The aim after one more session."""
    done = session.sets[: len(work)]
    # Without a planned load, progression starts from the one that was lifted.
    asked = tuple(_lifted_load(done, at) if load is None else load for at, load in enumerate(aim.loads))
    is_double = isinstance(progression, DoubleProgression)
    tops = tuple(map(top_of if is_double else floor_of, work))
    aim = replace(aim, loads=asked, evidence=tuple(dict.fromkeys(done_set.id for done_set in done)))
    match judge(work, asked, tops, done):
        case Outcome.MISSED:
            return _repeat_or_deload(aim, work, done, loading)
        case Outcome.MET:
            return _add_reps(_raise_to_lifted(aim, done), work, done, loading)
        case Outcome.TOP:
            increment = Decimal(str(progression.increment_kg))
            return _increase_loads(
                _raise_to_lifted(aim, done), work, _DOUBLE if is_double else _LINEAR, increment, loading
            )


def _raise_to_lifted(aim: Aim, done: Sequence[PerformedSet]) -> Aim:
    """The aim with the lifted loads where those are higher."""
    loads = tuple(
        load if done_set.weight_kg is None else max(load or Decimal(0), done_set.weight_kg)
        for load, done_set in zip(aim.loads, done, strict=True)
    )
    return replace(aim, loads=loads)


def _increase_loads(aim: Aim, work: list[PlannedSet], rules: _Rules, increment: Decimal, loading: Loading) -> Aim:
    floors = tuple(map(floor_of, work))
    if all(load is None for load in aim.loads):
        explanation = "You reached the target in every set, and there is no load to raise: hold it, or make it harder."
        return replace(aim, rule=rules.hold, explanation=explanation, misses=0)
    loads = tuple(None if load is None else loading.increase(load, increment) for load in aim.loads)
    reached = f"You reached the target in every set at {loading.format_range(aim.loads)}"
    heavier = loading.format_range(loads)
    explanation = f"{reached}: {loading.format(increment)} more makes {heavier}, rounded to what you can load."
    return replace(aim, loads=loads, reps=floors, rule=rules.increase, explanation=explanation, misses=0)


def _add_reps(aim: Aim, work: list[PlannedSet], done: Sequence[PerformedSet], loading: Loading) -> Aim:
    lowest = min(done_set.reps or 0 for done_set in done)
    reps = tuple(
        None if (top := top_of(planned)) is None else min(max(done_set.reps or 0, lowest + 1), top)
        for planned, done_set in zip(work, done, strict=True)
    )
    at = "" if all(load is None for load in aim.loads) else f" at {loading.format_range(aim.loads)}"
    explanation = (
        f"Within the range{at}, and not yet at the top of it in every set: add a repetition where you did fewest."
    )
    return replace(aim, reps=reps, rule=TargetRule.DOUBLE_REPS, explanation=explanation, misses=0)


def _repeat_or_deload(aim: Aim, work: list[PlannedSet], done: Sequence[PerformedSet], loading: Loading) -> Aim:
    misses = aim.misses + 1
    at = "" if all(load is None for load in aim.loads) else f" at {loading.format_range(aim.loads)}"
    what = f"{len(done)} of {len(work)} sets were done" if len(done) < len(work) else "a set was below it"
    if misses < MISSES_TO_DELOAD:
        explanation = f"The target{at} was missed ({what}): it repeats."
        return replace(aim, rule=TargetRule.REPEAT, explanation=explanation, misses=misses)
    lighter = replace(lighten(aim, work, loading), misses=0, rule=TargetRule.DELOAD)
    to = "fewer repetitions" if not at else f"{loading.format_range(lighter.loads)}, rounded to what you can load"
    return replace(lighter, explanation=f"The target{at} was missed twice in a row: a tenth less makes {to}.")


def _lifted_load(done: Sequence[PerformedSet], at: int) -> Decimal | None:
    """The load of the set at this index, or of the last one done."""
    return done[min(at, len(done) - 1)].weight_kg
