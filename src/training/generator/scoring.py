"""Which exercise is better for a person."""

from src.exercises.kinds import LOADED
from src.training.candidates import Candidate
from src.training.generator.preferences import Person
from src.training.generator.staples import STAPLES
from src.training.levels import LEVELS
from src.vocabulary import ExerciseCategory, ExerciseKind, Muscle, Sport

_SHORTLIST_SIZE = 16


def score(exercise: Candidate, person: Person) -> float:
    """Points of an exercise for this person, regardless of the rest of the plan. Rules of thumb."""
    is_loaded = exercise.kind in LOADED
    gap = LEVELS.index(person.level) - exercise.rank
    is_crossfit = person.sport is Sport.CROSSFIT
    points = (
        3.0 * exercise.is_favourite,
        2.0 * (exercise.slug in STAPLES),
        0.5 * exercise.is_compound,
        2.0 * (is_loaded != (person.sport is Sport.CALISTHENICS)),
        -0.5 * (exercise.kind is ExerciseKind.DURATION),
        -0.5 * exercise.is_unilateral,
        -(0.1 if is_loaded else 0.6) * gap,
        (1.0 if is_crossfit else -2.0) * (exercise.category is ExerciseCategory.OLYMPIC),
    )
    return sum(points)


def shortlist(muscle: Muscle, options: list[Candidate]) -> list[Candidate]:
    """The best exercises for the muscle, and the best for it alone: caps of other muscles do not rule those out."""
    alone = [exercise for exercise in options if exercise.primary_muscles == (muscle,)]
    return list(dict.fromkeys((*options[:_SHORTLIST_SIZE], *alone[: _SHORTLIST_SIZE // 2])))
