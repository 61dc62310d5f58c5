"""More or fewer sets, by how much of the plan is done. Every change of volume waits out the one before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from src.training.adapter.changes import Change, sets_json, sets_path
from src.training.adapter.constants import (
    ADHERENCE_WEEKS,
    HIGH_ADHERENCE,
    LEAST_SETS,
    LEAST_WEEKS,
    LOW_ADHERENCE,
    MOST_ADDED,
    MOST_SETS,
    TARGETS_MET,
    VOLUME_PAUSE_DAYS,
    WEEKS_ON_TARGET,
)
from src.training.adapter.progress import DELOAD, RESTART
from src.training.adapter.situation import Entry, Situation
from src.training.content import PlannedSet
from src.training.generator.constants import NOT_COUNTED, SETS_TO_GROW
from src.training.generator.measures import WEEK, is_hard, sets_of_week
from src.training.progression import WORK
from src.vocabulary import ExperienceLevel, Muscle, ProposalStatus

LESS, MORE = "volume.less", "volume.more"


@dataclass(frozen=True)
class Adherence:
    """Sessions done of those planned, in whole weeks up to today."""

    weeks: int
    done: int
    planned: int

    @property
    def share(self) -> float:
        return self.done / self.planned


def adherence(situation: Situation) -> Adherence | None:
    """Over the last whole weeks of the plan as it is, at most ADHERENCE_WEEKS; None when those are too few to say.

    What was before the last change of volume or a restart after a break has had its answer.
    """
    if not situation.trained_on:
        return None
    days = situation.days_since(min(situation.trained_on)) + 1
    for decision in situation.decided(ProposalStatus.ACCEPTED, days):
        if any(str(one["rule"]).startswith(("volume.", RESTART)) for one in decision.changes):
            days = min(days, situation.days_since(decision.on))
    weeks = min(days // 7, ADHERENCE_WEEKS)
    if weeks < LEAST_WEEKS:
        return None
    begin = situation.today - timedelta(weeks=weeks)
    done = sum(begin < day <= situation.today for day in situation.trained_on)
    # The days of a plan may take turns over more than a week.
    a_week = situation.days_per_week or min(len(situation.content.days), WEEK)
    return Adherence(weeks, done, weeks * a_week)


def resized(situation: Situation, entries: Sequence[Entry]) -> Iterator[Change]:
    """Changes of the number of sets of these entries; none while the last change of volume is recent.

    What has another number of sets begins anew, so the loads of the entries should be those that are next.
    """
    followed = adherence(situation)
    if followed is None or _is_recent(situation):
        return
    if followed.share < LOW_ADHERENCE:
        yield from _fewer(entries, followed)
    elif followed.share >= HIGH_ADHERENCE and followed.weeks >= WEEKS_ON_TARGET and _meets_targets(situation):
        yield from _more(situation, entries, followed)


def _is_recent(situation: Situation) -> bool:
    decisions = situation.decided(ProposalStatus.ACCEPTED, VOLUME_PAUSE_DAYS)
    return any(str(change["rule"]).startswith("volume.") for one in decisions for change in one.changes)


def _fewer(entries: Sequence[Entry], followed: Adherence) -> Iterator[Change]:
    """A set less of each accessory: what comes first in a day is what the day is for."""
    for entry in entries:
        if entry.place[1] > 0 and entry.work_sets > LEAST_SETS:
            last = max(at for at, one in enumerate(entry.planned.sets) if one.set_type in WORK)
            sets = entry.planned.sets
            what = f"a set less of {entry.name} leaves {entry.work_sets - 1}"
            yield _change(entry, LESS, sets[:last] + sets[last + 1 :], followed, what)


def _more(situation: Situation, entries: Sequence[Entry], followed: Adherence) -> Iterator[Change]:
    """A set more for the muscles that have the fewest sets, as long as none gets more than its range."""
    most = SETS_TO_GROW[situation.level or ExperienceLevel.BEGINNER].most
    weekly = sets_of_week(situation.content.days, situation.known)
    added = 0
    counted = [entry for entry in entries if is_hard(entry.exercise)]
    for entry in sorted(counted, key=lambda one: (_least(one, weekly), one.work_sets, one.place)):
        fits = all(weekly.get(muscle, 0) + share <= most for muscle, share in entry.exercise.share.items())
        if added < MOST_ADDED and fits and entry.history and entry.work_sets < MOST_SETS and _least(entry, weekly) > 0:
            added += 1
            for muscle, share in entry.exercise.share.items():
                weekly[muscle] = weekly.get(muscle, 0) + share
            last = max(at for at, one in enumerate(entry.planned.sets) if one.set_type in WORK)
            sets = entry.planned.sets
            what = f"another set of {entry.name} makes {entry.work_sets + 1}"
            yield _change(entry, MORE, [*sets[: last + 1], sets[last], *sets[last + 1 :]], followed, what)


def _least(entry: Entry, weekly: dict[Muscle, float]) -> float:
    """The sets of the muscle that has fewest, of those it is for; 0 when none of them is counted."""
    muscles = [one for one in entry.exercise.primary_muscles if one not in NOT_COUNTED]
    return min((weekly.get(one, 0) for one in muscles), default=0)


def _meets_targets(situation: Situation) -> bool:
    begin = situation.today - timedelta(weeks=WEEKS_ON_TARGET)
    rules = [
        target.rule
        for entry in situation.entries
        for on, target in entry.steps
        if on is not None and begin < on <= situation.today
    ]
    met = sum(rule not in {"repeat", DELOAD} for rule in rules)
    return bool(rules) and met / len(rules) >= TARGETS_MET


def _change(entry: Entry, rule: str, sets: Sequence[PlannedSet], followed: Adherence, what: str) -> Change:
    why = f"You did {followed.done} of {followed.planned} planned sessions in {followed.weeks} weeks"
    before, after = sets_json(entry.planned.sets), sets_json(sets)
    return Change(rule, entry.exercise.id, sets_path(entry.place), before, after, entry.last_sets, f"{why}: {what}.")
