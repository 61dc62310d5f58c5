"""Problems of a plan, for the model that made it, and its shortfalls, for the person who asked for it."""

from collections.abc import Iterator, Sequence

from src.ai.quoting import quote_name
from src.training.candidates import Candidate
from src.training.content import PlanContent, PlannedExercise, find_wrong_fields
from src.training.generator.conditioning import Conditioning
from src.training.generator.preferences import Person, Preferences
from src.training.generator.ranges import compute_weekly_ranges
from src.training.generator.repetitions import INCREMENT_RANGE, PERCENT_RANGE
from src.training.generator.rules import leave_out_avoided
from src.training.generator.splits import ConditioningType, choose_split
from src.training.generator.timing import session_seconds
from src.training.volume import Known, count_day, count_week, find_heavy_in_a_row
from src.vocabulary import Muscle, SetType, Sport

# About what an exercise with two sets takes.
_ROOM_SECONDS = 300
_TO_THE_END = frozenset({SetType.FAILURE, SetType.AMRAP})
_NEAR_A_MAXIMUM = 90


def validate(content: PlanContent, person: Person, preferences: Preferences, known: Known) -> list[str]:
    """Reasons to reject a plan: what the database would refuse, and what no plan may ask of a person.

    `known`: the exercises that may be used. A plan may fall short of its weekly ranges: see
    describe_shortfalls().
    """
    if unknown := _unknown_exercises(content, known):
        return unknown
    return [
        *find_kind_problems(content, known),
        *_wrong_days(content, preferences.days(person)),
        *_too_long(content, preferences, known),
        *_too_many_sets(content, person, preferences, known),
        *_absurd_loads(content, known),
        *_too_often(content, known),
    ]


def find_greatest_efforts(content: PlanContent) -> list[str]:
    """Sets to failure and loads near a maximum, which nobody is given who should begin with care."""
    return [
        f"{quote_name(day.name)} asks for a greatest effort, and this person should begin with care"
        for day in content.days
        for planned in day.exercises
        for planned_set in planned.sets
        if planned_set.set_type in _TO_THE_END or (planned_set.percent_e1rm or 0) >= _NEAR_A_MAXIMUM
    ]


def find_kind_problems(content: PlanContent, known: Known) -> list[str]:
    """Fields that the kind of an exercise does not take, or lacks. SQL refuses the same."""
    return [
        f"{quote_name(known[planned.exercise_id].name)}: {problem}"
        for day in content.days
        for planned in day.exercises
        for planned_set in planned.sets
        for problem in find_wrong_fields(planned_set, known[planned.exercise_id].kind)
    ]


def _unknown_exercises(content: PlanContent, known: Known) -> list[str]:
    return [
        f"{quote_name(day.name)}: {planned.exercise_id} is not in the list"
        for day in content.days
        for planned in day.exercises
        if planned.exercise_id not in known
    ]


def _wrong_days(content: PlanContent, asked: int) -> list[str]:
    if len(content.days) != asked:
        return [f"there are {len(content.days)} days, and {asked} were asked for"]
    return []


def _too_long(content: PlanContent, preferences: Preferences, known: Known) -> list[str]:
    minutes = [(day.name, session_seconds(day, known, preferences.minutes) / 60) for day in content.days]
    return [
        f"{quote_name(name)} takes {took:.0f} minutes, and {preferences.minutes} were asked for"
        for name, took in minutes
        if took > preferences.minutes
    ]


def _too_many_sets(content: PlanContent, person: Person, preferences: Preferences, known: Known) -> list[str]:
    ranges = compute_weekly_ranges(person, preferences)
    return [
        f"{muscle} gets {sets:g} hard sets a week, and at most {ranges[muscle].high} are good"
        for muscle, sets in count_week(content.days, known).items()
        if sets > ranges[muscle].high
    ]


def _absurd_loads(content: PlanContent, known: Known) -> list[str]:
    return [
        f"{quote_name(known[planned.exercise_id].name)}: {problem}"
        for day in content.days
        for planned in day.exercises
        for problem in _absurd_load(planned)
    ]


def _absurd_load(planned: PlannedExercise) -> Iterator[str]:
    low, high = INCREMENT_RANGE
    increment = getattr(planned.progression, "increment_kg", None)
    if increment is not None and not low <= increment <= high:
        yield f"a step of {increment:g} kg is not from {low:g} to {high:g}"
    lowest, highest = PERCENT_RANGE
    percents = {planned_set.percent_e1rm for planned_set in planned.sets if planned_set.percent_e1rm is not None}
    for percent in sorted(percents):
        if not lowest <= percent <= highest:
            yield f"{percent:g} % of the maximum is not from {lowest} to {highest}"


def _too_often(content: PlanContent, known: Known) -> list[str]:
    names = [quote_name(day.name) for day in content.days]
    return [
        f"{names[first]} and {names[second]} follow each other and are both heavy for the {muscle}"
        for first, second, muscle in find_heavy_in_a_row(content.days, known)
    ]


# Notes --------------------------------------------------------------------------------------------------------------


def describe_shortfalls(
    content: PlanContent, person: Person, preferences: Preferences, candidates: Sequence[Candidate]
) -> list[str]:
    """Where the plan falls short and why, in sentences for the person."""
    allowed = leave_out_avoided(preferences, candidates)
    return [*_short_muscles(content, person, preferences, allowed), *_replaced_sport(person, preferences, allowed)]


def _short_muscles(
    content: PlanContent, person: Person, preferences: Preferences, allowed: Sequence[Candidate]
) -> Iterator[str]:
    known = {exercise.id: exercise for exercise in allowed}
    sets = count_week(content.days, known)
    for muscle, weekly in compute_weekly_ranges(person, preferences).items():
        got = sets.get(muscle, 0)
        if got < weekly.low:
            why = _explain_shortfall(muscle, content, preferences, allowed)
            yield f"{_name(muscle)}: {got:g} of {weekly.low} sets a week. {why}"


def _explain_shortfall(
    muscle: Muscle, content: PlanContent, preferences: Preferences, allowed: Sequence[Candidate]
) -> str:
    if not any(muscle in exercise.primary_muscles for exercise in allowed):
        return (
            "Nothing that you can do trains it directly: that is for your equipment, injuries, level or what you avoid."
        )
    known = {exercise.id: exercise for exercise in allowed}
    days = [day for day in content.days if all(planned.exercise_id in known for planned in day.exercises)]
    spare = [
        preferences.minutes * 60 - session_seconds(day, known, preferences.minutes)
        for day in days
        if count_day(day, known)
    ]
    if max(spare, default=0) < _ROOM_SECONDS:
        count = len(content.days)
        sessions = "A session" if count == 1 else f"{count} sessions"
        return f"{sessions} of {preferences.minutes} minutes {'leaves' if count == 1 else 'leave'} no room for more."
    return (
        "More would take other muscles above what is good for them, or train it heavily on days that follow each other."
    )


def _name(muscle: Muscle) -> str:
    return muscle.value.replace("_", " ").capitalize()


def _replaced_sport(person: Person, preferences: Preferences, allowed: Sequence[Candidate]) -> Iterator[str]:
    conditioning = Conditioning(allowed, person)
    if person.sport is Sport.RUNNING and not conditioning.can_run:
        yield f"Running is out for now{_injury_suffix(person)}: other endurance takes its place where you can do any."
    if person.sport is Sport.BOXING and not conditioning.can_box:
        yield f"Boxing is out for now{_injury_suffix(person)}: other endurance takes its place where you can do any."
    split = choose_split(person.sport, person.level, preferences.days(person), preferences.goal)
    types = {day.conditioning for day in split}
    if types - {None} and not conditioning.can_do_any:
        yield f"There is no endurance exercise that you can do{_injury_suffix(person)}."
    elif ConditioningType.ROUNDS in types and not conditioning.can_punch and conditioning.can_box:
        yield f"Punching is out for now{_injury_suffix(person)}: boxing is footwork and defence."


def _injury_suffix(person: Person) -> str:
    joints = ", ".join(sorted(joint.value.replace("_", " ") for joint in person.injuries))
    return f" (injured: {joints})" if joints else ""
