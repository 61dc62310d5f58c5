"""A plan by rules: pure, the same each time, and within milliseconds. How the week is filled: week.py."""

from collections.abc import Iterable, Sequence

from src.training.candidates import Candidate
from src.training.content import PlanContent, PlanDay
from src.training.generator.preferences import Person, Preferences
from src.training.generator.prescriptions import to_planned
from src.training.generator.schedule import spread_weekdays
from src.training.generator.week import Week


class NothingToDo(Exception):
    """There is no exercise left that this person can do."""


def plan_by_rules(person: Person, preferences: Preferences, candidates: Sequence[Candidate]) -> PlanContent:
    """The plan. Raises NothingToDo when there are no candidates, and ValueError when nobody says how many days a week.

    Whoever asks shows what it falls short of by review.describe_shortfalls().
    """
    allowed = leave_out_avoided(preferences, candidates)
    if not allowed:
        raise NothingToDo
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
    """The candidates but for those that the person wants to avoid."""
    exercises, muscles = set(preferences.avoid), set(preferences.avoid_muscles)
    return [
        candidate
        for candidate in candidates
        if candidate.id not in exercises and muscles.isdisjoint(candidate.primary_muscles)
    ]
