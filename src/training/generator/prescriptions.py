"""How an exercise is done: repetitions or seconds, rests, and how it gets harder from week to week."""

from dataclasses import dataclass

from src.exercises.kinds import TIMED
from src.training.candidates import Candidate
from src.training.content import (
    DoubleProgression,
    LinearProgression,
    NoProgression,
    PercentProgression,
    PlannedExercise,
    PlannedSet,
    Progression,
)
from src.training.generator.goals import Goal
from src.training.generator.preferences import Person, Preferences
from src.training.generator.repetitions import (
    ACCESSORY_PRESCRIPTION,
    BEGINNER_LOWEST_REPS,
    HOLD_SECONDS,
    LOWER_BODY_FACTOR,
    MAIN_PRESCRIPTION,
    PERCENT_OF_MAXIMUM,
    POWER_PRESCRIPTION,
    REPS_IN_RESERVE,
    SHORT_REST,
    SHORT_SESSION_MINUTES,
    UNLOADED_PRESCRIPTION,
    WARMUP_PERCENT,
    WARMUP_REPS,
    Prescription,
)
from src.training.generator.timing import SECONDS_A_REP, TRANSITION_SECONDS
from src.training.levels import ADVANCED, BEGINNER
from src.training.loads import choose_loading
from src.training.volume import LARGE
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind, Muscle, SetType

_LOWER_BODY = frozenset({Muscle.QUADRICEPS, Muscle.HAMSTRINGS, Muscle.GLUTES})
_LARGE = frozenset(LARGE)
POWER = frozenset({ExerciseCategory.OLYMPIC, ExerciseCategory.PLYOMETRIC})
_INCREMENTS = (0.1, 50.0)


@dataclass(slots=True)
class Block:
    """An exercise of a session in the making. Either `reps` or `seconds` is set."""

    exercise: Candidate
    sets: int
    rest: int
    reps: tuple[int, int] | None = None
    seconds: int | None = None
    is_main: bool = False
    is_hard: bool = True
    warmups: int = 0
    group: str | None = None
    notes: str = ""

    @property
    def set_seconds(self) -> int:
        """How long one set takes at most, as timing.py has it."""
        sides = 2 if self.exercise.is_unilateral else 1
        return sides * (self.seconds if self.seconds is not None else (self.reps or (0, 0))[1] * SECONDS_A_REP)

    def time(self, sets: int | None = None) -> int:
        """How long all of it takes, with the way to the next exercise."""
        count = self.sets if sets is None else sets
        warmups = self.warmups * (WARMUP_REPS * SECONDS_A_REP * (2 if self.exercise.is_unilateral else 1) + self.rest)
        return warmups + count * self.set_seconds + (count - 1) * self.rest + TRANSITION_SECONDS

    @property
    def order(self) -> int:
        """Where it stands in the session: power first, then main lifts, other work for large muscles, the rest."""
        if self.is_main:
            return 0 if self.exercise.category in POWER else 1
        return 2 if self.exercise.is_compound and not _LARGE.isdisjoint(self.exercise.primary_muscles) else 3


def prescribe(exercise: Candidate, sets: int, person: Person, preferences: Preferences, *, is_main: bool) -> Block:
    """So many sets of a strength exercise, for this person and goal."""
    prescription = _prescription_of(exercise, person, preferences.goal, is_main=is_main)
    is_short = preferences.minutes < SHORT_SESSION_MINUTES
    rest = min(prescription.rest, SHORT_REST) if is_short else prescription.rest
    is_timed = exercise.kind in TIMED
    return Block(
        exercise,
        sets,
        rest,
        reps=None if is_timed else (prescription.low, prescription.high),
        seconds=HOLD_SECONDS[person.level] if is_timed else None,
        is_main=is_main,
    )


def _prescription_of(exercise: Candidate, person: Person, goal: Goal, *, is_main: bool) -> Prescription:
    if exercise.category in POWER:
        return POWER_PRESCRIPTION
    if exercise.kind is not ExerciseKind.WEIGHT_REPS:
        return UNLOADED_PRESCRIPTION
    prescription = (MAIN_PRESCRIPTION if is_main else ACCESSORY_PRESCRIPTION)[goal]
    if person.level is BEGINNER and prescription.low < BEGINNER_LOWEST_REPS:
        raised = BEGINNER_LOWEST_REPS - prescription.low
        return Prescription(BEGINNER_LOWEST_REPS, prescription.high + raised, prescription.rest)
    return prescription


def to_planned(block: Block, person: Person, goal: Goal) -> PlannedExercise:
    """The block as a plan has it."""
    progression = _progression(block, person, goal)
    percent = PERCENT_OF_MAXIMUM if isinstance(progression, PercentProgression) else None
    return PlannedExercise(
        exercise_id=block.exercise.id,
        superset_group=block.group,
        rest_seconds=block.rest,
        notes=block.notes,
        progression=progression,
        sets=[_warm_up() for _ in range(block.warmups)] + [_set(block, person, percent) for _ in range(block.sets)],
    )


def _warm_up() -> PlannedSet:
    return PlannedSet(
        set_type=SetType.WARMUP, reps_min=WARMUP_REPS, reps_max=WARMUP_REPS, percent_e1rm=float(WARMUP_PERCENT)
    )


def _set(block: Block, person: Person, percent: int | None) -> PlannedSet:
    low, high = block.reps or (None, None)
    return PlannedSet(
        reps_min=low,
        reps_max=high,
        percent_e1rm=percent,
        rir=REPS_IN_RESERVE[person.level] if block.is_hard and block.reps else None,
        duration_seconds=block.seconds,
    )


def _progression(block: Block, person: Person, goal: Goal) -> Progression:
    exercise = block.exercise
    if block.reps is None or not block.is_hard:
        return NoProgression(kind="none")
    is_barbell_main = block.is_main and exercise.kind is ExerciseKind.WEIGHT_REPS
    if is_barbell_main and person.level is BEGINNER:
        return LinearProgression(kind="linear", increment_kg=increment_kg(exercise, person))
    if (
        is_barbell_main
        and person.level is ADVANCED
        and goal is Goal.STRENGTH
        and Equipment.BARBELL in exercise.equipment
        and exercise.category is ExerciseCategory.STRENGTH
    ):
        return PercentProgression(kind="percent_e1rm")
    return DoubleProgression(kind="double_progression", increment_kg=increment_kg(exercise, person))


def increment_kg(exercise: Candidate, person: Person) -> float:
    """The smallest step that the person can load, twice that for heavy work of the legs."""
    # Sorted: which of two kinds of equipment says the step must not depend on the order of a set.
    step = choose_loading(sorted(exercise.equipment), person.load_steps_kg, person.weight_unit).step_kg
    is_lower = not _LOWER_BODY.isdisjoint(exercise.primary_muscles) and Equipment.BARBELL in exercise.equipment
    low, high = _INCREMENTS
    return min(max(float(round(step * (LOWER_BODY_FACTOR if is_lower else 1), 3)), low), high)


def can_warm_up(exercise: Candidate) -> bool:
    """Whether a lighter set before the heavy ones makes sense."""
    return exercise.kind is ExerciseKind.WEIGHT_REPS and exercise.category is ExerciseCategory.STRENGTH
