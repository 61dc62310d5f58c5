"""Anybody who asks for a plan, and what must hold for every plan they get."""

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from src.training.candidates import Candidate
from src.training.content import PlanContent
from src.training.generator.goals import Goal
from src.training.generator.preferences import Person, Preferences
from src.training.generator.ranges import compute_weekly_ranges
from src.training.generator.review import describe_shortfalls, validate
from src.training.generator.timing import session_seconds
from src.training.levels import LEVELS
from src.training.volume import count_week
from src.vocabulary import Equipment, Joint, Muscle, Sport
from tests.support.planning import KITS, person_of

any_person = st.builds(
    person_of,
    st.sampled_from(Sport),
    st.sampled_from(LEVELS),
    st.sampled_from([*KITS.values()]) | st.sets(st.sampled_from(Equipment)),
    st.sets(st.sampled_from(Joint)),
)
_muscles = st.lists(st.sampled_from(Muscle), max_size=4, unique=True)
any_preferences = st.builds(
    Preferences,
    days_per_week=st.integers(1, 7),
    minutes=st.integers(15, 180),
    goal=st.sampled_from(Goal),
    focus=_muscles,
    avoid_muscles=st.just([]) | _muscles,
    starts_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str),
    weeks=st.integers(1, 16),
    deload=st.booleans(),
)


def assert_good(
    content: PlanContent, person: Person, preferences: Preferences, candidates: Sequence[Candidate]
) -> list[str]:
    """What must hold for every plan by rules; gives its notes."""
    known = {exercise.id: exercise for exercise in candidates}
    assert validate(content, person, preferences, known) == []
    used = [known[planned.exercise_id] for day in content.days for planned in day.exercises]
    assert not {exercise.id for exercise in used} & set(preferences.avoid)
    assert not any(exercise.contraindications & person.injuries for exercise in used)
    assert not any(set(exercise.primary_muscles) & set(preferences.avoid_muscles) for exercise in used)
    for day in content.days:
        assert session_seconds(day, known, preferences.minutes) <= preferences.minutes * 60
        assert len({planned.exercise_id for planned in day.exercises}) == len(day.exercises)
    notes = describe_shortfalls(content, person, preferences, candidates)
    sets = count_week(content.days, known)
    for muscle, weekly in compute_weekly_ranges(person, preferences).items():
        assert sets.get(muscle, 0) <= weekly.high
        said = any(note.startswith(muscle.value.replace("_", " ").capitalize() + ":") for note in notes)
        assert said == (sets.get(muscle, 0) < weekly.low)
    return notes
