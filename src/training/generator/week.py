"""How the rules fill a week.

First every session gets its share of sport or cardio and its main lifts. Then, as long as there is time, the muscle
that is farthest below its weekly sets gets another set or exercise, on the day where it fits best; then the same
towards each muscle's aim, those in focus first. No step may take a muscle above its range, a session above its minutes,
or put an exercise on a day for other muscles, so that each muscle gets the days it needs to recover.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from src.exercises.kinds import TIMED
from src.training.candidates import Candidate
from src.training.generator.conditioning import Conditioning
from src.training.generator.preferences import Person, Preferences
from src.training.generator.prescriptions import POWER, Block, can_warm_up, prescribe
from src.training.generator.ranges import compute_weekly_ranges
from src.training.generator.repetitions import SHORT_SESSION_MINUTES
from src.training.generator.scoring import score, shortlist
from src.training.generator.splits import ConditioningType, SplitDay, choose_split
from src.training.generator.timing import warm_up_seconds
from src.training.volume import LARGE, NOT_COUNTED, has_hard_sets
from src.vocabulary import Muscle, Sport

MAX_SETS_A_DAY = 9
"""Direct sets of a muscle in a session. Rule of thumb."""
MAIN_SETS, ACCESSORY_SETS, MAX_SETS = 3, 2, 4
"""Sets of a main lift and of an accessory to begin with (ACSM 2009: 1-3 for novices, more after), and the most."""
_MINUTES_AN_EXERCISE = 7


@dataclass
class _Day:
    """A session that is being filled; `left` is its unplanned seconds."""

    split: SplitDay
    left: int
    max_exercises: int
    sport: list[Block] = field(default_factory=list)
    strength: list[Block] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)
    direct: dict[Muscle, int] = field(default_factory=lambda: defaultdict(int))

    def in_order(self) -> list[Block]:
        """The exercises as they are done."""
        return [*self.sport, *sorted(self.strength, key=lambda block: block.order), *self.after]

    def exercises(self) -> set[Candidate]:
        """The exercises of the day so far."""
        return {block.exercise for block in (*self.sport, *self.strength, *self.after)}


class Week:
    """The sessions of a week that is being filled: `days`, in order."""

    def __init__(self, person: Person, preferences: Preferences, candidates: list[Candidate]) -> None:
        self._person, self._preferences = person, preferences
        self._candidates = candidates
        self._ranges = compute_weekly_ranges(person, preferences)
        self._sets: dict[Muscle, float] = defaultdict(float)
        self._times: dict[Candidate, int] = defaultdict(int)
        self._scores = {candidate: score(candidate, person) for candidate in candidates}
        self._of_muscle = self._index(candidates)
        self._conditioning = Conditioning(candidates, person)
        splits = choose_split(person.sport, person.level, preferences.days(person), preferences.goal)
        seconds = preferences.minutes * 60 - warm_up_seconds(preferences.minutes)
        max_exercises = max(2, min(preferences.minutes // _MINUTES_AN_EXERCISE, 12))
        self.days = [_Day(split, seconds, max_exercises) for split in splits]

    def fill(self) -> None:
        """Fills the days in place."""
        self._add_conditioning()
        for turn in range(3):
            for day in self.days:
                if turn < len(day.split.mains):
                    self._add_main(day, day.split.mains[turn])
        floors = {muscle: float(weekly.low) for muscle, weekly in self._ranges.items() if weekly.low}
        self._raise_to(floors)
        self._raise_to({muscle: weekly.aim for muscle, weekly in self._ranges.items() if weekly.is_focus})
        self._raise_to({muscle: weekly.aim for muscle, weekly in self._ranges.items() if weekly.aim > 0})
        for at, day in enumerate(self.days):
            self._finish(day, at)

    # Sport and cardio -------------------------------------------------------------------------------------------------

    def _add_conditioning(self) -> None:
        turns: dict[ConditioningType, int] = defaultdict(int)
        for day in self.days:
            conditioning = day.split.conditioning
            if conditioning is None:
                continue
            available_seconds = int(day.left * day.split.share)
            blocks = self._conditioning.blocks(conditioning, available_seconds, turns[conditioning])
            turns[conditioning] += 1
            day.left -= sum(block.time() for block in blocks)
            # A sport comes before strength, while the person is fresh; added endurance comes after it.
            is_after = bool(day.split.muscles) and self._person.sport not in {Sport.BOXING, Sport.RUNNING}
            (day.after if is_after else day.sport).extend(blocks)

    def _finish(self, day: _Day, at: int) -> None:
        if not day.split.muscles:
            blocks = self._conditioning.stretches(day.left, at)
            day.left -= sum(block.time() for block in blocks)
            day.after.extend(blocks)
        if not day.in_order():
            # Fall back to the smallest exercise, so that no day is empty.
            day.strength.append(self._smallest_block(day))

    def _smallest_block(self, day: _Day) -> Block:
        blocks = [self._block(candidate, 1) for candidate in self._candidates]
        return min(blocks, key=lambda block: (block.time() > day.left, -self._scores[block.exercise], block.time()))

    # Strength ---------------------------------------------------------------------------------------------------------

    def _add_main(self, day: _Day, muscle: Muscle) -> None:
        options = [
            exercise for exercise in self._of_muscle[muscle] if exercise.is_compound and exercise.kind not in TIMED
        ]
        blocks = [self._block(exercise, MAIN_SETS, is_main=True) for exercise in self._rank(options, day, muscle)]
        for block in blocks:
            if not any(other.is_main for other in day.strength) and self._can_warm_up(block.exercise):
                block.warmups = 1
            if self._fits(day, block, MAIN_SETS, block.time()):
                self._add(day, block)
                return

    def _can_warm_up(self, exercise: Candidate) -> bool:
        return can_warm_up(exercise) and self._preferences.minutes >= SHORT_SESSION_MINUTES

    def _raise_to(self, goals: dict[Muscle, float]) -> None:
        """Adds sets for the muscle that is farthest below its goal, until none can get more."""
        open_ = dict(goals)
        while open_:
            muscle = max(open_, key=lambda each: ((open_[each] - self._sets[each]) / open_[each], each))
            if self._sets[muscle] >= open_[muscle] or not self._add_for(muscle, open_):
                del open_[muscle]

    def _add_for(self, muscle: Muscle, goals: dict[Muscle, float]) -> bool:
        days = [day for day in self.days if day.split.muscles and day.split.allows(frozenset({muscle}))]
        for day in sorted(days, key=lambda day: (day.direct[muscle], -day.left)):
            if self._add_set(day, muscle) or self._add_exercise(day, muscle, goals):
                return True
        return False

    def _add_set(self, day: _Day, muscle: Muscle) -> bool:
        """Adds a set to an exercise that already trains the muscle, unless another exercise would be better."""
        is_full = len(day.strength) >= day.max_exercises
        for block in day.strength:
            limit = MAX_SETS if is_full or block.is_main else MAIN_SETS
            if muscle in block.exercise.primary_muscles and block.sets < limit:
                cost = block.time(block.sets + 1) - block.time()
                if self._fits(day, block, 1, cost):
                    block.sets += 1
                    self._count(day, block.exercise, 1)
                    day.left -= cost
                    return True
        return False

    def _add_exercise(self, day: _Day, muscle: Muscle, goals: dict[Muscle, float]) -> bool:
        if len(day.strength) >= day.max_exercises:
            return False
        options = [exercise for exercise in self._of_muscle[muscle] if exercise.category not in POWER]
        for exercise in self._rank(options, day, muscle, goals):
            # A single set is better than none for the muscle; otherwise not worth setting up the equipment.
            for sets in range(ACCESSORY_SETS, int(self._sets[muscle] > 0), -1):
                block = self._block(exercise, sets)
                if self._fits(day, block, sets, block.time()):
                    self._add(day, block)
                    return True
        return False

    def _block(self, exercise: Candidate, sets: int, *, is_main: bool = False) -> Block:
        return prescribe(exercise, sets, self._person, self._preferences, is_main=is_main)

    def _fits(self, day: _Day, block: Block, sets: int, cost: int) -> bool:
        if cost > day.left:
            return False
        exercise = block.exercise
        if any(day.direct[muscle] + sets > MAX_SETS_A_DAY for muscle in exercise.primary_muscles):
            return False
        return all(
            muscle in NOT_COUNTED or self._sets[muscle] + share * sets <= self._ranges[muscle].high
            for muscle, share in exercise.share.items()
        )

    def _add(self, day: _Day, block: Block) -> None:
        day.strength.append(block)
        day.left -= block.time()
        self._times[block.exercise] += 1
        self._count(day, block.exercise, block.sets)

    def _count(self, day: _Day, exercise: Candidate, sets: int) -> None:
        for muscle, share in exercise.share.items():
            self._sets[muscle] += share * sets
        for muscle in exercise.primary_muscles:
            day.direct[muscle] += sets

    # Which exercise ---------------------------------------------------------------------------------------------------

    def _rank(
        self, options: Sequence[Candidate], day: _Day, muscle: Muscle, goals: dict[Muscle, float] | None = None
    ) -> list[Candidate]:
        """The options that fit the day, best first: more for the week's goals, and fewer times planned already."""
        had = day.exercises()
        fresh = [
            exercise
            for exercise in options
            if exercise not in had and day.split.allows(frozenset(exercise.primary_muscles))
        ]
        return sorted(fresh, key=lambda exercise: (-self._fitness(exercise, muscle, goals or {}), exercise.name))

    def _fitness(self, exercise: Candidate, muscle: Muscle, goals: dict[Muscle, float]) -> float:
        serves = sum(share for other, share in exercise.share.items() if self._sets[other] < goals.get(other, 0))
        # Compound lifts suit large muscles, isolation exercises small ones.
        is_apt = exercise.is_compound == (muscle in LARGE)
        return self._scores[exercise] + 1.5 * is_apt + 0.6 * serves - 1.2 * self._times[exercise]

    def _index(self, candidates: Sequence[Candidate]) -> dict[Muscle, list[Candidate]]:
        """The best exercises for each muscle."""
        found: dict[Muscle, list[Candidate]] = defaultdict(list)
        for exercise in sorted(candidates, key=lambda exercise: (-self._scores[exercise], exercise.name)):
            if has_hard_sets(exercise):
                for muscle in exercise.primary_muscles:
                    found[muscle].append(exercise)
        return defaultdict(list, {muscle: shortlist(muscle, options) for muscle, options in found.items()})
