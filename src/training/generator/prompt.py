"""The words that reach a model: fixed rules as the system text, all about the person as one JSON document."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from src.ai.quoting import quote_as_data
from src.training.generator.candidates import Candidate
from src.training.generator.constants import (
    HEAVY_SETS,
    INCREMENT_RANGE,
    PERCENT_RANGE,
    SECONDS_A_REP,
    TRANSITION_SECONDS,
)
from src.training.generator.measures import is_hard, warm_up_seconds
from src.training.generator.ranges import ranges_of
from src.training.generator.rules import worth
from src.training.generator.splits import weekdays_of
from src.training.generator.wishes import Person, Wishes
from src.vocabulary import Muscle

_PROMPTS = Path(__file__).parent / "prompts"
# About 130 exercises and 9,000 tokens: enough to choose from.
_EACH_MUSCLE, _OTHERS = 6, 30


@cache
def system_text() -> str:
    """The rules. The same for everybody: no data."""
    return (_PROMPTS / "system.md").read_text().strip()


def prompt_text(person: Person, wishes: Wishes, allowed: Sequence[Candidate]) -> str:
    """What the model plans from: who it is for, what they wish for, the limits, and exercises to choose from."""
    days = wishes.days(person)
    first = wishes.starts_on.isoweekday() if wishes.starts_on else 1
    document = {
        "sport": person.sport,
        "level": person.level,
        "goal": wishes.goal,
        "goals": list(person.goals),
        "notes": wishes.notes,
        "injuries": sorted(person.injuries),
        "focus": wishes.focus,
        "days_per_week": days,
        "weekdays": weekdays_of(days, first),
        "minutes": wishes.minutes,
        "weekly_sets": {
            muscle: {"low": one.low, "aim": round(one.aim), "high": one.high}
            for muscle, one in ranges_of(person, wishes).items()
        },
        "warm_up_seconds": warm_up_seconds(wishes.minutes),
        "seconds_a_repetition": SECONDS_A_REP,
        "transition_seconds": TRANSITION_SECONDS,
        "heavy_sets": HEAVY_SETS,
        "increments_kg": INCREMENT_RANGE,
        "percents": PERCENT_RANGE,
        "exercises": [_line(one) for one in shortlist(person, allowed)],
    }
    return quote_as_data(document)


def shortlist(person: Person, allowed: Sequence[Candidate]) -> list[Candidate]:
    """The best exercises for each muscle, and the best that are not strength."""
    ranked = sorted(allowed, key=lambda one: (-worth(one, person), one.name, one.id))
    taken: dict[Muscle, int] = defaultdict(int)
    chosen: list[Candidate] = []
    others = 0
    for exercise in ranked:
        if not is_hard(exercise):
            others += 1
            if others > _OTHERS and not exercise.is_favourite:
                continue
        elif min(taken[muscle] for muscle in exercise.primary_muscles) >= _EACH_MUSCLE:
            continue
        chosen.append(exercise)
        for muscle in exercise.primary_muscles:
            taken[muscle] += is_hard(exercise)
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
