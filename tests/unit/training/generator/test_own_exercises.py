"""Plans by rules for people who have only exercises of their own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from src.training.candidates import Candidate
from src.training.generator.preferences import Person, Preferences
from src.training.generator.rules import plan_by_rules
from src.vocabulary import Equipment, ExerciseCategory, ExerciseKind, ExperienceLevel, Joint, Mechanic, Muscle
from tests.support.planned import any_person, any_preferences, assert_good

own_exercises = st.builds(
    Candidate,
    id=st.uuids(version=4),
    slug=st.none(),
    name=st.just("Own"),
    kind=st.sampled_from(ExerciseKind),
    primary_muscles=st.lists(st.sampled_from(Muscle), min_size=1, max_size=6, unique=True).map(tuple),
    secondary_muscles=st.just(()),
    equipment=st.just(frozenset({Equipment.BODYWEIGHT})),
    category=st.sampled_from(ExerciseCategory),
    level=st.just(ExperienceLevel.BEGINNER),
    mechanic=st.none() | st.sampled_from(Mechanic),
    is_unilateral=st.booleans(),
    contraindications=st.just(frozenset[Joint]()),
    is_favourite=st.booleans(),
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(person=any_person, preferences=any_preferences, candidates=st.lists(own_exercises, min_size=1, max_size=12))
def test_whoever_has_only_exercises_of_their_own(
    person: Person, preferences: Preferences, candidates: list[Candidate]
) -> None:
    preferences = preferences.model_copy(update={"avoid_muscles": []})
    content = plan_by_rules(person, preferences, candidates)
    assert_good(content, person, preferences, candidates)
    assert all(day.exercises for day in content.days)
