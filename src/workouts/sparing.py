"""A day without what a person must not or will not do any more: something stands in for it, or it is left out."""

from dataclasses import fields, replace
from uuid import UUID

from src.exercises.kinds import alike
from src.memories.told import find_exclusion, find_injury
from src.training.adapter.swaps import put_in_place, takes_sets
from src.training.candidates import Candidate, rank_substitutes
from src.training.content import PlannedExercise
from src.training.history import PrescribedSince
from src.workouts.next_state import NextWorkoutState, PlannedExerciseState, ReplacedExercise


def spare(state: NextWorkoutState) -> NextWorkoutState:
    """The day as it is done today. A stand-in has no loads: none is known."""
    if state.candidates is None and not any(_reason(known, state) for known in state.exercises.values()):
        return state
    sparing = _Sparing(state)
    for planned, since in zip(state.content.exercises, state.prescribed_since, strict=True):
        sparing.add(planned, since)
    return sparing.spared()


class _Sparing:
    """Goes through a day; no exercise comes twice into it."""

    def __init__(self, state: NextWorkoutState) -> None:
        self._state = state
        self._taken = {planned.exercise_id for planned in state.content.exercises}
        self._planned: list[PlannedExercise] = []
        self._since: list[PrescribedSince | None] = []
        self._exercises = dict(state.exercises)
        self._stands_in_for: dict[UUID, ReplacedExercise] = {}
        self._left_out: list[str] = []
        self._notes: list[str] = []

    def add(self, planned: PlannedExercise, since: PrescribedSince | None) -> None:
        """Takes over the next exercise, or what stands in for it."""
        known = self._state.exercises[planned.exercise_id]
        reason = _reason(known, self._state)
        if reason is None:
            self._keep(planned, since)
        elif (new := self._find(planned, known)) is not None:
            self._exercises[new.id] = PlannedExerciseState(
                **{part.name: getattr(new, part.name) for part in fields(new)}
            )
            self._stands_in_for[new.id] = ReplacedExercise(
                exercise_id=known.id, exercise_name=known.name, reason=f"{reason[0].upper()}{reason[1:]}"
            )
            self._notes.append(f"{new.name} takes the place of {known.name} today, {reason}")
            self._keep(put_in_place(planned, new), None)
        else:
            self._left_out.append(known.name)
            self._notes.append(f"Left out {known.name} today, {reason}")

    def spared(self) -> NextWorkoutState:
        """The state with what was gone through."""
        return replace(
            self._state,
            content=self._state.content.model_copy(update={"exercises": self._planned}),
            prescribed_since=self._since,
            exercises=self._exercises,
            stands_in_for=self._stands_in_for,
            left_out=self._left_out,
            notes=self._notes,
        )

    def _keep(self, planned: PlannedExercise, since: PrescribedSince | None) -> None:
        self._taken.add(planned.exercise_id)
        self._planned.append(planned)
        self._since.append(since)

    def _find(self, planned: PlannedExercise, known: Candidate) -> Candidate | None:
        fitting = (
            candidate
            for candidate in rank_substitutes(known, self._state.candidates or ())
            if candidate.id not in self._taken
            and candidate.kind in alike(known.kind)
            and takes_sets(candidate, planned)
        )
        return next(fitting, None)


def _reason(known: PlannedExerciseState, state: NextWorkoutState) -> str | None:
    """Why an exercise is not done today; None when it is."""
    hurt = sorted(known.contraindications & state.injuries)
    if hurt:
        told = find_injury(state.told, hurt)
        joints = " and ".join(joint.value.replace("_", " ") for joint in hurt)
        return f"because it loads your {joints}." if told is None else told.because
    if known.is_excluded:
        told = find_exclusion(state.told, [known.name])
        return "because you excluded it." if told is None else told.because
    return None
