"""How experienced a person is, and an exercise asks them to be."""

from src.vocabulary import ExperienceLevel

BEGINNER, INTERMEDIATE, ADVANCED = LEVELS = tuple(ExperienceLevel)
