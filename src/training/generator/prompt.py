"""The prompt for a model: fixed rules as the system text, all data about the person as one JSON document."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from src.ai.quoting import quote_as_data
from src.training.candidates import Candidate
from src.training.generator.preferences import Person, Preferences
from src.training.generator.ranges import compute_weekly_ranges
from src.training.generator.repetitions import INCREMENT_RANGE, PERCENT_RANGE
from src.training.generator.schedule import spread_weekdays
from src.training.generator.scoring import score
from src.training.generator.timing import SECONDS_A_REP, TRANSITION_SECONDS, warm_up_seconds
from src.training.volume import HEAVY_SETS, has_hard_sets
from src.vocabulary import Muscle

_PROMPTS = Path(__file__).parent / "prompts"
# About 130 exercises and 9,000 tokens: enough to choose from.
_MAX_EACH_MUSCLE, _MAX_OTHERS = 6, 30


@cache
def system_text() -> str:
    """The rules; the same for everybody, without data of a person."""
    return (_PROMPTS / "system.md").read_text().strip()


def user_text(person: Person, preferences: Preferences, allowed: Sequence[Candidate]) -> str:
    """The person, their preferences, the limits, and exercises to choose from, as quoted JSON."""
    days = preferences.days(person)
    document = {
        "sport": person.sport,
        "level": person.level,
        "goal": preferences.goal,
        "goals": list(person.goals),
        "notes": preferences.notes,
        "injuries": sorted(person.injuries),
        "focus": preferences.focus,
        "days_per_week": days,
        "weekdays": spread_weekdays(days, preferences.first_weekday),
        "minutes": preferences.minutes,
        "weekly_sets": _weekly_sets(person, preferences),
        "warm_up_seconds": warm_up_seconds(preferences.minutes),
        "seconds_a_repetition": SECONDS_A_REP,
        "transition_seconds": TRANSITION_SECONDS,
        "heavy_sets": HEAVY_SETS,
        "increments_kg": INCREMENT_RANGE,
        "percents": PERCENT_RANGE,
        "exercises": [_line(exercise) for exercise in select_offered(person, allowed)],
    }
    return quote_as_data(document)


def _weekly_sets(person: Person, preferences: Preferences) -> dict[Muscle, dict[str, int]]:
    return {
        muscle: {"low": weekly.low, "aim": round(weekly.aim), "high": weekly.high}
        for muscle, weekly in compute_weekly_ranges(person, preferences).items()
    }


def select_offered(person: Person, allowed: Sequence[Candidate]) -> list[Candidate]:
    """The exercises the model may choose from: the best for each muscle, and the best that are not strength."""
    ranked = sorted(allowed, key=lambda exercise: (-score(exercise, person), exercise.name, exercise.id))
    taken: dict[Muscle, int] = defaultdict(int)
    chosen: list[Candidate] = []
    others = 0
    for exercise in ranked:
        if not has_hard_sets(exercise):
            others += 1
            if others > _MAX_OTHERS and not exercise.is_favourite:
                continue
        elif min(taken[muscle] for muscle in exercise.primary_muscles) >= _MAX_EACH_MUSCLE:
            continue
        chosen.append(exercise)
        for muscle in exercise.primary_muscles:
            taken[muscle] += has_hard_sets(exercise)
    return chosen


def _line(exercise: Candidate) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": str(exercise.id),
        "name": exercise.name,
        "kind": exercise.kind,
        "category": exercise.category,
        "muscles": exercise.primary_muscles,
        "also": exercise.secondary_muscles,
    }
    return line | ({"per_side": True} if exercise.is_unilateral else {})
