"""Another exercise in the place of one that hurts, that the person does not want, or that does not go on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from src.training.adapter.changes import Change, entry_json, exercise_path
from src.training.adapter.constants import MOST_SUBSTITUTES, SWAP_MEMORY_DAYS
from src.training.adapter.progress import is_failing
from src.training.adapter.situation import Entry, Situation
from src.training.content import DoubleProgression, NoProgression, PercentProgression, PlannedExercise, PlannedSet
from src.training.generator.candidates import Candidate, substitutes
from src.vocabulary import ExerciseKind, ProposalStatus

PAIN, EXCLUDED, FAILURE = "pain", "excluded", "failure"

_REPS = frozenset({ExerciseKind.WEIGHT_REPS, ExerciseKind.REPS, ExerciseKind.BODYWEIGHT_REPS, ExerciseKind.ASSISTED})
_TIME = frozenset({ExerciseKind.DURATION, ExerciseKind.WEIGHT_DURATION})
_DISTANCE = frozenset({ExerciseKind.DISTANCE_DURATION})
_OF_A_MAXIMUM = frozenset({ExerciseKind.WEIGHT_REPS, ExerciseKind.BODYWEIGHT_REPS})
_USUAL_INCREMENT_KG = 2.5


class Swaps:
    """The swaps of one proposal: no exercise comes twice into a day."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._left = {day: len(one.exercises) for day, one in enumerate(situation.content.days)}
        self._days = {
            day: {planned.exercise_id for planned in one.exercises} for day, one in enumerate(situation.content.days)
        }
        self._gone = _swapped_out(situation)

    def of(self, entry: Entry) -> Change | None:
        """What takes the exercise out of the plan; None where it may stay, or nothing could take its place."""
        reason = _reason(entry)
        if reason is None:
            return None
        fitting = self._fitting(entry)
        offered = substitutes(entry.exercise, fitting)[:MOST_SUBSTITUTES]
        if not offered and reason == FAILURE:
            return None
        if not offered and self._left[entry.place[0]] > 1:
            self._left[entry.place[0]] -= 1
            return _removal(entry, reason)
        # A day cannot be empty: anything that the person can do is better than what hurts.
        offered = offered or fitting[:MOST_SUBSTITUTES]
        if not offered:
            return None
        self._days[entry.place[0]].add(offered[0].id)
        return _swap(entry, reason, offered)

    def _fitting(self, entry: Entry) -> list[Candidate]:
        taken = self._days[entry.place[0]] | self._gone
        return [
            one
            for one in self._situation.candidates
            if one.id not in taken
            and one.contraindications.isdisjoint(self._situation.sore)
            and one.kind in family(entry.exercise.kind)
        ]


def swapped(change: Change, planned: PlannedExercise, substitute: Candidate, why: str) -> Change:
    """The same swap with another substitute, in other words."""
    return replace(change, after=entry_json(in_place_of(planned, substitute)), explanation=why)


def in_place_of(planned: PlannedExercise, new: Candidate) -> PlannedExercise:
    """The planned sets for another exercise: loads are its own, so there are none yet."""
    is_percent = isinstance(planned.progression, PercentProgression)
    keeps_percent = is_percent and new.kind in _OF_A_MAXIMUM
    progression = planned.progression
    if is_percent and not keeps_percent:
        progression = (
            DoubleProgression(kind="double_progression", increment_kg=_USUAL_INCREMENT_KG)
            if new.kind in _REPS
            else NoProgression(kind="none")
        )
    sets = [_unloaded(one, keeps_percent=new.kind in _OF_A_MAXIMUM) for one in planned.sets]
    return planned.model_copy(update={"exercise_id": new.id, "progression": progression, "sets": sets, "notes": ""})


def family(kind: ExerciseKind) -> frozenset[ExerciseKind]:
    """The kinds whose sets are told in the same numbers."""
    return next(each for each in (_REPS, _TIME, _DISTANCE) if kind in each)


def _unloaded(planned: PlannedSet, *, keeps_percent: bool) -> PlannedSet:
    percent = planned.percent_e1rm if keeps_percent else None
    return planned.model_copy(update={"weight_kg": None, "percent_e1rm": percent})


def _reason(entry: Entry) -> str | None:
    if entry.exercise.contraindications & entry.situation.sore:
        return PAIN
    if entry.exercise.id in entry.situation.excluded:
        return EXCLUDED
    return FAILURE if is_failing(entry) else None


def _swap(entry: Entry, reason: str, offered: list[Candidate]) -> Change:
    new = offered[0]
    return Change(
        f"swap.{reason}",
        entry.exercise.id,
        exercise_path(entry.place),
        entry_json(entry.planned),
        entry_json(in_place_of(entry.planned, new)),
        entry.target.evidence if reason == FAILURE else (),
        f"{_because(entry, reason)}: {new.name} takes its place.",
        tuple(offered),
    )


def _removal(entry: Entry, reason: str) -> Change:
    return Change(
        f"remove.{reason}",
        entry.exercise.id,
        exercise_path(entry.place),
        entry_json(entry.planned),
        None,
        (),
        f"{_because(entry, reason)}, and nothing else that you can do trains the same: it is taken out.",
    )


def _because(entry: Entry, reason: str) -> str:
    if reason == PAIN:
        joints = sorted(
            each.value.replace("_", " ") for each in entry.exercise.contraindications & entry.situation.sore
        )
        return f"{entry.name} loads your {' and '.join(joints)}"
    if reason == EXCLUDED:
        return f"You do not want {entry.name} any more"
    return f"You missed the target of {entry.name} again after a deload"


def _swapped_out(situation: Situation) -> set[UUID]:
    """What was taken out lately, and would else come back."""
    accepted = situation.decided(ProposalStatus.ACCEPTED, SWAP_MEMORY_DAYS)
    return {UUID(one["exercise_id"]) for one in _swaps(change for decision in accepted for change in decision.changes)}


def _swaps(changes: Iterable[Mapping[str, object]]) -> list[Mapping[str, str]]:
    return [one for one in changes if str(one["rule"]).startswith(("swap.", "remove."))]  # type: ignore[misc]
