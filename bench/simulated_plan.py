"""The exercises and the plan of the simulation: as in the library and as a person would write them."""

from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

from src.training.candidates import Candidate
from src.training.content import PlanContent
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind, ExperienceLevel, Joint, Mechanic, Muscle

# Slug, name, primary and secondary muscles, equipment, joints; as in the library, whose ids follow from the slug.
_LIBRARY: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "back-squat",
        "Back Squat",
        "quadriceps glutes",
        "hamstrings adductors lower_back",
        "barbell rack",
        "lower_back hip knee",
    ),
    ("leg-press", "Leg Press", "quadriceps glutes", "hamstrings adductors", "machine", "hip knee"),
    ("hip-thrust", "Hip Thrust", "glutes", "hamstrings quadriceps", "barbell bench", "hip"),
    ("lying-leg-curl", "Lying Leg Curl", "hamstrings", "calves", "machine", "knee"),
    ("cable-pull-through", "Cable Pull-Through", "glutes hamstrings", "lower_back", "cable", ""),
    (
        "romanian-deadlift",
        "Romanian Deadlift",
        "hamstrings glutes",
        "lower_back forearms",
        "barbell",
        "upper_back lower_back",
    ),
    ("bench-press", "Bench Press", "chest", "triceps front_delts", "barbell bench rack", "shoulder wrist"),
    ("dumbbell-bench-press", "Dumbbell Bench Press", "chest", "triceps front_delts", "dumbbell bench", "shoulder"),
    (
        "overhead-press",
        "Overhead Press",
        "front_delts",
        "side_delts triceps abs",
        "barbell rack",
        "shoulder wrist lower_back",
    ),
    (
        "incline-bench-press",
        "Incline Bench Press",
        "chest front_delts",
        "triceps",
        "barbell bench rack",
        "shoulder wrist",
    ),
    ("triceps-pushdown", "Triceps Pushdown", "triceps", "forearms", "cable", "elbow"),
    (
        "barbell-row",
        "Barbell Row",
        "upper_back lats",
        "biceps rear_delts lower_back",
        "barbell",
        "upper_back lower_back",
    ),
    ("seated-cable-row", "Seated Cable Row", "upper_back lats", "biceps rear_delts", "cable", ""),
    ("lat-pulldown", "Lat Pulldown", "lats", "biceps upper_back", "cable", "shoulder"),
    ("dumbbell-curl", "Dumbbell Curl", "biceps", "forearms", "dumbbell", ""),
)
_ISOLATION = {"lying-leg-curl", "triceps-pushdown", "dumbbell-curl"}


def _id(slug: str) -> UUID:
    return UUID(md5(f"slow-burn/exercises/{slug}".encode()).hexdigest())  # noqa: S324  # names, no secrets


def _candidate(row: Sequence[str]) -> Candidate:
    slug, name, primary, secondary, equipment, joints = row
    return Candidate(
        id=_id(slug),
        slug=slug,
        name=name,
        kind=ExerciseKind.WEIGHT_REPS,
        primary_muscles=tuple(map(Muscle, primary.split())),
        secondary_muscles=tuple(map(Muscle, secondary.split())),
        equipment=frozenset(map(Equipment, equipment.split())),
        category=ExerciseCategory.STRENGTH,
        level=ExperienceLevel.BEGINNER,
        mechanic=Mechanic.ISOLATION if slug in _ISOLATION else Mechanic.COMPOUND,
        is_unilateral=False,
        contraindications=frozenset(map(Joint, joints.split())),
    )


LIBRARY: Mapping[UUID, Candidate] = {_id(row[0]): _candidate(row) for row in _LIBRARY}


def _planned(slug: str, low: int, high: int, kg: float, kind: str = "double_progression") -> dict[str, Any]:
    step = 2 if "dumbbell" in slug else 5 if slug in {"lying-leg-curl", "leg-press"} else 2.5
    planned_set = {"set_type": "working", "reps_min": low, "reps_max": high, "weight_kg": kg}
    return {
        "exercise_id": str(_id(slug)),
        "rest_seconds": 120,
        "progression": {"kind": kind, "increment_kg": step},
        "sets": [planned_set] * 3,
    }


PLAN = PlanContent.model_validate(
    {
        "days": [
            {
                "name": "Legs",
                "weekday": 1,
                "exercises": [_planned("back-squat", 5, 8, 80), _planned("lying-leg-curl", 8, 12, 30)],
            },
            {
                "name": "Push",
                "weekday": 3,
                "exercises": [
                    _planned("bench-press", 5, 5, 60, kind="linear"),
                    _planned("overhead-press", 5, 5, 40, kind="linear"),
                    _planned("triceps-pushdown", 8, 12, 25),
                ],
            },
            {
                "name": "Pull",
                "weekday": 5,
                "exercises": [
                    _planned("barbell-row", 6, 10, 50),
                    _planned("lat-pulldown", 8, 12, 45),
                    _planned("dumbbell-curl", 8, 12, 12),
                ],
            },
        ],
        "deload_weeks": [6],
    }
)
