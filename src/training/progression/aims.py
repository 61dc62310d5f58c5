"""Shared by the progression rules: the aim, and whether a session reached it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, StrEnum, auto

from src.training.content import PlannedSet
from src.training.history import PerformedSession, PerformedSet
from src.training.loads import DELOAD, Loading

MISSES_TO_DELOAD = 2
# A load shown in pounds is rounded to the hundredth: lifting what was shown is enough.
TOLERANCE_KG = Decimal("0.01")


class TargetRule(StrEnum):
    """The rule that a target follows from. The contract shows its value."""

    FIRST_TIME = "first_time"
    PLANNED = "planned"
    REPEAT = "repeat"
    DELOAD = "deload"
    DELOAD_WEEK = "deload_week"
    NONE = "none"
    DOUBLE_INCREASE = "double_progression.increase"
    DOUBLE_HOLD = "double_progression.hold"
    DOUBLE_REPS = "double_progression.reps"
    LINEAR_INCREASE = "linear.increase"
    LINEAR_HOLD = "linear.hold"
    PERCENT = "percent_e1rm"
    PERCENT_UNKNOWN = "percent_e1rm.unknown"


INCREASES = frozenset({TargetRule.DOUBLE_INCREASE, TargetRule.LINEAR_INCREASE})
"""Rules that raise the load."""


class Outcome(Enum):
    """Of a session: the top of the target in every set, the target, or less."""

    TOP = auto()
    MET = auto()
    MISSED = auto()


@dataclass(frozen=True)
class Aim:
    """Loads and repetitions of the work sets, in order, and how they came about."""

    loads: tuple[Decimal | None, ...]
    reps: tuple[int | None, ...]
    rule: TargetRule = TargetRule.FIRST_TIME
    explanation: str = ""
    misses: int = 0
    evidence: tuple[str, ...] = ()


def first_aim(work: list[PlannedSet], loading: Loading) -> Aim:
    """The aim before any session: the plan's own targets."""
    loads = percent_loads(work, None, loading)
    known = any(load is not None for load in loads)
    explanation = (
        f"First time: your plan starts at {loading.format_range(loads)}."
        if known
        else "First time: choose a load that you can lift for the planned repetitions; the next target follows from it."
    )
    return Aim(loads, tuple(map(floor_of, work)), explanation=explanation)


def judge(
    work: Sequence[PlannedSet],
    loads: Sequence[Decimal | None],
    tops: Sequence[int | None],
    done: Sequence[PerformedSet],
) -> Outcome:
    """Compares the sets done with the target; `tops`: the repetitions at which a set has reached the top."""
    if len(done) < len(work) or not all(map(_is_met, work, loads, map(floor_of, work), done)):
        return Outcome.MISSED
    return Outcome.TOP if all(map(_is_met, work, loads, tops, done)) else Outcome.MET


def _is_met(planned: PlannedSet, load: Decimal | None, reps: int | None, done: PerformedSet) -> bool:
    # The repetitions count only with at least the load.
    return (
        (done.weight_kg or Decimal(0)) + TOLERANCE_KG >= (load or Decimal(0))
        and (done.reps or 0) >= (reps or 0)
        and (done.duration_seconds or 0) >= (planned.duration_seconds or 0)
        and float(done.distance_m or 0) >= (planned.distance_m or 0)
    )


def lighten(aim: Aim, work: list[PlannedSet], loading: Loading) -> Aim:
    """Takes a tenth off the loads, or off the repetitions where there are no loads."""
    loads = tuple(None if load is None else loading.deload(load) for load in aim.loads)
    floors = tuple(map(floor_of, work))
    if all(load is None for load in loads):
        floors = tuple(None if reps is None else max(int(reps * DELOAD), 1) for reps in floors)
    explanation = "A deload week of your plan: a tenth less, rounded to what you can load."
    return replace(aim, loads=loads, reps=floors, rule=TargetRule.DELOAD_WEEK, explanation=explanation)


def percent_loads(work: list[PlannedSet], maximum: Decimal | None, loading: Loading) -> tuple[Decimal | None, ...]:
    """The planned loads of the work sets, percentages taken of the maximum."""
    return tuple(load_of(planned, maximum, loading) for planned in work)


def load_of(planned: PlannedSet, maximum: Decimal | None, loading: Loading) -> Decimal | None:
    """The planned load; None where there is none, or the maximum that it is a percentage of is not known."""
    if planned.weight_kg is not None:
        return loading.nearest(Decimal(str(planned.weight_kg)))
    if planned.percent_e1rm is not None and maximum is not None:
        return loading.nearest(maximum * Decimal(str(planned.percent_e1rm)) / 100)
    return None


def best_maximum(history: Sequence[PerformedSession]) -> Decimal | None:
    """The best estimated one-repetition maximum of all sets."""
    return max((done.e1rm_kg for session in history for done in session.sets if done.e1rm_kg), default=None)


def floor_of(planned: PlannedSet) -> int | None:
    """The lowest repetitions of a planned set."""
    return planned.reps_max if planned.reps_min is None else planned.reps_min


def top_of(planned: PlannedSet) -> int | None:
    """The highest repetitions of a planned set."""
    return planned.reps_min if planned.reps_max is None else planned.reps_max
