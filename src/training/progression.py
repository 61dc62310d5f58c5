"""The targets of a plan's progression rules, computed from the sets that were done.

Every rule replays the exercise's sessions, oldest first, as if each had been asked for its targets: so the answer
follows from logged sets alone, and a corrected set corrects it. A session meets its target when every planned work set
was done with at least its load and its lowest repetitions (or time, or distance). A missed target repeats; two misses
in a row take a tenth off. Loads in kg.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto

from src.training.content import (
    DoubleProgression,
    LinearProgression,
    PercentProgression,
    PlannedExercise,
    PlannedSet,
)
from src.training.loads import DELOAD, Loading
from src.vocabulary import SetType

WORK = (SetType.WORKING, SetType.FAILURE, SetType.AMRAP)
_MISSES_TO_DELOAD = 2
# A load shown in pounds is rounded to the hundredth: lifting what was shown is enough.
_TOLERANCE_KG = Decimal("0.01")


@dataclass(frozen=True)
class LoggedSet:
    """A set that was done."""

    id: str
    set_type: SetType
    reps: int | None = None
    weight_kg: Decimal | None = None
    duration_seconds: int | None = None
    distance_m: Decimal | None = None
    e1rm_kg: Decimal | None = None


@dataclass(frozen=True)
class Session:
    """The work sets of one exercise in one workout. `is_judged`: whether this day's targets were asked for in it;
    `is_earlier`: whether the plan asked for something else at the time."""

    sets: Sequence[LoggedSet]
    is_judged: bool = True
    is_earlier: bool = False


@dataclass(frozen=True)
class SetTarget:
    """A planned set with the load and the repetitions to aim for now; None where nothing is known."""

    planned: PlannedSet
    weight_kg: Decimal | None
    reps: int | None


@dataclass(frozen=True)
class ExerciseTarget:
    """What to do, the rule that says so, why, and the ids of the sets it follows from."""

    rule: str
    explanation: str
    evidence: tuple[str, ...]
    sets: tuple[SetTarget, ...]


class _Outcome(Enum):
    TOP = auto()
    MET = auto()
    MISSED = auto()


@dataclass(frozen=True)
class _Aim:
    """Loads and repetitions of the work sets, in order, and how they came about."""

    loads: tuple[Decimal | None, ...]
    reps: tuple[int | None, ...]
    rule: str = "first_time"
    explanation: str = ""
    misses: int = 0
    evidence: tuple[str, ...] = ()


def next_targets(
    planned: PlannedExercise,
    history: Sequence[Session],
    loading: Loading,
    *,
    is_deload_week: bool = False,
    is_cut: bool = False,
) -> ExerciseTarget:
    """The targets of one exercise. `history`: oldest first; `is_cut`: there were older sessions than these."""
    work = [one for one in planned.sets if one.set_type in WORK]
    judged = [session for session in history if session.is_judged and session.sets]
    match planned.progression:
        case DoubleProgression() | LinearProgression() as progression if work:
            asked = _answering(work, judged, loading)
            # With none that counts, the plan says where to begin, however many there were elsewhere.
            is_cut = is_cut and bool(asked) and len(asked) == len(judged)
            aim = _stepwise(progression, work, asked, loading, is_cut=is_cut)
            if judged and not asked:
                aim = replace(aim, rule="planned", explanation=f"Your plan goes on from {_span(aim.loads, loading)}.")
        case PercentProgression() if work:
            aim = _by_percent(work, [session for session in history if session.sets], loading)
        case _:
            aim = _as_planned(work, history, loading)
    if is_deload_week:
        aim = _lightened(aim, work, loading)
    return ExerciseTarget(
        aim.rule, aim.explanation, aim.evidence, tuple(_in_order(planned.sets, aim, history, loading))
    )


# Stepwise: double progression and linear -----------------------------------------------------------------------------


def _stepwise(
    progression: DoubleProgression | LinearProgression,
    work: list[PlannedSet],
    history: list[Session],
    loading: Loading,
    *,
    is_cut: bool,
) -> _Aim:
    aim = _first(work, loading)
    if is_cut:
        # Where the person began is not known any more: their oldest known loads stand for it.
        aim = replace(aim, loads=(None,) * len(work))
    for session in history:
        aim = _after(session, aim, progression, work, loading)
    return aim


def _answering(work: list[PlannedSet], history: list[Session], loading: Loading) -> list[Session]:
    """The sessions that these planned sets can judge. Where they name loads, those are where to go on from: of what was
    done before they were planned, only the last sessions count, as long as they had just these sets."""
    loads = [_load_of(one, None, loading) for one in work]
    if None in loads:
        return [_filled(session, len(work)) if session.is_earlier else session for session in history]
    since = next((at for at, session in enumerate(history) if not session.is_earlier), len(history))
    while since > 0 and _has_just(loads, history[since - 1].sets):
        since -= 1
    return history[since:]


def _filled(session: Session, sets: int) -> Session:
    """A session that was asked for fewer sets, as if the last had been done again: they were not missed."""
    missing = max(sets - len(session.sets), 0)
    return replace(session, sets=[*session.sets, *([session.sets[-1]] * missing)])


def _has_just(loads: Sequence[Decimal | None], done: Sequence[LoggedSet]) -> bool:
    return len(done) >= len(loads) and all(
        load is not None and one.weight_kg is not None and abs(one.weight_kg - load) <= _TOLERANCE_KG
        for load, one in zip(loads, done, strict=False)
    )


def _first(work: list[PlannedSet], loading: Loading) -> _Aim:
    loads = tuple(_load_of(one, None, loading) for one in work)
    known = any(load is not None for load in loads)
    explanation = (
        f"First time: your plan starts at {_span(loads, loading)}."
        if known
        else "First time: choose a load that you can lift for the planned repetitions; the next target follows from it."
    )
    return _Aim(loads, tuple(map(_floor, work)), explanation=explanation)


def _after(
    session: Session,
    aim: _Aim,
    progression: DoubleProgression | LinearProgression,
    work: list[PlannedSet],
    loading: Loading,
) -> _Aim:
    """The aim after one more session."""
    done = session.sets[: len(work)]
    # Where no load was asked for, the one that was chosen is the one to go on from.
    asked = tuple(_lifted(done, at) if load is None else load for at, load in enumerate(aim.loads))
    is_double = isinstance(progression, DoubleProgression)
    tops = tuple(map(_top if is_double else _floor, work))
    aim = replace(aim, loads=asked, evidence=tuple(dict.fromkeys(one.id for one in done)))
    match _outcome(work, asked, tops, done):
        case _Outcome.MISSED:
            return _missed(aim, work, done, loading)
        case _Outcome.MET:
            return _more_reps(_heavier(aim, done), work, done, loading)
        case _Outcome.TOP:
            increment = Decimal(str(progression.increment_kg))
            kind = "double_progression" if is_double else "linear"
            return _more_load(_heavier(aim, done), work, kind, increment, loading)


def _outcome(
    work: Sequence[PlannedSet],
    loads: Sequence[Decimal | None],
    tops: Sequence[int | None],
    done: Sequence[LoggedSet],
) -> _Outcome:
    if len(done) < len(work) or not all(map(_is_met, work, loads, map(_floor, work), done)):
        return _Outcome.MISSED
    return _Outcome.TOP if all(map(_is_met, work, loads, tops, done)) else _Outcome.MET


def _is_met(planned: PlannedSet, load: Decimal | None, reps: int | None, done: LoggedSet) -> bool:
    # The load as well as the repetitions: ten with less is not ten.
    return (
        (done.weight_kg or Decimal(0)) + _TOLERANCE_KG >= (load or Decimal(0))
        and (done.reps or 0) >= (reps or 0)
        and (done.duration_seconds or 0) >= (planned.duration_seconds or 0)
        and float(done.distance_m or 0) >= (planned.distance_m or 0)
    )


def _heavier(aim: _Aim, done: Sequence[LoggedSet]) -> _Aim:
    """The aim with the loads that were lifted where those are above it."""
    loads = tuple(
        load if one.weight_kg is None else max(load or Decimal(0), one.weight_kg)
        for load, one in zip(aim.loads, done, strict=True)
    )
    return replace(aim, loads=loads)


def _more_load(aim: _Aim, work: list[PlannedSet], kind: str, increment: Decimal, loading: Loading) -> _Aim:
    floors = tuple(map(_floor, work))
    if all(load is None for load in aim.loads):
        explanation = "You reached the target in every set, and there is no load to raise: hold it, or make it harder."
        return replace(aim, rule=f"{kind}.hold", explanation=explanation, misses=0)
    loads = tuple(None if load is None else loading.raised(load, increment) for load in aim.loads)
    reached = f"You reached the target in every set at {_span(aim.loads, loading)}"
    explanation = (
        f"{reached}: {loading.text(increment)} more makes {_span(loads, loading)}, rounded to what you can load."
    )
    return replace(aim, loads=loads, reps=floors, rule=f"{kind}.increase", explanation=explanation, misses=0)


def _more_reps(aim: _Aim, work: list[PlannedSet], done: Sequence[LoggedSet], loading: Loading) -> _Aim:
    lowest = min(one.reps or 0 for one in done)
    reps = tuple(
        None if (top := _top(planned)) is None else min(max(one.reps or 0, lowest + 1), top)
        for planned, one in zip(work, done, strict=True)
    )
    at = "" if all(load is None for load in aim.loads) else f" at {_span(aim.loads, loading)}"
    explanation = (
        f"Within the range{at}, and not yet at the top of it in every set: add a repetition where you did fewest."
    )
    return replace(aim, reps=reps, rule="double_progression.reps", explanation=explanation, misses=0)


def _missed(aim: _Aim, work: list[PlannedSet], done: Sequence[LoggedSet], loading: Loading) -> _Aim:
    misses = aim.misses + 1
    at = "" if all(load is None for load in aim.loads) else f" at {_span(aim.loads, loading)}"
    what = f"{len(done)} of {len(work)} sets were done" if len(done) < len(work) else "a set was below it"
    if misses < _MISSES_TO_DELOAD:
        explanation = f"The target{at} was missed ({what}): it repeats."
        return replace(aim, rule="repeat", explanation=explanation, misses=misses)
    lighter = replace(_lightened(aim, work, loading), misses=0, rule="deload")
    to = "fewer repetitions" if not at else f"{_span(lighter.loads, loading)}, rounded to what you can load"
    return replace(lighter, explanation=f"The target{at} was missed twice in a row: a tenth less makes {to}.")


# Percent of the estimated maximum ------------------------------------------------------------------------------------


def _by_percent(work: list[PlannedSet], history: list[Session], loading: Loading) -> _Aim:
    """Loads from a maximum that grows with the best met set, and loses a tenth after two misses."""
    maximum, source, aim = None, None, _first(work, loading)
    for session in history:
        done = session.sets[: len(work)]
        best = max((one for one in session.sets if one.e1rm_kg), key=lambda one: one.e1rm_kg or 0, default=None)
        is_asked = session.is_judged and not session.is_earlier and maximum is not None
        if is_asked and _outcome(work, _percents(work, maximum, loading), aim.reps, done) is _Outcome.MISSED:
            aim = replace(aim, misses=aim.misses + 1, rule="repeat", evidence=tuple(one.id for one in done))
            if aim.misses == _MISSES_TO_DELOAD and maximum is not None:
                maximum, aim = maximum * DELOAD, replace(aim, misses=0, rule="deload")
            continue
        if best is not None and best.e1rm_kg is not None and (maximum is None or best.e1rm_kg > maximum):
            maximum, source = best.e1rm_kg, best.id
        if session.is_judged:
            aim = replace(aim, misses=0, rule="percent_e1rm", evidence=tuple(one.id for one in done))
    return _percent_aim(aim, work, maximum, source, loading)


def _percent_aim(
    aim: _Aim, work: list[PlannedSet], maximum: Decimal | None, source: str | None, loading: Loading
) -> _Aim:
    if maximum is None:
        explanation = (
            "Your maximum is not known yet: log a hard set of at most 12 repetitions, and the loads follow from it."
        )
        return replace(aim, rule="percent_e1rm.unknown", explanation=explanation)
    rule = "percent_e1rm" if aim.rule == "first_time" else aim.rule
    why = {
        "repeat": "The target was missed: it repeats.",
        "deload": "The target was missed twice in a row: your maximum counts a tenth less.",
    }.get(rule, "From your best set.")
    explanation = f"{why} An estimated maximum of {loading.text(maximum)}, times the planned percent."
    evidence = tuple(dict.fromkeys((*aim.evidence, *([source] if source else []))))
    loads = _percents(work, maximum, loading)
    return replace(aim, loads=loads, rule=rule, explanation=explanation, evidence=evidence)


def _percents(work: list[PlannedSet], maximum: Decimal | None, loading: Loading) -> tuple[Decimal | None, ...]:
    return tuple(_load_of(one, maximum, loading) for one in work)


# No progression, and deload weeks -------------------------------------------------------------------------------------


def _as_planned(work: list[PlannedSet], history: Sequence[Session], loading: Loading) -> _Aim:
    loads = _percents(work, _maximum(history), loading)
    explanation = "Your plan keeps these targets as they are."
    return _Aim(loads, tuple(map(_floor, work)), rule="none", explanation=explanation)


def _lightened(aim: _Aim, work: list[PlannedSet], loading: Loading) -> _Aim:
    """A tenth less: of the loads, or of the repetitions where there are none."""
    loads = tuple(None if load is None else loading.lowered(load) for load in aim.loads)
    floors = tuple(map(_floor, work))
    if all(load is None for load in loads):
        floors = tuple(None if reps is None else max(int(reps * DELOAD), 1) for reps in floors)
    explanation = "A deload week of your plan: a tenth less, rounded to what you can load."
    return replace(aim, loads=loads, reps=floors, rule="deload_week", explanation=explanation)


# Sets ----------------------------------------------------------------------------------------------------------------


def _in_order(
    sets: Sequence[PlannedSet], aim: _Aim, history: Sequence[Session], loading: Loading
) -> Iterator[SetTarget]:
    """All sets as planned; warm-ups and drop sets keep what the plan says."""
    work = iter(zip(aim.loads, aim.reps, strict=True))
    for planned in sets:
        if planned.set_type in WORK:
            yield SetTarget(planned, *next(work))
        else:
            yield SetTarget(planned, _load_of(planned, _maximum(history), loading), _floor(planned))


def _load_of(planned: PlannedSet, maximum: Decimal | None, loading: Loading) -> Decimal | None:
    if planned.weight_kg is not None:
        return loading.nearest(Decimal(str(planned.weight_kg)))
    if planned.percent_e1rm is not None and maximum is not None:
        return loading.nearest(maximum * Decimal(str(planned.percent_e1rm)) / 100)
    return None


def _maximum(history: Sequence[Session]) -> Decimal | None:
    return max((one.e1rm_kg for session in history for one in session.sets if one.e1rm_kg), default=None)


def _lifted(done: Sequence[LoggedSet], at: int) -> Decimal | None:
    """The load of the set at this place, or of the last one that was done."""
    return done[min(at, len(done) - 1)].weight_kg


def _floor(planned: PlannedSet) -> int | None:
    return planned.reps_max if planned.reps_min is None else planned.reps_min


def _top(planned: PlannedSet) -> int | None:
    return planned.reps_min if planned.reps_max is None else planned.reps_max


def _span(loads: Sequence[Decimal | None], loading: Loading) -> str:
    known = sorted({load for load in loads if load is not None})
    return loading.text(known[0]) if len(known) == 1 else f"{loading.text(known[0])} to {loading.text(known[-1])}"
