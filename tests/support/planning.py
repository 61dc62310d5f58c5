"""People, wishes and exercises to plan with, on the real library."""

from collections.abc import Iterable

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import from_json

from dev.stack import Stack
from src.training.candidates import Candidate
from src.training.generator.preferences import Person
from src.training.levels import LEVELS
from src.vocabulary import Equipment, ExperienceLevel, Joint, Sport

KITS: dict[str, frozenset[Equipment]] = {
    "nothing": frozenset(),
    "bands": frozenset({Equipment.BAND}),
    "dumbbells": frozenset({Equipment.DUMBBELL, Equipment.BENCH}),
    "a full gym": frozenset(Equipment) - {Equipment.OTHER},
}
INJURIES: dict[str, frozenset[Joint]] = {
    "nothing": frozenset(),
    "knee": frozenset({Joint.KNEE}),
    "shoulder and wrist": frozenset({Joint.SHOULDER, Joint.WRIST}),
    "lower back and hip": frozenset({Joint.LOWER_BACK, Joint.HIP}),
    "everything": frozenset(Joint),
}


async def library_of(stack: Stack) -> list[Candidate]:
    """The library as the database has it."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        rows = await connection.fetch(
            "select to_jsonb(e) from public.exercises as e where user_id is null order by slug"
        )
    finally:
        await connection.close()
    return TypeAdapter(list[Candidate]).validate_python([from_json(row[0]) for row in rows])


def person_of(sport: Sport, level: ExperienceLevel, kit: Iterable[Equipment], injuries: Iterable[Joint] = ()) -> Person:
    return Person(sport, level, equipment=frozenset(kit), injuries=frozenset(injuries))


def candidates_of(person: Person, library: Iterable[Candidate]) -> list[Candidate]:
    """What private.exercise_candidates() gives this person of the library."""
    kit = person.equipment | {Equipment.BODYWEIGHT}
    return [
        exercise
        for exercise in library
        if exercise.equipment <= kit
        and not exercise.contraindications & person.injuries
        and LEVELS.index(exercise.level) <= LEVELS.index(person.level)
    ]
