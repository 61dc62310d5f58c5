"""The goals of a workout plan."""

from enum import StrEnum


class Goal(StrEnum):
    """What a plan is to bring."""

    STRENGTH = "strength"
    HYPERTROPHY = "hypertrophy"
    ENDURANCE = "endurance"
    FAT_LOSS = "fat_loss"
    GENERAL = "general"
