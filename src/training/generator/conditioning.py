"""What a session has beside strength: runs, rounds, workouts of the day, steady cardio, stretching."""

from collections.abc import Iterable, Sequence

from src.training.generator.candidates import Candidate
from src.training.generator.constants import (
    BEGINNER,
    BOXING,
    EASY_MOST,
    INTERVAL,
    INTERVAL_REST,
    LONG_MOST,
    METCON,
    METCON_MOVES,
    METCON_REPS,
    METCON_REST,
    METCON_SECONDS,
    MOST_INTERVALS,
    MOST_METCON_ROUNDS,
    MOST_ROUNDS,
    ROUND_REST,
    ROUND_SECONDS,
    RUNS_EASY,
    RUNS_HARD,
    RUNS_LONG,
    SHORTEST_CARDIO,
    STEADY,
    STRETCH_REPS,
    STRETCH_REST,
    STRETCH_SECONDS,
    STRETCHES,
    TRANSITION_SECONDS,
)
from src.training.generator.doses import Block
from src.training.generator.splits import Part
from src.training.generator.wishes import Person
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind

_TIMED = frozenset({ExerciseKind.DURATION, ExerciseKind.DISTANCE_DURATION})
_TOOLS = frozenset({Equipment.FOAM_ROLLER, Equipment.OTHER})
_CONDITIONING = frozenset({ExerciseCategory.CARDIO, ExerciseCategory.PLYOMETRIC})
_ORDERS = {Part.EASY: RUNS_EASY, Part.LONG: RUNS_LONG, Part.HARD: RUNS_HARD, Part.STEADY: STEADY}
_RUN_WORDS = {
    Part.EASY: "Easy: you can talk in sentences.",
    Part.LONG: "Long and easy: you can talk in sentences.",
    Part.STEADY: "Steady: you can still talk.",
}
RUNS = frozenset((*RUNS_EASY, *RUNS_LONG, *RUNS_HARD))
_PUNCHING = frozenset(BOXING) - {"boxing-footwork-drill", "bob-and-weave", "pivot-drill", "slip-drill", "jump-rope"}
_BEGINNERS_FIRST = "run-walk-intervals"


class Conditioning:
    """Chooses conditioning among the exercises that a person can do."""

    def __init__(self, candidates: Iterable[Candidate], person: Person) -> None:
        every = list(candidates)
        self._person = person
        self._by_slug = {one.slug: one for one in every if one.slug and one.category in _CONDITIONING}
        # Last resort, own exercises among them: whatever keeps the heart going for a time.
        self._any = [one for one in every if one.category is ExerciseCategory.CARDIO and one.kind in _TIMED]
        self._stretches = [
            one
            for one in every
            if one.category is ExerciseCategory.MOBILITY
            and one.kind in {ExerciseKind.DURATION, ExerciseKind.REPS}
            and not one.equipment & _TOOLS
        ]

    @property
    def can_run(self) -> bool:
        """Whether there is any run for them."""
        return not RUNS.isdisjoint(self._by_slug)

    @property
    def can_box(self) -> bool:
        """Whether there is any boxing for them."""
        return not set(BOXING[:-1]).isdisjoint(self._by_slug)

    @property
    def can_punch(self) -> bool:
        """Whether any of that boxing is punching."""
        return not _PUNCHING.isdisjoint(self._by_slug)

    @property
    def can_do_any(self) -> bool:
        """Whether there is any endurance for them."""
        return bool(self._any) or not set(METCON).isdisjoint(self._by_slug)

    def blocks(self, part: Part, seconds: int, at: int) -> list[Block]:
        """What fits into the time; empty when there is none to do. `at`: which of such parts of the week it is."""
        if seconds < SHORTEST_CARDIO:
            return []
        match part:
            case Part.ROUNDS if self.can_box:
                return self._rounds(seconds, at)
            case Part.METCON:
                return self._metcon(seconds, at)
            case Part.HARD:
                return self._hard(seconds)
        return self._steady(Part.STEADY if part is Part.ROUNDS else part, seconds)

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

    def _steady(self, part: Part, seconds: int) -> list[Block]:
        exercise = self._first(_ORDERS[part])
        if exercise is None:
            return []
        most = LONG_MOST if part is Part.LONG else EASY_MOST
        at_once = min((seconds - TRANSITION_SECONDS) // _sides(exercise), most[self._person.level])
        return [_timed(exercise, at_once // 60 * 60, notes=_RUN_WORDS[part])]

    def _hard(self, seconds: int) -> list[Block]:
        exercise = self._first(RUNS_HARD if self.can_run else STEADY)
        if exercise is None:
            return []
        # Beginners run by turns instead, and easily.
        if self._person.level is BEGINNER or exercise.slug == "tempo-run":
            return self._steady(Part.EASY, seconds)
        times = (seconds - TRANSITION_SECONDS + INTERVAL_REST) // (INTERVAL + INTERVAL_REST)
        if times < 1:
            return self._steady(Part.STEADY, seconds)
        note = "Hard, but the last as fast as the first; walk or jog between."
        return [_timed(exercise, INTERVAL, min(times, MOST_INTERVALS), INTERVAL_REST, note)]

    def _rounds(self, seconds: int, at: int) -> list[Block]:
        length = ROUND_SECONDS[self._person.level]
        known = [self._by_slug[slug] for slug in BOXING if slug in self._by_slug]
        kinds = [known[(at + each) % len(known)] for each in range(min(3, len(known)))]
        blocks = [_timed(one, length, 0, ROUND_REST, "Rounds: hands up, breathe out on each punch.") for one in kinds]
        for turn in range(MOST_ROUNDS):
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
            return self._steady(Part.STEADY, seconds)
        chosen = [known[(at * METCON_MOVES + each) % len(known)] for each in range(min(METCON_MOVES, len(known)))]
        blocks = [_move(one) for one in dict.fromkeys(chosen)]
        for rounds in range(MOST_METCON_ROUNDS, 0, -1):
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
    is_timed = exercise.kind in _TIMED | {ExerciseKind.WEIGHT_DURATION}
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
