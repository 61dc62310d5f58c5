"""Repetitions, rests and loads by goal and level, as prescriptions.py uses them. Sources: src/training."""

from typing import NamedTuple

from src.training.generator.goals import Goal
from src.training.levels import ADVANCED, BEGINNER, INTERMEDIATE


class Prescription(NamedTuple):
    """Repetitions of a set, and the rest after it in seconds."""

    low: int
    high: int
    rest: int


MAIN_PRESCRIPTION = {
    Goal.STRENGTH: Prescription(4, 6, 180),  # at most 6 repetitions, 2-5 minutes (NSCA)
    Goal.HYPERTROPHY: Prescription(6, 10, 120),  # 6-12 repetitions (NSCA); compound lifts 2-3 minutes (ACSM 2009)
    Goal.ENDURANCE: Prescription(12, 16, 60),  # 12 and more (NSCA); rests under 90 s (ACSM 2009)
    Goal.FAT_LOSS: Prescription(8, 12, 75),  # rule of thumb: between growth and endurance
    Goal.GENERAL: Prescription(8, 12, 105),  # 8-12 (ACSM 2009 for novices); 1-2 minutes
}
ACCESSORY_PRESCRIPTION = {
    Goal.STRENGTH: Prescription(6, 10, 105),
    Goal.HYPERTROPHY: Prescription(8, 15, 75),
    Goal.ENDURANCE: Prescription(15, 20, 45),
    Goal.FAT_LOSS: Prescription(10, 15, 60),
    Goal.GENERAL: Prescription(10, 15, 75),
}
"""Assistance exercises: 1-2 minutes (ACSM 2009), less for endurance."""
BEGINNER_LOWEST_REPS = 6
"""Beginners stay away from their maximum (ACSM 2009: 60-70 % of it)."""
POWER_PRESCRIPTION = Prescription(3, 5, 120)
"""Olympic lifts and jumps: 1-5 repetitions, 2-5 minutes (NSCA)."""
UNLOADED_PRESCRIPTION = Prescription(6, 15, 75)
"""Where the load cannot be chosen the range is wide: it must hold days that are easy and days that are not."""
SHORT_SESSION_MINUTES, SHORT_REST = 40, 60
"""In sessions shorter than this nobody rests longer than that. Rule of thumb."""
REPS_IN_RESERVE = {BEGINNER: 3, INTERMEDIATE: 2, ADVANCED: 1}
"""Rule of thumb: nearness to failure is learned."""
HOLD_SECONDS = {BEGINNER: 20, INTERMEDIATE: 30, ADVANCED: 40}
PERCENT_OF_MAXIMUM = 80
"""For 4-6 repetitions with one to three in reserve (Epley: 6 repetitions are 83 %)."""
WARMUP_PERCENT, WARMUP_REPS, WARMUP_REST = 55, 6, 60
"""The set before the first heavy lift. Rule of thumb."""
LOWER_BODY_FACTOR = 2
"""Leg lifts bear twice the step. Rule of thumb (ACSM 2009: 2-10 %)."""
PERCENT_RANGE = (40, 95)
INCREMENT_RANGE = (0.25, 10.0)
"""Percent of the maximum, and kg: beyond these a plan is refused. Rule of thumb."""
