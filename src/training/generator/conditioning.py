"""The parts of a session other than strength: runs, rounds, workouts of the day, steady cardio, stretching."""

from collections.abc import Iterable, Sequence

from src.exercises.kinds import LOADED, TIMED
from src.training.candidates import Candidate
from src.training.generator.endurance import (
    BOXING,
    BOXING_WITHOUT_PUNCHES,
    INTERVAL,
    INTERVAL_REST,
    MAX_EASY,
    MAX_INTERVALS,
    MAX_LONG,
    MAX_METCON_ROUNDS,
    MAX_ROUNDS,
    METCON,
    METCON_MOVES,
    METCON_REPS,
    METCON_REST,
    METCON_SECONDS,
    MIN_CARDIO,
    NOT_ONLY_BOXING,
    ROUND_REST,
    ROUND_SECONDS,
    RUNS_EASY,
    RUNS_HARD,
    RUNS_LONG,
    STEADY,
    STRETCH_REPS,
    STRETCH_REST,
    STRETCH_SECONDS,
    STRETCHES,
)
from src.training.generator.preferences import Person
from src.training.generator.prescriptions import Block
from src.training.generator.splits import ConditioningType
from src.training.generator.timing import TRANSITION_SECONDS
from src.training.levels import BEGINNER
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind

_TOOLS = frozenset({Equipment.FOAM_ROLLER, Equipment.OTHER})
_CONDITIONING = frozenset({ExerciseCategory.CARDIO, ExerciseCategory.PLYOMETRIC})
_ORDERS = {
    ConditioningType.EASY: RUNS_EASY,
    ConditioningType.LONG: RUNS_LONG,
    ConditioningType.HARD: RUNS_HARD,
    ConditioningType.STEADY: STEADY,
}
_RUN_NOTES = {
    ConditioningType.EASY: "Easy: you can talk in sentences.",
    ConditioningType.LONG: "Long and easy: you can talk in sentences.",
    ConditioningType.STEADY: "Steady: you can still talk.",
}
RUNS = frozenset((*RUNS_EASY, *RUNS_LONG, *RUNS_HARD))
_BOXING = frozenset(BOXING) - NOT_ONLY_BOXING
_PUNCHING = frozenset(BOXING) - BOXING_WITHOUT_PUNCHES
_BEGINNERS_FIRST = "run-walk-intervals"


class Conditioning:
    """Chooses conditioning among the exercises that a person can do."""

    def __init__(self, candidates: Iterable[Candidate], person: Person) -> None:
        every = list(candidates)
        self._person = person
        self._by_slug = {
            exercise.slug: exercise for exercise in every if exercise.slug and exercise.category in _CONDITIONING
        }
        # Last resort, custom exercises among them: any timed cardio.
        self._any = [
            exercise
            for exercise in every
            if exercise.category is ExerciseCategory.CARDIO and exercise.kind in TIMED - LOADED
        ]
        self._stretches = [
            exercise
            for exercise in every
            if exercise.category is ExerciseCategory.MOBILITY
            and exercise.kind in {ExerciseKind.DURATION, ExerciseKind.REPS}
            and not exercise.equipment & _TOOLS
        ]

    @property
    def can_run(self) -> bool:
        """Whether there is any run for them."""
        return not RUNS.isdisjoint(self._by_slug)

    @property
    def can_box(self) -> bool:
        """Whether there is any boxing for them."""
        return not _BOXING.isdisjoint(self._by_slug)

    @property
    def can_punch(self) -> bool:
        """Whether any of that boxing is punching."""
        return not _PUNCHING.isdisjoint(self._by_slug)

    @property
    def can_do_any(self) -> bool:
        """Whether there is any endurance for them."""
        return bool(self._any) or not set(METCON).isdisjoint(self._by_slug)

    def blocks(self, conditioning: ConditioningType, seconds: int, at: int) -> list[Block]:
        """The blocks that fit into the time; may be empty. `at`: how many of this type the week has already."""
        if seconds < MIN_CARDIO:
            return []
        match conditioning:
            case ConditioningType.ROUNDS if self.can_box:
                return self._rounds(seconds, at)
            case ConditioningType.METCON:
                return self._metcon(seconds, at)
            case ConditioningType.HARD:
                return self._hard(seconds)
        is_boxing = conditioning is ConditioningType.ROUNDS
        return self._steady(ConditioningType.STEADY if is_boxing else conditioning, seconds)

    def stretches(self, seconds: int, at: int) -> list[Block]:
        """As much stretching as fits, of different muscles."""
        blocks: list[Block] = []
        used: set[str] = set()
        turn = at % max(len(self._stretches), 1)
        rotated = self._stretches[turn:] + self._stretches[:turn]
        for exercise in rotated:
            block = _stretch(exercise)
            if len(blocks) < STRETCHES and block.time() <= seconds and exercise.primary_muscles[0] not in used:
                blocks.append(block)
                used.add(exercise.primary_muscles[0])
                seconds -= block.time()
        return blocks

    def _steady(self, conditioning: ConditioningType, seconds: int) -> list[Block]:
        exercise = self._first(_ORDERS[conditioning])
        if exercise is None:
            return []
        longest = MAX_LONG if conditioning is ConditioningType.LONG else MAX_EASY
        duration = min((seconds - TRANSITION_SECONDS) // _sides(exercise), longest[self._person.level])
        return [_timed(exercise, duration // 60 * 60, notes=_RUN_NOTES[conditioning])]

    def _hard(self, seconds: int) -> list[Block]:
        exercise = self._first(RUNS_HARD if self.can_run else STEADY)
        if exercise is None:
            return []
        # Beginners alternate easy running and walking instead.
        if self._person.level is BEGINNER or exercise.slug == "tempo-run":
            return self._steady(ConditioningType.EASY, seconds)
        times = (seconds - TRANSITION_SECONDS + INTERVAL_REST) // (INTERVAL + INTERVAL_REST)
        if times < 1:
            return self._steady(ConditioningType.STEADY, seconds)
        note = "Hard, but the last as fast as the first; walk or jog between."
        return [_timed(exercise, INTERVAL, min(times, MAX_INTERVALS), INTERVAL_REST, note)]

    def _rounds(self, seconds: int, at: int) -> list[Block]:
        length = ROUND_SECONDS[self._person.level]
        known = [self._by_slug[slug] for slug in BOXING if slug in self._by_slug]
        drills = [known[(at + each) % len(known)] for each in range(min(3, len(known)))]
        note = "Rounds: hands up, breathe out on each punch."
        blocks = [_timed(drill, length, 0, ROUND_REST, note) for drill in drills]
        for turn in range(MAX_ROUNDS):
            block = blocks[turn % len(blocks)]
            cost = block.time(block.sets + 1) - (block.time() if block.sets else 0)
            if cost > seconds:
                break
            block.sets += 1
            seconds -= cost
        return [block for block in blocks if block.sets]

    def _metcon(self, seconds: int, at: int) -> list[Block]:
        known = [self._by_slug[slug] for slug in METCON if slug in self._by_slug]
        if not known:
            return self._steady(ConditioningType.STEADY, seconds)
        chosen = [known[(at * METCON_MOVES + each) % len(known)] for each in range(min(METCON_MOVES, len(known)))]
        blocks = [_move(exercise) for exercise in dict.fromkeys(chosen)]
        for rounds in range(MAX_METCON_ROUNDS, 0, -1):
            if sum(block.time(rounds) for block in blocks) <= seconds:
                for block in blocks:
                    block.sets = rounds
                return blocks
        return []

    def _first(self, order: Sequence[str]) -> Candidate | None:
        if self._person.level is BEGINNER and _BEGINNERS_FIRST in order and _BEGINNERS_FIRST in self._by_slug:
            return self._by_slug[_BEGINNERS_FIRST]
        found = next((self._by_slug[slug] for slug in (*order, *STEADY) if slug in self._by_slug), None)
        return found or next(iter(self._any), None)


def _sides(exercise: Candidate) -> int:
    return 2 if exercise.is_unilateral else 1


def _timed(exercise: Candidate, seconds: int, sets: int = 1, rest: int = 0, notes: str = "") -> Block:
    return Block(exercise, sets, rest, seconds=max(seconds, 60), is_hard=False, notes=notes)


def _move(exercise: Candidate) -> Block:
    is_timed = exercise.kind in TIMED
    return Block(
        exercise,
        1,
        METCON_REST,
        reps=None if is_timed else (METCON_REPS, METCON_REPS),
        seconds=METCON_SECONDS if is_timed else None,
        is_hard=False,
        group="wod",
        notes="One round after the other, at a pace that lasts.",
    )


def _stretch(exercise: Candidate) -> Block:
    is_timed = exercise.kind is ExerciseKind.DURATION
    return Block(
        exercise,
        2,
        STRETCH_REST,
        reps=None if is_timed else (STRETCH_REPS, STRETCH_REPS),
        seconds=STRETCH_SECONDS if is_timed else None,
        is_hard=False,
    )
