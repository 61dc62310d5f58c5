"""Makes a plan by rules: pure, deterministic, and within milliseconds. week.py fills the week."""

from collections.abc import Iterable, Sequence

from src.training.candidates import Candidate
from src.training.content import PlanContent, PlanDay
from src.training.generator.preferences import Person, Preferences
from src.training.generator.prescriptions import to_planned
from src.training.generator.schedule import spread_weekdays
from src.training.generator.week import Week


class NoUsableExercises(Exception):
    """No exercise is left that this person can do."""


def plan_by_rules(person: Person, preferences: Preferences, candidates: Sequence[Candidate]) -> PlanContent:
    """Raises NoUsableExercises without candidates, and ValueError when the number of days a week is unknown.

    review.describe_shortfalls() says where the plan falls short.
    """
    allowed = leave_out_avoided(preferences, candidates)
    if not allowed:
        raise NoUsableExercises
    week = Week(person, preferences, allowed)
    week.fill()
    weekdays = spread_weekdays(len(week.days), preferences.first_weekday)
    days = [
        PlanDay(
            name=day.split.name,
            weekday=weekday,
            exercises=[to_planned(block, person, preferences.goal) for block in day.in_order()],
        )
        for day, weekday in zip(week.days, weekdays, strict=True)
    ]
    return PlanContent(days=days, deload_weeks=preferences.deload_weeks(person.level))


def leave_out_avoided(preferences: Preferences, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates without those that the person wants to avoid."""
    exercises, muscles = set(preferences.avoid), set(preferences.avoid_muscles)
    return [
        candidate
        for candidate in candidates
        if candidate.id not in exercises and muscles.isdisjoint(candidate.primary_muscles)
    ]
