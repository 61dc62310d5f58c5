"""Weeks and sessions: their default numbers, and the weekdays of sessions."""

from src.training.levels import ADVANCED, BEGINNER, INTERMEDIATE

MINUTES = 60
"""Default length of a session. Rule of thumb."""
WEEKS = 8
"""Default length of a plan. Rule of thumb: two blocks of four."""
DELOAD_EVERY = {BEGINNER: 8, INTERMEDIATE: 6, ADVANCED: 5}
"""Weeks. Lifters deload every 5.6 weeks (Bell et al. 2024); beginners need it less often (rule of thumb)."""
_DAYS_AFTER_FIRST = {
    1: (0,),
    2: (0, 3),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 4, 5),
    6: (0, 1, 2, 3, 4, 5),
    7: (0, 1, 2, 3, 4, 5, 6),
}
"""Days after the first on which a week of so many sessions trains: up to three never on days that follow each other."""


def spread_weekdays(days: int, first: int) -> list[int]:
    """The weekdays that a week of so many sessions trains on, from the first one's (1 is Monday)."""
    return [(first - 1 + after) % 7 + 1 for after in _DAYS_AFTER_FIRST[days]]
