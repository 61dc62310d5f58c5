"""Which kind of session comes on which day of the week."""

from dataclasses import dataclass
from enum import StrEnum

from src.training.generator.goals import Goal
from src.training.levels import BEGINNER
from src.training.volume import RECOVERS_FAST
from src.vocabulary import ExperienceLevel, Muscle, Sport

M = Muscle
_PUSH = frozenset({M.CHEST, M.FRONT_DELTS, M.SIDE_DELTS, M.TRICEPS})
_PULL = frozenset({M.LATS, M.UPPER_BACK, M.TRAPS, M.REAR_DELTS, M.BICEPS})
_LEGS = frozenset({M.QUADRICEPS, M.HAMSTRINGS, M.GLUTES, M.ADDUCTORS, M.ABDUCTORS, M.CALVES, M.LOWER_BACK})


CARDIO_SHARE = {
    Goal.STRENGTH: 0.0,
    Goal.HYPERTROPHY: 0.0,
    Goal.ENDURANCE: 0.35,
    Goal.FAT_LOSS: 0.25,
    Goal.GENERAL: 0.15,
}
"""Of a strength session's time. Rule of thumb, towards the 150 minutes a week of WHO 2020."""
MIXED_SHARE = 0.5
"""Of a session that is both a sport's and for strength. Rule of thumb."""
METCON_SHARE = 0.3
"""Of a crossfit session for its workout of the day. Rule of thumb."""


class ConditioningType(StrEnum):
    """The parts of a session other than strength."""

    EASY = "easy"
    LONG = "long"
    HARD = "hard"
    ROUNDS = "rounds"
    METCON = "metcon"
    STEADY = "steady"


@dataclass(frozen=True)
class SplitDay:
    """A day of a split: the muscles it trains, those of its main lifts, and how much of it goes to something else."""

    name: str
    muscles: frozenset[Muscle] = frozenset()
    mains: tuple[Muscle, ...] = ()
    conditioning: ConditioningType | None = None
    share: float = 0.0
    is_recovery: bool = False

    def allows(self, primary: frozenset[Muscle]) -> bool:
        """Whether an exercise for these muscles belongs to this day: what needs days to recover has days of its own."""
        return primary <= self.muscles | RECOVERS_FAST


def _strength(name: str, muscles: frozenset[Muscle], *mains: Muscle) -> SplitDay:
    return SplitDay(name, muscles, mains)


_FULL = (
    _strength("Full body A", _PUSH | _PULL | _LEGS, M.QUADRICEPS, M.CHEST, M.UPPER_BACK),
    _strength("Full body B", _PUSH | _PULL | _LEGS, M.HAMSTRINGS, M.FRONT_DELTS, M.LATS),
    _strength("Full body C", _PUSH | _PULL | _LEGS, M.QUADRICEPS, M.CHEST, M.LATS),
)
_UPPER = (
    _strength("Upper body A", _PUSH | _PULL, M.CHEST, M.UPPER_BACK),
    _strength("Upper body B", _PUSH | _PULL, M.FRONT_DELTS, M.LATS),
)
_LOWER = (
    _strength("Lower body A", _LEGS, M.QUADRICEPS, M.HAMSTRINGS),
    _strength("Lower body B", _LEGS, M.HAMSTRINGS, M.QUADRICEPS),
)
_PUSHES = (
    _strength("Push A", _PUSH, M.CHEST, M.FRONT_DELTS),
    _strength("Push B", _PUSH, M.FRONT_DELTS, M.CHEST),
)
_PULLS = (_strength("Pull A", _PULL, M.LATS, M.UPPER_BACK), _strength("Pull B", _PULL, M.UPPER_BACK, M.LATS))
_LEG_DAYS = (
    _strength("Legs A", _LEGS, M.QUADRICEPS, M.HAMSTRINGS),
    _strength("Legs B", _LEGS, M.HAMSTRINGS, M.QUADRICEPS),
)
_REST = SplitDay("Recovery", conditioning=ConditioningType.STEADY, share=1.0, is_recovery=True)

_STRENGTH: dict[int, tuple[SplitDay, ...]] = {
    1: _FULL[:1],
    2: _FULL[:2],
    3: _FULL,
    4: (_UPPER[0], _LOWER[0], _UPPER[1], _LOWER[1]),
    5: (_UPPER[0], _LOWER[0], _PUSHES[1], _PULLS[0], _LEG_DAYS[1]),
    6: (_PUSHES[0], _PULLS[0], _LEG_DAYS[0], _PUSHES[1], _PULLS[1], _LEG_DAYS[1]),
    7: (_PUSHES[0], _PULLS[0], _LEG_DAYS[0], _PUSHES[1], _PULLS[1], _LEG_DAYS[1], _REST),
}
# Novices: two to three, then four days a week of lifting (ACSM 2009).
_BEGINNERS_STRENGTH = _STRENGTH | {
    5: (_UPPER[0], _LOWER[0], _REST, _UPPER[1], _LOWER[1]),
    6: (_UPPER[0], _LOWER[0], _REST, _UPPER[1], _LOWER[1], _REST),
    7: (_UPPER[0], _LOWER[0], _REST, _UPPER[1], _LOWER[1], _REST, _REST),
}

_EASY, _HARD = (
    SplitDay("Easy run", conditioning=ConditioningType.EASY, share=1.0),
    SplitDay("Intervals", conditioning=ConditioningType.HARD, share=1.0),
)
_LONG = SplitDay("Long run", conditioning=ConditioningType.LONG, share=1.0)


def _add_conditioning(day: SplitDay, conditioning: ConditioningType, share: float, name: str | None = None) -> SplitDay:
    return SplitDay(name or day.name, day.muscles, day.mains, conditioning, share, day.is_recovery)


_RUN_AND_LIFT = _add_conditioning(_FULL[0], ConditioningType.EASY, MIXED_SHARE, "Run and strength")
_RUNNING: dict[int, tuple[SplitDay, ...]] = {
    1: (_RUN_AND_LIFT,),
    2: (_RUN_AND_LIFT, _LONG),
    3: (_HARD, _FULL[0], _LONG),
    4: (_EASY, _FULL[0], _HARD, _LONG),
    5: (_EASY, _HARD, _FULL[0], _EASY, _LONG),
    6: (_EASY, _FULL[0], _HARD, _FULL[1], _EASY, _LONG),
    7: (_EASY, _FULL[0], _HARD, _FULL[1], _EASY, _LONG, _REST),
}
_BOX = SplitDay("Boxing", conditioning=ConditioningType.ROUNDS, share=1.0)
_BOX_AND_LIFT = _add_conditioning(_FULL[0], ConditioningType.ROUNDS, MIXED_SHARE, "Boxing and strength")
_ROADWORK = SplitDay("Roadwork", conditioning=ConditioningType.EASY, share=1.0)
_BOXING: dict[int, tuple[SplitDay, ...]] = {
    1: (_BOX_AND_LIFT,),
    2: (_BOX_AND_LIFT, _add_conditioning(_FULL[1], ConditioningType.ROUNDS, MIXED_SHARE, "Boxing and strength B")),
    3: (_BOX, _FULL[0], _BOX),
    4: (_BOX, _FULL[0], _BOX, _FULL[1]),
    5: (_BOX, _FULL[0], _ROADWORK, _BOX, _FULL[1]),
    6: (_BOX, _FULL[0], _BOX, _FULL[1], _BOX, _ROADWORK),
    7: (_BOX, _FULL[0], _BOX, _FULL[1], _BOX, _ROADWORK, _REST),
}


def choose_split(sport: Sport, level: ExperienceLevel, days: int, goal: Goal) -> tuple[SplitDay, ...]:
    """The sessions of a week, in order."""
    if sport is Sport.RUNNING:
        return _RUNNING[days]
    if sport is Sport.BOXING:
        return _BOXING[days]
    split = (_BEGINNERS_STRENGTH if level is BEGINNER else _STRENGTH)[days]
    is_crossfit = sport is Sport.CROSSFIT
    conditioning = ConditioningType.METCON if is_crossfit else ConditioningType.STEADY
    share = METCON_SHARE if is_crossfit else CARDIO_SHARE[goal]
    return tuple(day if day.is_recovery or not share else _add_conditioning(day, conditioning, share) for day in split)
