"""More or fewer sets, by adherence. Changes of volume are at least VOLUME_PAUSE_DAYS apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from src.training.adapter.changes import VOLUME, ChangedPart, ChangeRule, ProposedChange, sets_json
from src.training.adapter.constants import (
    ADHERENCE_WEEKS,
    HIGH_ADHERENCE,
    LOW_ADHERENCE,
    MAX_ADDED,
    MAX_SETS,
    MIN_SETS,
    MIN_WEEKS,
    TARGETS_MET,
    VOLUME_PAUSE_DAYS,
    WEEKS_ON_TARGET,
)
from src.training.adapter.context import AdaptationContext, TrainedExercise
from src.training.content import PlannedSet
from src.training.history import WORK
from src.training.levels import BEGINNER
from src.training.progression.aims import TargetRule
from src.training.volume import NOT_COUNTED, SETS_TO_GROW, WEEK, count_week, has_hard_sets
from src.vocabulary import Muscle, ProposalStatus


@dataclass(frozen=True)
class Adherence:
    """Sessions done of those planned, in whole weeks up to today."""

    weeks: int
    done: int
    planned: int

    @property
    def share(self) -> float:
        return self.done / self.planned


def measure_adherence(context: AdaptationContext) -> Adherence | None:
    """Over the last whole weeks of the plan as it is, at most ADHERENCE_WEEKS; None when there are too few.

    Weeks before the last change of volume or restart do not count: that change answered them.
    """
    if not context.trained_on:
        return None
    days = context.days_since(min(context.trained_on)) + 1
    for decision in context.decided_within(ProposalStatus.ACCEPTED, days):
        if any(change.rule in VOLUME or change.rule == ChangeRule.RESTART for change in decision.changes):
            days = min(days, context.days_since(decision.on))
    weeks = min(days // 7, ADHERENCE_WEEKS)
    if weeks < MIN_WEEKS:
        return None
    begin = context.today - timedelta(weeks=weeks)
    done = sum(begin < day <= context.today for day in context.trained_on)
    # The days of a plan may take turns over more than a week.
    a_week = context.days_per_week or min(len(context.content.days), WEEK)
    return Adherence(weeks, done, weeks * a_week)


def adjust_volume(context: AdaptationContext, exercises: Sequence[TrainedExercise]) -> Iterator[ProposedChange]:
    """Changes of the number of sets of these exercises; none while the last change of volume is recent.

    A changed number of sets restarts the progression, so the exercises should already have their next loads.
    """
    adherence = measure_adherence(context)
    if adherence is None or _is_recent(context):
        return
    if adherence.share < LOW_ADHERENCE:
        yield from _remove_sets(exercises, adherence)
    elif adherence.share >= HIGH_ADHERENCE and adherence.weeks >= WEEKS_ON_TARGET and _meets_targets(context):
        yield from _add_sets(context, exercises, adherence)


def _is_recent(context: AdaptationContext) -> bool:
    decisions = context.decided_within(ProposalStatus.ACCEPTED, VOLUME_PAUSE_DAYS)
    return any(change.rule in VOLUME for decision in decisions for change in decision.changes)


def _remove_sets(exercises: Sequence[TrainedExercise], adherence: Adherence) -> Iterator[ProposedChange]:
    """Removes a set of each accessory. The first exercise of a day is its main one and keeps its sets."""
    for trained in exercises:
        if trained.place[1] > 0 and trained.work_sets > MIN_SETS:
            last = _last_work_set(trained)
            sets = trained.planned.sets
            what = f"a set less of {trained.name} leaves {trained.work_sets - 1}"
            yield _change(trained, ChangeRule.LESS_VOLUME, sets[:last] + sets[last + 1 :], adherence, what)


def _add_sets(
    context: AdaptationContext, exercises: Sequence[TrainedExercise], adherence: Adherence
) -> Iterator[ProposedChange]:
    """Adds a set for the muscles that have the fewest, as long as none exceeds its range."""
    limit = SETS_TO_GROW[context.level or BEGINNER].max
    weekly = count_week(context.content.days, context.known)
    added = 0
    counted = [trained for trained in exercises if has_hard_sets(trained.exercise)]
    for trained in sorted(counted, key=lambda trained: (_fewest(trained, weekly), trained.work_sets, trained.place)):
        if added < MAX_ADDED and _has_room(trained, weekly, limit):
            added += 1
            for muscle, share in trained.exercise.share.items():
                weekly[muscle] = weekly.get(muscle, 0) + share
            last, sets = _last_work_set(trained), trained.planned.sets
            more = [*sets[: last + 1], sets[last], *sets[last + 1 :]]
            what = f"another set of {trained.name} makes {trained.work_sets + 1}"
            yield _change(trained, ChangeRule.MORE_VOLUME, more, adherence, what)


def _has_room(trained: TrainedExercise, weekly: dict[Muscle, float], limit: int) -> bool:
    """Whether another set keeps the exercise and its muscles within their limits; False for exercises not done."""
    shares = trained.exercise.share.items()
    return (
        bool(trained.history)
        and trained.work_sets < MAX_SETS
        and _fewest(trained, weekly) > 0
        and all(weekly.get(muscle, 0) + share <= limit for muscle, share in shares)
    )


def _fewest(trained: TrainedExercise, weekly: dict[Muscle, float]) -> float:
    """The sets of the muscle that has fewest, of those it is for; 0 when none of them is counted."""
    muscles = [muscle for muscle in trained.exercise.primary_muscles if muscle not in NOT_COUNTED]
    return min((weekly.get(muscle, 0) for muscle in muscles), default=0)


def _meets_targets(context: AdaptationContext) -> bool:
    begin = context.today - timedelta(weeks=WEEKS_ON_TARGET)
    rules = [
        target.rule
        for trained in context.trained
        for on, target in trained.steps
        if on is not None and begin < on <= context.today
    ]
    met = sum(rule not in {TargetRule.REPEAT, TargetRule.DELOAD} for rule in rules)
    return bool(rules) and met / len(rules) >= TARGETS_MET


def _change(
    trained: TrainedExercise, rule: ChangeRule, sets: Sequence[PlannedSet], adherence: Adherence, what: str
) -> ProposedChange:
    why = f"You did {adherence.done} of {adherence.planned} planned sessions in {adherence.weeks} weeks"
    before, after = sets_json(trained.planned.sets), sets_json(sets)
    return ProposedChange(
        rule, trained.exercise.id, trained.place, ChangedPart.SETS, before, after, trained.last_sets, f"{why}: {what}."
    )


def _last_work_set(trained: TrainedExercise) -> int:
    return max(number for number, planned in enumerate(trained.planned.sets) if planned.set_type in WORK)
