"""How many hard sets a week each muscle should get."""

from typing import NamedTuple

from src.training.generator.constants import (
    AIM,
    FOCUS_AIM,
    LARGE,
    NOT_COUNTED,
    SETS_TO_GROW,
    SETS_TO_SUPPORT,
    SMALL,
    SUPPORTED,
    Goal,
)
from src.training.generator.wishes import Person, Wishes
from src.vocabulary import Muscle


class Range(NamedTuple):
    """From `low` to `high` hard sets a week, and how many to go for while there is time."""

    low: int
    high: int
    aim: float
    is_focus: bool = False


def ranges_of(person: Person, wishes: Wishes) -> dict[Muscle, Range]:
    """The range of each muscle. Only large ones, and small ones that are trained for themselves, have a lower end."""
    is_support = person.sport in SUPPORTED or wishes.goal is Goal.ENDURANCE
    weekly = (SETS_TO_SUPPORT if is_support else SETS_TO_GROW)[person.level]
    lows = dict.fromkeys(LARGE, weekly.large) | dict.fromkeys(SMALL, weekly.small)
    return {
        muscle: _range(0 if muscle in wishes.avoid_muscles else lows.get(muscle, 0), weekly.most, muscle, wishes)
        for muscle in Muscle
        if muscle not in NOT_COUNTED
    }


def _range(low: int, high: int, muscle: Muscle, wishes: Wishes) -> Range:
    is_focus = muscle in wishes.focus
    share = FOCUS_AIM if is_focus else AIM[wishes.goal] if low else 0
    return Range(low, high, low + share * (high - low) if low or is_focus else 0, is_focus)
