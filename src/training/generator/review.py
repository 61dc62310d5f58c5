"""What is wrong with a plan, told to whoever made it, and what it falls short of, told to whoever asked for it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from src.training.content import PlanContent, PlanDay, PlannedExercise, PlannedSet
from src.training.generator.candidates import Candidate
from src.training.generator.conditioning import Conditioning
from src.training.generator.constants import INCREMENT_RANGE, PERCENT_RANGE
from src.training.generator.measures import Known, heavy_in_a_row, session_seconds, sets_of_day, sets_of_week
from src.training.generator.ranges import ranges_of
from src.training.generator.rules import allowed_of
from src.training.generator.splits import Part, sessions_of
from src.training.generator.wishes import Person, Wishes
from src.vocabulary import ExerciseKind, Muscle, SetType, Sport

K = ExerciseKind
_REPS = frozenset({K.WEIGHT_REPS, K.REPS, K.BODYWEIGHT_REPS, K.ASSISTED})
_TIMED = frozenset({K.DURATION, K.WEIGHT_DURATION})
# About what an exercise with two sets takes.
_ROOM_SECONDS = 300
_OPEN_ENDED = frozenset({SetType.FAILURE, SetType.AMRAP})
# Which fields of a set go with which kinds of exercise: private.plan_sense_problems() says the same.
_FIELDS = {
    "reps_min": _REPS,
    "reps_max": _REPS,
    "weight_kg": frozenset({K.WEIGHT_REPS, K.BODYWEIGHT_REPS, K.WEIGHT_DURATION, K.DISTANCE_DURATION}),
    "percent_e1rm": frozenset({K.WEIGHT_REPS, K.BODYWEIGHT_REPS}),
    "duration_seconds": frozenset({K.DURATION, K.WEIGHT_DURATION, K.DISTANCE_DURATION}),
    "distance_m": frozenset({K.DISTANCE_DURATION}),
}


def problems_of(content: PlanContent, person: Person, wishes: Wishes, known: Known) -> list[str]:
    """Why a plan will not do: what the database would refuse, and what no plan of ours may ask of a person.

    `known`: the exercises that may be used. A plan that falls short of its ranges is not refused: see notes_on().
    """
    unknown = [f"{day.name}: {one} is not in the list" for day, one in _strangers(content, known)]
    if unknown:
        return unknown
    return [
        *unsound(content, known),
        *_wrong_days(content, wishes.days(person)),
        *_too_long(content, wishes, known),
        *_too_many_sets(content, person, wishes, known),
        *_absurd_loads(content, known),
        *_too_often(content, known),
    ]


def unsound(content: PlanContent, known: Known) -> list[str]:
    """What makes no sense for the kind of an exercise: a mirror of what SQL says, for those who only have Python."""
    return [
        f"{known[one.exercise_id].name}: {problem}"
        for day in content.days
        for one in day.exercises
        for planned in one.sets
        for problem in _wrong_fields(planned, known[one.exercise_id].kind)
    ]


def _wrong_fields(planned: PlannedSet, kind: ExerciseKind) -> Iterator[str]:
    for name, kinds in _FIELDS.items():
        if getattr(planned, name) is not None and kind not in kinds:
            yield f"{name} does not belong to this kind of exercise ({kind})"
    if planned.set_type in _OPEN_ENDED:
        return
    if kind in _REPS and planned.reps_max is None:
        yield "needs reps"
    if kind in _TIMED and planned.duration_seconds is None:
        yield "needs seconds"
    if kind is K.DISTANCE_DURATION and planned.duration_seconds is None and planned.distance_m is None:
        yield "needs seconds or a distance"


def _strangers(content: PlanContent, known: Known) -> Iterator[tuple[PlanDay, UUID]]:
    for day in content.days:
        for one in day.exercises:
            if one.exercise_id not in known:
                yield day, one.exercise_id


def _wrong_days(content: PlanContent, asked: int) -> list[str]:
    if len(content.days) != asked:
        return [f"there are {len(content.days)} days, and {asked} were asked for"]
    return []


def _too_long(content: PlanContent, wishes: Wishes, known: Known) -> list[str]:
    minutes = [(day.name, session_seconds(day, known, wishes.minutes) / 60) for day in content.days]
    return [
        f"{name} takes {took:.0f} minutes, and {wishes.minutes} were asked for"
        for name, took in minutes
        if took > wishes.minutes
    ]


def _too_many_sets(content: PlanContent, person: Person, wishes: Wishes, known: Known) -> list[str]:
    ranges = ranges_of(person, wishes)
    return [
        f"{muscle} gets {sets:g} hard sets a week, and at most {ranges[muscle].high} are good"
        for muscle, sets in sets_of_week(content.days, known).items()
        if sets > ranges[muscle].high
    ]


def _absurd_loads(content: PlanContent, known: Known) -> list[str]:
    return [
        f"{known[one.exercise_id].name}: {problem}"
        for day in content.days
        for one in day.exercises
        for problem in _absurd_load(one)
    ]


def _absurd_load(planned: PlannedExercise) -> Iterator[str]:
    low, high = INCREMENT_RANGE
    increment = getattr(planned.progression, "increment_kg", None)
    if increment is not None and not low <= increment <= high:
        yield f"a step of {increment:g} kg is not from {low:g} to {high:g}"
    lowest, highest = PERCENT_RANGE
    percents = {one.percent_e1rm for one in planned.sets if one.percent_e1rm is not None}
    for percent in sorted(percents):
        if not lowest <= percent <= highest:
            yield f"{percent:g} % of the maximum is not from {lowest} to {highest}"


def _too_often(content: PlanContent, known: Known) -> list[str]:
    return [
        f"{content.days[one].name} and {content.days[other].name} follow each other and are both heavy for the {muscle}"
        for one, other, muscle in heavy_in_a_row(content.days, known)
    ]


# Notes --------------------------------------------------------------------------------------------------------------


def notes_on(content: PlanContent, person: Person, wishes: Wishes, candidates: Sequence[Candidate]) -> list[str]:
    """What the plan falls short of and why, in sentences for the person."""
    allowed = allowed_of(wishes, candidates)
    return [*_short_muscles(content, person, wishes, allowed), *_replaced_sport(person, wishes, allowed)]


def _short_muscles(content: PlanContent, person: Person, wishes: Wishes, allowed: Sequence[Candidate]) -> Iterator[str]:
    known = {one.id: one for one in allowed}
    sets = sets_of_week(content.days, known)
    for muscle, one in ranges_of(person, wishes).items():
        got = sets.get(muscle, 0)
        if got < one.low:
            yield f"{_name(muscle)}: {got:g} of {one.low} sets a week. {_why(muscle, content, wishes, allowed)}"


def _why(muscle: Muscle, content: PlanContent, wishes: Wishes, allowed: Sequence[Candidate]) -> str:
    if not any(muscle in one.primary_muscles for one in allowed):
        return (
            "Nothing that you can do trains it directly: that is for your equipment, injuries, level or what you avoid."
        )
    known = {one.id: one for one in allowed}
    days = [day for day in content.days if all(one.exercise_id in known for one in day.exercises)]
    spare = [
        wishes.minutes * 60 - session_seconds(day, known, wishes.minutes) for day in days if sets_of_day(day, known)
    ]
    if max(spare, default=0) < _ROOM_SECONDS:
        count = len(content.days)
        sessions = "A session" if count == 1 else f"{count} sessions"
        return f"{sessions} of {wishes.minutes} minutes {'leaves' if count == 1 else 'leave'} no room for more."
    return (
        "More would take other muscles above what is good for them, or train it heavily on days that follow each other."
    )


def _name(muscle: Muscle) -> str:
    return muscle.value.replace("_", " ").capitalize()


def _replaced_sport(person: Person, wishes: Wishes, allowed: Sequence[Candidate]) -> Iterator[str]:
    conditioning = Conditioning(allowed, person)
    if person.sport is Sport.RUNNING and not conditioning.can_run:
        yield f"Running is out for now{_because(person)}: other endurance takes its place where you can do any."
    if person.sport is Sport.BOXING and not conditioning.can_box:
        yield f"Boxing is out for now{_because(person)}: other endurance takes its place where you can do any."
    parts = {one.part for one in sessions_of(person.sport, person.level, wishes.days(person), wishes.goal)}
    if parts - {None} and not conditioning.can_do_any:
        yield f"There is no endurance exercise that you can do{_because(person)}."
    elif Part.ROUNDS in parts and not conditioning.can_punch and conditioning.can_box:
        yield f"Punching is out for now{_because(person)}: boxing is footwork and defence."


def _because(person: Person) -> str:
    joints = ", ".join(sorted(joint.value.replace("_", " ") for joint in person.injuries))
    return f" (injured: {joints})" if joints else ""
