"""Replaces exercises that hurt, that the person does not want, or that keep failing."""

from dataclasses import replace
from enum import Enum, auto
from uuid import UUID

from src.exercises.kinds import IN_REPS, WITH_A_MAXIMUM, alike
from src.memories.told import ToldFact, find_exclusion, find_injury
from src.training.adapter.changes import REMOVALS, SWAPS, ChangedPart, ChangeRule, ProposedChange, exercise_json
from src.training.adapter.constants import MAX_SUBSTITUTES, SWAP_MEMORY_DAYS
from src.training.adapter.context import AdaptationContext, TrainedExercise
from src.training.adapter.progress import is_failing
from src.training.candidates import Candidate, rank_substitutes
from src.training.content import (
    DoubleProgression,
    NoProgression,
    PercentProgression,
    PlannedExercise,
    PlannedSet,
    find_wrong_fields,
)
from src.vocabulary import ProposalStatus

_USUAL_INCREMENT_KG = 2.5


class _Reason(Enum):
    PAIN = auto()
    EXCLUDED = auto()
    FAILURE = auto()


_SWAP_RULES = {
    _Reason.PAIN: ChangeRule.SWAP_PAIN,
    _Reason.EXCLUDED: ChangeRule.SWAP_EXCLUDED,
    _Reason.FAILURE: ChangeRule.SWAP_FAILURE,
}
# An exercise that keeps failing stays when nothing can replace it.
_REMOVAL_RULES = {_Reason.PAIN: ChangeRule.REMOVE_PAIN, _Reason.EXCLUDED: ChangeRule.REMOVE_EXCLUDED}


class Swaps:
    """The swaps of one proposal: no exercise comes twice into a day."""

    def __init__(self, context: AdaptationContext) -> None:
        self._context = context
        self._left = {number: len(day.exercises) for number, day in enumerate(context.content.days)}
        self._days = {
            number: {planned.exercise_id for planned in day.exercises}
            for number, day in enumerate(context.content.days)
        }
        self._recently_removed = _find_recently_removed(context)

    def swap_or_remove(self, trained: TrainedExercise) -> ProposedChange | None:
        """Swaps or removes the exercise; None when it may stay, or must because nothing can replace it."""
        reason = _find_reason(trained)
        if reason is None:
            return None
        fitting = self._find_fitting(trained)
        offered = rank_substitutes(trained.exercise, fitting)[:MAX_SUBSTITUTES]
        if not offered and reason is _Reason.FAILURE:
            return None
        if not offered and self._left[trained.place[0]] > 1:
            self._left[trained.place[0]] -= 1
            return _removal(trained, reason)
        # A day cannot be empty: any exercise that the person can do is better than one that hurts.
        offered = offered or fitting[:MAX_SUBSTITUTES]
        if not offered:
            return None
        self._days[trained.place[0]].add(offered[0].id)
        return _swap(trained, reason, offered)

    def _find_fitting(self, trained: TrainedExercise) -> list[Candidate]:
        taken = self._days[trained.place[0]] | self._recently_removed
        return [
            candidate
            for candidate in self._context.candidates
            if candidate.id not in taken
            and candidate.contraindications.isdisjoint(self._context.painful_joints)
            and candidate.kind in alike(trained.exercise.kind)
            and takes_sets(candidate, trained.planned)
        ]


def substitute(change: ProposedChange, planned: PlannedExercise, candidate: Candidate, why: str) -> ProposedChange:
    """The same swap with another substitute, in other words."""
    return replace(change, after=exercise_json(put_in_place(planned, candidate)), explanation=why)


def put_in_place(planned: PlannedExercise, new: Candidate) -> PlannedExercise:
    """The planned sets for another exercise, without loads: those are not known yet."""
    is_percent = isinstance(planned.progression, PercentProgression)
    keeps_percent = is_percent and new.kind in WITH_A_MAXIMUM
    progression = planned.progression
    if is_percent and not keeps_percent:
        progression = (
            DoubleProgression(kind="double_progression", increment_kg=_USUAL_INCREMENT_KG)
            if new.kind in IN_REPS
            else NoProgression(kind="none")
        )
    sets = [_clear_loads(planned_set, keeps_percent=new.kind in WITH_A_MAXIMUM) for planned_set in planned.sets]
    return planned.model_copy(update={"exercise_id": new.id, "progression": progression, "sets": sets, "notes": ""})


def takes_sets(new: Candidate, planned: PlannedExercise) -> bool:
    """Whether the sets can be done of the other exercise: a carry over 30 m is no plank."""
    sets = put_in_place(planned, new).sets
    return not any(problem for planned_set in sets for problem in find_wrong_fields(planned_set, new.kind))


def _clear_loads(planned: PlannedSet, *, keeps_percent: bool) -> PlannedSet:
    percent = planned.percent_e1rm if keeps_percent else None
    return planned.model_copy(update={"weight_kg": None, "percent_e1rm": percent})


def _find_reason(trained: TrainedExercise) -> _Reason | None:
    if trained.exercise.contraindications & trained.context.painful_joints:
        return _Reason.PAIN
    if trained.exercise.id in trained.context.excluded:
        return _Reason.EXCLUDED
    return _Reason.FAILURE if is_failing(trained) else None


def _swap(trained: TrainedExercise, reason: _Reason, offered: list[Candidate]) -> ProposedChange:
    new = offered[0]
    return ProposedChange(
        _SWAP_RULES[reason],
        trained.exercise.id,
        trained.place,
        ChangedPart.EXERCISE,
        exercise_json(trained.planned),
        exercise_json(put_in_place(trained.planned, new)),
        trained.target.evidence if reason is _Reason.FAILURE else (),
        f"{_reason_text(trained, reason)}: {new.name} takes its place.",
        tuple(offered),
    )


def _removal(trained: TrainedExercise, reason: _Reason) -> ProposedChange:
    return ProposedChange(
        _REMOVAL_RULES[reason],
        trained.exercise.id,
        trained.place,
        ChangedPart.EXERCISE,
        exercise_json(trained.planned),
        None,
        (),
        f"{_reason_text(trained, reason)}, and nothing else that you can do trains the same: it is taken out.",
    )


def _reason_text(trained: TrainedExercise, reason: _Reason) -> str:
    if reason is _Reason.PAIN:
        joints = sorted(
            joint.value.replace("_", " ")
            for joint in trained.exercise.contraindications & trained.context.painful_joints
        )
        told = find_injury(trained.context.told, trained.exercise.contraindications & trained.context.painful_joints)
        return f"{trained.name} loads your {' and '.join(joints)}{_because(told)}"
    if reason is _Reason.EXCLUDED:
        return (
            f"You do not want {trained.name} any more{_because(find_exclusion(trained.context.told, [trained.name]))}"
        )
    return f"You missed the target of {trained.name} again after a deload"


def _because(told: ToldFact | None) -> str:
    return "" if told is None else f" ({told.because.removeprefix('because ')})"


def _find_recently_removed(context: AdaptationContext) -> set[UUID]:
    """Exercises that were swapped out or removed recently, which must not come back yet."""
    accepted = context.decided_within(ProposalStatus.ACCEPTED, SWAP_MEMORY_DAYS)
    return {
        change.exercise_id
        for decision in accepted
        for change in decision.changes
        if change.rule in SWAPS or change.rule in REMOVALS
    }
