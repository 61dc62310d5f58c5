"""Levels of experience, of people and of exercises, from the lowest."""

from src.vocabulary import ExperienceLevel

BEGINNER, INTERMEDIATE, ADVANCED = LEVELS = tuple(ExperienceLevel)
