"""A session that must fit into fewer minutes."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from src.training.candidates import Candidate
from src.training.content import PlanDay, PlannedExercise, PlannedSet
from src.training.generator.timing import session_seconds
from src.training.shorten import shorten
from src.vocabulary import ExerciseCategory, ExerciseKind, ExperienceLevel, Mechanic, Muscle, SetType


def exercise(number: int, mechanic: Mechanic = Mechanic.COMPOUND, *, is_unilateral: bool = False) -> Candidate:
    return Candidate(
        id=UUID(int=number),
        slug=f"e{number}",
        name=f"Exercise {number}",
        kind=ExerciseKind.WEIGHT_REPS,
        primary_muscles=(Muscle.CHEST,),
        secondary_muscles=(),
        equipment=frozenset(),
        category=ExerciseCategory.STRENGTH,
        level=ExperienceLevel.BEGINNER,
        mechanic=mechanic,
        is_unilateral=is_unilateral,
        contraindications=frozenset(),
    )


def planned(number: int, sets: int, rest: int = 120, warm_ups: int = 0) -> PlannedExercise:
    warm_up = PlannedSet(set_type=SetType.WARMUP, reps_max=5)
    work = PlannedSet(reps_min=6, reps_max=8)
    return PlannedExercise(exercise_id=UUID(int=number), rest_seconds=rest, sets=[warm_up] * warm_ups + [work] * sets)


def day_of(*exercises: PlannedExercise) -> PlanDay:
    return PlanDay(name="Day", exercises=list(exercises))


KNOWN = {UUID(int=n): exercise(n, Mechanic.ISOLATION if n >= 5 else Mechanic.COMPOUND) for n in range(1, 9)}


def test_what_several_joints_do_comes_first_and_the_order_stays() -> None:
    short = shorten(day_of(planned(5, 3), planned(1, 4), planned(6, 3), planned(2, 3)), KNOWN, 20)
    assert [kept.place for kept in short.kept] == [1, 3]
    assert short.left_out == (0, 2)
    assert short.seconds <= 20 * 60


def test_sets_go_before_an_exercise_does_but_warm_ups_stay() -> None:
    short = shorten(day_of(planned(1, 4, rest=180, warm_ups=1), planned(2, 4)), KNOWN, 18)
    first, second = short.kept
    assert (first.sets, first.is_whole) == ((0, 1, 2, 3), False)
    assert (second.sets, second.is_whole) == ((0, 1), False)
    assert not short.is_whole


def test_main_work_is_whole_before_anything_else_is_begun() -> None:
    short = shorten(day_of(planned(1, 3), planned(5, 3), planned(2, 3)), KNOWN, 18)
    assert [(kept.place, kept.is_whole) for kept in short.kept] == [(0, True), (2, True)]


def test_what_is_no_main_work_rests_less() -> None:
    main, other = shorten(day_of(planned(1, 3, rest=150), planned(5, 3, rest=150)), KNOWN, 60).kept
    assert (main.rest_seconds, other.rest_seconds) == (150, 60)


def test_with_time_enough_nothing_goes() -> None:
    day = day_of(planned(1, 4), planned(5, 3, rest=60))
    short = shorten(day, KNOWN, 60)
    assert short.is_whole
    assert short.seconds == session_seconds(day, KNOWN, 60)


def test_the_first_is_kept_even_where_it_takes_longer() -> None:
    short = shorten(day_of(planned(1, 4, rest=300)), KNOWN, 5)
    assert short.kept[0].sets == (0, 1)
    assert short.seconds > 5 * 60


def test_an_exercise_of_one_set_is_no_half_of_one() -> None:
    assert shorten(day_of(planned(1, 1), planned(2, 1)), KNOWN, 10).is_whole


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(1, 6), st.integers(0, 300)), min_size=1, max_size=8),
    st.integers(5, 180),
)
def test_it_fits_or_is_one_exercise_and_says_all_that_goes(rows: list[tuple[int, int, int]], minutes: int) -> None:
    day = day_of(*(planned(number, sets, rest) for number, sets, rest in rows))
    short = shorten(day, KNOWN, minutes)
    assert short.seconds <= minutes * 60 or len(short.kept) == 1
    assert sorted([*(kept.place for kept in short.kept), *short.left_out]) == list(range(len(rows)))
    for kept in short.kept:
        assert min(2, len(day.exercises[kept.place].sets)) <= len(kept.sets)
