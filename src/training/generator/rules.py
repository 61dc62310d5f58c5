"""A plan by rules: pure, the same each time, and within milliseconds.

First every session gets its part of sport or cardio and its main lifts; then, as long as there is time, the muscle that
is farthest below its weekly sets gets a set or an exercise more, on the day where it is best; then, while there is time
still, towards each muscle's aim, those in focus first. No step may take a muscle above its range, a session above its
minutes, or an exercise to a day whose muscles are others: so what needs two days to recover gets them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from src.training.content import PlanContent, PlanDay
from src.training.generator.candidates import LEVELS, Candidate
from src.training.generator.conditioning import Conditioning
from src.training.generator.constants import (
    ACCESSORY_SETS,
    LARGE,
    MAIN_SETS,
    MOST_SETS,
    MOST_SETS_A_DAY,
    NOT_COUNTED,
    SHORT_SESSION_MINUTES,
    STAPLES,
)
from src.training.generator.doses import POWER, Block, can_warm_up, is_compound, planned_of, strength_block
from src.training.generator.measures import is_hard, warm_up_seconds
from src.training.generator.ranges import ranges_of
from src.training.generator.splits import Session, sessions_of, weekdays_of
from src.training.generator.wishes import Person, Wishes
from src.vocabulary import ExerciseCategory, ExerciseKind, Muscle, Sport

_SHORTLIST = 16
_LOADED = frozenset({ExerciseKind.WEIGHT_REPS, ExerciseKind.WEIGHT_DURATION})
_MINUTES_AN_EXERCISE = 7


class NothingToDo(Exception):
    """There is no exercise left that this person can do."""


def plan(person: Person, wishes: Wishes, candidates: Sequence[Candidate]) -> PlanContent:
    """The plan. Raises NothingToDo when there are no candidates, and ValueError when nobody says how many days a week.

    Whoever asks shows what it falls short of by `src.training.generator.review.notes_on`.
    """
    allowed = allowed_of(wishes, candidates)
    if not allowed:
        raise NothingToDo
    week = _Week(person, wishes, allowed)
    week.fill()
    first = wishes.starts_on.isoweekday() if wishes.starts_on else 1
    weekdays = weekdays_of(len(week.days), first)
    days = [
        PlanDay(
            name=day.session.name,
            weekday=weekday,
            exercises=[planned_of(block, person, wishes.goal) for block in day.in_order()],
        )
        for day, weekday in zip(week.days, weekdays, strict=True)
    ]
    return PlanContent(days=days, deload_weeks=wishes.deload_weeks(person.level))


def allowed_of(wishes: Wishes, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates but for those that the person wants to avoid."""
    exercises, muscles = set(wishes.avoid), set(wishes.avoid_muscles)
    return [one for one in candidates if one.id not in exercises and muscles.isdisjoint(one.primary_muscles)]


@dataclass
class _Day:
    """A session in the making."""

    session: Session
    left: int
    most_exercises: int
    sport: list[Block] = field(default_factory=list)
    strength: list[Block] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)
    direct: dict[Muscle, int] = field(default_factory=lambda: defaultdict(int))

    def in_order(self) -> list[Block]:
        """The exercises as they are done."""
        return [*self.sport, *sorted(self.strength, key=lambda block: block.order), *self.after]

    def exercises(self) -> set[Candidate]:
        """What it has already."""
        return {block.exercise for block in (*self.sport, *self.strength, *self.after)}


class _Week:
    def __init__(self, person: Person, wishes: Wishes, candidates: list[Candidate]) -> None:
        self._person, self._wishes = person, wishes
        self._candidates = candidates
        self._ranges = ranges_of(person, wishes)
        self._sets: dict[Muscle, float] = defaultdict(float)
        self._times: dict[Candidate, int] = defaultdict(int)
        self._base = {one: worth(one, person) for one in candidates}
        self._of_muscle = self._index(candidates)
        self._conditioning = Conditioning(candidates, person)
        sessions = sessions_of(person.sport, person.level, wishes.days(person), wishes.goal)
        seconds = wishes.minutes * 60 - warm_up_seconds(wishes.minutes)
        most = max(2, min(wishes.minutes // _MINUTES_AN_EXERCISE, 12))
        self.days = [_Day(session, seconds, most) for session in sessions]

    def fill(self) -> None:
        """Makes the week."""
        self._add_parts()
        for turn in range(3):
            for day in self.days:
                if turn < len(day.session.mains):
                    self._add_main(day, day.session.mains[turn])
        floors = {muscle: float(one.low) for muscle, one in self._ranges.items() if one.low}
        self._raise_to(floors)
        self._raise_to({muscle: one.aim for muscle, one in self._ranges.items() if one.is_focus})
        self._raise_to({muscle: one.aim for muscle, one in self._ranges.items() if one.aim > 0})
        for at, day in enumerate(self.days):
            self._finish(day, at)

    # Sport and cardio -------------------------------------------------------------------------------------------------

    def _add_parts(self) -> None:
        turns: dict[str, int] = defaultdict(int)
        for day in self.days:
            part = day.session.part
            if part is None:
                continue
            budget = int(day.left * day.session.share)
            blocks = self._conditioning.blocks(part, budget, turns[part])
            turns[part] += 1
            day.left -= sum(block.time() for block in blocks)
            # A sport comes before strength, while one is fresh; what only adds endurance after it.
            is_after = bool(day.session.muscles) and self._person.sport not in {Sport.BOXING, Sport.RUNNING}
            (day.after if is_after else day.sport).extend(blocks)

    def _finish(self, day: _Day, at: int) -> None:
        if not day.session.muscles:
            blocks = self._conditioning.stretches(day.left, at)
            day.left -= sum(block.time() for block in blocks)
            day.after.extend(blocks)
        if not day.in_order():
            # Nothing of what belongs there fits or is left: whatever there is, so that the day is one.
            day.strength.append(self._least(day))

    def _least(self, day: _Day) -> Block:
        blocks = [self._block(one, 1) for one in self._candidates]
        return min(blocks, key=lambda block: (block.time() > day.left, -self._base[block.exercise], block.time()))

    # Strength ---------------------------------------------------------------------------------------------------------

    def _add_main(self, day: _Day, muscle: Muscle) -> None:
        options = [one for one in self._of_muscle[muscle] if is_compound(one) and one.kind not in _HOLDS]
        blocks = [self._block(one, MAIN_SETS, is_main=True) for one in self._sorted(options, day, muscle)]
        for block in blocks:
            if not any(other.is_main for other in day.strength) and self._can_warm_up(block.exercise):
                block.warmups = 1
            if self._fits(day, block, MAIN_SETS, block.time()):
                self._add(day, block)
                return

    def _can_warm_up(self, exercise: Candidate) -> bool:
        return can_warm_up(exercise) and self._wishes.minutes >= SHORT_SESSION_MINUTES

    def _raise_to(self, goals: dict[Muscle, float]) -> None:
        """Adds sets for the muscle that is farthest below its goal, until none can get more."""
        open_ = dict(goals)
        while open_:
            muscle = max(open_, key=lambda one: ((open_[one] - self._sets[one]) / open_[one], one))
            if self._sets[muscle] >= open_[muscle] or not self._add_for(muscle, open_):
                del open_[muscle]

    def _add_for(self, muscle: Muscle, goals: dict[Muscle, float]) -> bool:
        days = [day for day in self.days if day.session.muscles and day.session.allows(frozenset({muscle}))]
        for day in sorted(days, key=lambda day: (day.direct[muscle], -day.left)):
            if self._add_set(day, muscle) or self._add_exercise(day, muscle, goals):
                return True
        return False

    def _add_set(self, day: _Day, muscle: Muscle) -> bool:
        """One more set of what trains it already, where that is better than another exercise."""
        is_full = len(day.strength) >= day.most_exercises
        for block in day.strength:
            most = MOST_SETS if is_full or block.is_main else MAIN_SETS
            if muscle in block.exercise.primary_muscles and block.sets < most:
                cost = block.time(block.sets + 1) - block.time()
                if self._fits(day, block, 1, cost):
                    block.sets += 1
                    self._count(day, block.exercise, 1)
                    day.left -= cost
                    return True
        return False

    def _add_exercise(self, day: _Day, muscle: Muscle, goals: dict[Muscle, float]) -> bool:
        if len(day.strength) >= day.most_exercises:
            return False
        options = [one for one in self._of_muscle[muscle] if one.category not in POWER]
        for exercise in self._sorted(options, day, muscle, goals):
            # A single set is better than none where the muscle has none, and not worth the way otherwise.
            for sets in range(ACCESSORY_SETS, int(self._sets[muscle] > 0), -1):
                block = self._block(exercise, sets)
                if self._fits(day, block, sets, block.time()):
                    self._add(day, block)
                    return True
        return False

    def _block(self, exercise: Candidate, sets: int, *, is_main: bool = False) -> Block:
        return strength_block(exercise, sets, self._person, self._wishes, is_main=is_main)

    def _fits(self, day: _Day, block: Block, sets: int, cost: int) -> bool:
        if cost > day.left:
            return False
        exercise = block.exercise
        if any(day.direct[muscle] + sets > MOST_SETS_A_DAY for muscle in exercise.primary_muscles):
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

    def _sorted(
        self, options: Sequence[Candidate], day: _Day, muscle: Muscle, goals: dict[Muscle, float] | None = None
    ) -> list[Candidate]:
        """Those that belong to the day, the best first: what else they do for the week, and what is not done yet."""
        had = day.exercises()
        fresh = [one for one in options if one not in had and day.session.allows(frozenset(one.primary_muscles))]
        return sorted(fresh, key=lambda one: (-self._fitness(one, muscle, goals or {}), one.name))

    def _fitness(self, exercise: Candidate, muscle: Muscle, goals: dict[Muscle, float]) -> float:
        serves = sum(share for other, share in exercise.share.items() if self._sets[other] < goals.get(other, 0))
        # Large muscles by compound lifts, small ones by what is for them.
        is_apt = is_compound(exercise) == (muscle in LARGE)
        return self._base[exercise] + 1.5 * is_apt + 0.6 * serves - 1.2 * self._times[exercise]

    def _index(self, candidates: Sequence[Candidate]) -> dict[Muscle, list[Candidate]]:
        """The best exercises for each muscle."""
        found: dict[Muscle, list[Candidate]] = defaultdict(list)
        for exercise in sorted(candidates, key=lambda one: (-self._base[one], one.name)):
            if is_hard(exercise):
                for muscle in exercise.primary_muscles:
                    found[muscle].append(exercise)
        return defaultdict(list, {muscle: _shortlist(muscle, options) for muscle, options in found.items()})


def worth(exercise: Candidate, person: Person) -> float:
    """What speaks for an exercise, whatever the rest of the plan. Rules of thumb."""
    is_loaded = exercise.kind in _LOADED
    gap = LEVELS.index(person.level) - exercise.rank
    is_crossfit = person.sport is Sport.CROSSFIT
    points = (
        3.0 * exercise.is_favourite,
        2.0 * (exercise.slug in STAPLES),
        0.5 * is_compound(exercise),
        2.0 * (is_loaded != (person.sport is Sport.CALISTHENICS)),
        -0.5 * (exercise.kind is ExerciseKind.DURATION),
        -0.5 * exercise.is_unilateral,
        -(0.1 if is_loaded else 0.6) * gap,
        (1.0 if is_crossfit else -2.0) * (exercise.category is ExerciseCategory.OLYMPIC),
    )
    return sum(points)


_HOLDS = frozenset({ExerciseKind.DURATION, ExerciseKind.WEIGHT_DURATION, ExerciseKind.DISTANCE_DURATION})


def _shortlist(muscle: Muscle, options: list[Candidate]) -> list[Candidate]:
    """The best, and the best that load little else: what no cap of another muscle keeps out."""
    alone = [one for one in options if one.primary_muscles == (muscle,)]
    return list(dict.fromkeys((*options[:_SHORTLIST], *alone[: _SHORTLIST // 2])))
