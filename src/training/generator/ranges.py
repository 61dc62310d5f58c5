"""How many hard sets a week each muscle should get."""

from typing import NamedTuple

from src.training.generator.goals import Goal
from src.training.generator.preferences import Person, Preferences
from src.training.volume import LARGE, NOT_COUNTED, SETS_TO_GROW, SETS_TO_SUPPORT, SMALL
from src.vocabulary import Muscle, Sport

SUPPORTED = frozenset({Sport.RUNNING, Sport.BOXING})
"""Sports in which strength serves something else."""
AIM = {
    Goal.HYPERTROPHY: 0.5,
    Goal.STRENGTH: 0.25,
    Goal.GENERAL: 0.2,
    Goal.FAT_LOSS: 0.1,
    Goal.ENDURANCE: 0.0,
}
"""How far into the range to go while there is time. Rule of thumb: growth wants volume most (Schoenfeld 2017)."""
FOCUS_AIM = 0.7
"""The same for a muscle in focus. Rule of thumb."""


class WeeklyRange(NamedTuple):
    """From `low` to `high` hard sets a week, and how many to reach while there is time."""

    low: int
    high: int
    aim: float
    is_focus: bool = False


def compute_weekly_ranges(person: Person, preferences: Preferences) -> dict[Muscle, WeeklyRange]:
    """The range of each muscle. Only large ones, and small ones that are trained for themselves, have a lower end."""
    is_support = person.sport in SUPPORTED or preferences.goal is Goal.ENDURANCE
    weekly = (SETS_TO_SUPPORT if is_support else SETS_TO_GROW)[person.level]
    lows = dict.fromkeys(LARGE, weekly.min_large) | dict.fromkeys(SMALL, weekly.min_small)
    return {
        muscle: _range(
            0 if muscle in preferences.avoid_muscles else lows.get(muscle, 0), weekly.max, muscle, preferences
        )
        for muscle in Muscle
        if muscle not in NOT_COUNTED
    }


def _range(low: int, high: int, muscle: Muscle, preferences: Preferences) -> WeeklyRange:
    is_focus = muscle in preferences.focus
    share = FOCUS_AIM if is_focus else AIM[preferences.goal] if low else 0
    return WeeklyRange(low, high, low + share * (high - low) if low or is_focus else 0, is_focus)
