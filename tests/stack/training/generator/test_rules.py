"""Plans by rules, for everybody: legal, within their ranges or with a note, and never longer than asked."""

import json
from dataclasses import replace
from itertools import product

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.stack import Stack
from src.training.candidates import Candidate
from src.training.content import PlanContent
from src.training.generator.conditioning import RUNS
from src.training.generator.endurance import BOXING
from src.training.generator.goals import Goal
from src.training.generator.preferences import Person, Preferences
from src.training.generator.review import describe_shortfalls
from src.training.generator.rules import NoUsableExercises, plan_by_rules
from src.training.generator.schedule import DELOAD_EVERY
from src.training.levels import LEVELS
from src.training.volume import LARGE, count_week, has_hard_sets
from src.vocabulary import (
    Equipment,
    ExerciseCategory,
    ExperienceLevel,
    Joint,
    Mechanic,
    Muscle,
    SetType,
    Sport,
)
from tests.support.planned import any_person, any_preferences, assert_good
from tests.support.planning import INJURIES, KITS, candidates_of, person_of


@pytest.mark.parametrize("injured", ["nothing", "knee", "everything"])
def test_every_combination_has_a_good_plan(injured: str, library: list[Candidate]) -> None:
    plans = 0
    for sport, level, kit in product(Sport, LEVELS, KITS.values()):
        person = person_of(sport, level, kit, INJURIES[injured])
        candidates = candidates_of(person, library)
        for days in range(1, 8):
            preferences = Preferences(days_per_week=days)
            assert_good(plan_by_rules(person, preferences, candidates), person, preferences, candidates)
            plans += 1
    assert plans == 6 * 3 * 4 * 7


@settings(
    derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(person=any_person, preferences=any_preferences, left_out=st.sets(st.integers(0, 764), max_size=50))
def test_whoever_asks_for_whatever(
    person: Person, preferences: Preferences, left_out: set[int], library: list[Candidate]
) -> None:
    avoid = sorted(library[number].id for number in left_out if number < len(library))
    preferences = preferences.model_copy(update={"avoid": avoid})
    candidates = candidates_of(person, library)
    content = plan_by_rules(person, preferences, candidates)
    assert_good(content, person, preferences, candidates)
    assert content == plan_by_rules(person, preferences, candidates)
    assert content.deload_weeks == [week for week in content.deload_weeks if week <= preferences.weeks]
    if preferences.starts_on:
        assert content.days[0].weekday == preferences.starts_on.isoweekday()


async def test_the_database_finds_them_sound(library: list[Candidate], stack: Stack) -> None:
    contents = []
    for number, (sport, level, kit) in enumerate(product(Sport, LEVELS, KITS.values())):
        person = person_of(sport, level, kit, list(INJURIES.values())[number % len(INJURIES)])
        goal = list(Goal)[number % len(Goal)]
        preferences = Preferences(
            days_per_week=number % 7 + 1, minutes=(20, 45, 60, 90)[number % 4], goal=goal, weeks=16
        )
        contents.append(plan_by_rules(person, preferences, candidates_of(person, library)).model_dump(mode="json"))
    assert len(contents) == 72
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        wrong = await connection.fetch(
            "select problems from jsonb_array_elements($1::jsonb) as c,"
            " public.validate_plan_content(c.value) as problems where problems <> '[]'",
            json.dumps(contents),
        )
    finally:
        await connection.close()
    assert [row[0] for row in wrong] == []


async def test_a_filtered_library_is_what_the_database_gives(library: list[Candidate], stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        await connection.execute("begin")
        owner = await connection.fetchval(
            "insert into auth.users (id, email) values (gen_random_uuid(), 'x@people.example') returning id"
        )
        for level, kit, injuries in product(LEVELS, KITS.values(), INJURIES.values()):
            await connection.execute(
                "update public.users set experience_level = $2, equipment = $3, injuries = $4 where id = $1",
                owner,
                level,
                sorted(kit),
                sorted(injuries),
            )
            given_ids = {
                row[0] for row in await connection.fetch("select id from private.exercise_candidates($1)", owner)
            }
            person = person_of(Sport.GYM, level, kit, injuries)
            assert {exercise.id for exercise in candidates_of(person, library)} == given_ids
    finally:
        await connection.execute("rollback")
        await connection.close()


USUAL = [(Sport.GYM, 3, 60), (Sport.GYM, 4, 60), (Sport.GYM, 6, 60), (Sport.CALISTHENICS, 4, 60)]
USUAL += [(Sport.CROSSFIT, 5, 75), (Sport.RUNNING, 4, 75), (Sport.BOXING, 4, 60)]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("sport", "days", "minutes"), USUAL)
def test_the_ranges_are_met_where_there_is_time_and_equipment(
    sport: Sport, days: int, minutes: int, level: ExperienceLevel, library: list[Candidate]
) -> None:
    person = person_of(sport, level, KITS["a full gym"])
    preferences = Preferences(days_per_week=days, minutes=minutes)
    candidates = candidates_of(person, library)
    assert assert_good(plan_by_rules(person, preferences, candidates), person, preferences, candidates) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("goal", Goal)
def test_a_session_goes_from_heavy_to_light(goal: Goal, level: ExperienceLevel, library: list[Candidate]) -> None:
    person = person_of(Sport.GYM, level, KITS["a full gym"])
    known = {exercise.id: exercise for exercise in library}
    content = plan_by_rules(person, Preferences(days_per_week=4, goal=goal), candidates_of(person, library))
    for day in content.days:
        strength = [
            known[planned.exercise_id] for planned in day.exercises if has_hard_sets(known[planned.exercise_id])
        ]
        is_large = [
            exercise.mechanic is Mechanic.COMPOUND and bool({*exercise.primary_muscles} & {*LARGE})
            for exercise in strength
        ]
        assert is_large[0] or Muscle.FRONT_DELTS in strength[0].primary_muscles
        mains = [exercise.mechanic is Mechanic.COMPOUND for exercise in strength[:2]]
        assert all(mains)
        assert is_large[2:] == sorted(is_large[2:], reverse=True)


def test_reps_and_rests_follow_the_goal(library: list[Candidate]) -> None:
    person = person_of(Sport.GYM, ExperienceLevel.INTERMEDIATE, KITS["a full gym"])
    found = {}
    for goal in Goal:
        content = plan_by_rules(person, Preferences(days_per_week=3, goal=goal), candidates_of(person, library))
        main = content.days[0].exercises[0]
        found[goal] = (main.sets[-1].reps_min, main.sets[-1].reps_max, main.rest_seconds)
    assert found == {
        Goal.STRENGTH: (4, 6, 180),
        Goal.HYPERTROPHY: (6, 10, 120),
        Goal.ENDURANCE: (12, 16, 60),
        Goal.FAT_LOSS: (8, 12, 75),
        Goal.GENERAL: (8, 12, 105),
    }


def test_how_exercises_get_harder_follows_the_level(library: list[Candidate]) -> None:
    kinds = {}
    for level in LEVELS:
        person = person_of(Sport.GYM, level, KITS["a full gym"])
        preferences = Preferences(days_per_week=3, goal=Goal.STRENGTH)
        exercises = [
            planned
            for day in plan_by_rules(person, preferences, candidates_of(person, library)).days
            for planned in day.exercises
        ]
        kinds[level] = {planned.progression.kind for planned in exercises}
        for planned in exercises:
            if planned.progression.kind == "percent_e1rm":
                assert {each.percent_e1rm for each in planned.sets if each.set_type is not SetType.WARMUP} == {80}
    assert kinds[ExperienceLevel.BEGINNER] >= {"linear", "double_progression"}
    assert kinds[ExperienceLevel.INTERMEDIATE] == {"double_progression"}
    assert kinds[ExperienceLevel.ADVANCED] >= {"percent_e1rm", "double_progression"}


@pytest.mark.parametrize("level", LEVELS)
def test_deload_weeks(level: ExperienceLevel, library: list[Candidate]) -> None:
    person = person_of(Sport.GYM, level, KITS["dumbbells"])
    every = DELOAD_EVERY[level]
    with_deload = plan_by_rules(person, Preferences(days_per_week=3, weeks=16), candidates_of(person, library))
    assert with_deload.deload_weeks == list(range(every, 17, every))
    without = plan_by_rules(
        person, Preferences(days_per_week=3, weeks=16, deload=False), candidates_of(person, library)
    )
    assert without.deload_weeks == []
    assert without.days == with_deload.days


def slugs_of(content: PlanContent, library: list[Candidate]) -> set[str]:
    by_id = {exercise.id: exercise.slug or "" for exercise in library}
    return {by_id[planned.exercise_id] for day in content.days for planned in day.exercises}


@pytest.mark.parametrize("level", LEVELS)
def test_runners_run(level: ExperienceLevel, library: list[Candidate]) -> None:
    person = person_of(Sport.RUNNING, level, KITS["nothing"])
    preferences = Preferences(days_per_week=5)
    content = plan_by_rules(person, preferences, candidates_of(person, library))
    assert [day.name for day in content.days] == ["Easy run", "Intervals", "Full body A", "Easy run", "Long run"]
    runs = slugs_of(content, library) & RUNS
    assert runs >= (
        {"run-walk-intervals"} if level is ExperienceLevel.BEGINNER else {"easy-run", "interval-run", "long-run"}
    )


def test_who_cannot_run_does_something_else_and_is_told(library: list[Candidate]) -> None:
    person = person_of(Sport.RUNNING, ExperienceLevel.INTERMEDIATE, {Equipment.BIKE}, {Joint.KNEE})
    preferences = Preferences(days_per_week=4)
    candidates = candidates_of(person, library)
    content = plan_by_rules(person, preferences, candidates)
    assert not slugs_of(content, library) & RUNS
    assert "outdoor-cycling" in slugs_of(content, library)
    assert "Running is out for now (injured: knee)" in " ".join(
        describe_shortfalls(content, person, preferences, candidates)
    )


def test_who_can_do_no_endurance_is_told(library: list[Candidate]) -> None:
    person = person_of(Sport.RUNNING, ExperienceLevel.BEGINNER, ())
    preferences = Preferences(days_per_week=3)
    candidates = [
        exercise
        for exercise in candidates_of(person, library)
        if exercise.category in {ExerciseCategory.STRENGTH, ExerciseCategory.MOBILITY}
    ]
    content = plan_by_rules(person, preferences, candidates)
    assert all(day.exercises for day in content.days)
    assert "There is no endurance exercise that you can do." in describe_shortfalls(
        content, person, preferences, candidates
    )


def test_boxers_box_and_crossfitters_have_a_workout_of_the_day(library: list[Candidate]) -> None:
    boxer = person_of(Sport.BOXING, ExperienceLevel.INTERMEDIATE, {Equipment.PUNCHING_BAG})
    content = plan_by_rules(boxer, Preferences(days_per_week=3), candidates_of(boxer, library))
    rounds = content.days[0].exercises
    assert slugs_of(content, library) & set(BOXING)
    assert {(planned.sets[0].duration_seconds, planned.rest_seconds) for planned in rounds[:3]} == {(180, 60)}
    athlete = person_of(Sport.CROSSFIT, ExperienceLevel.INTERMEDIATE, KITS["a full gym"])
    mixed = plan_by_rules(athlete, Preferences(days_per_week=4), candidates_of(athlete, library))
    for day in mixed.days:
        assert len([planned for planned in day.exercises if planned.superset_group == "wod"]) == 3
    assert any(each.category is ExerciseCategory.OLYMPIC for each in library if each.slug in slugs_of(mixed, library))


def test_focus_and_favourites_count(library: list[Candidate]) -> None:
    person = person_of(Sport.GYM, ExperienceLevel.INTERMEDIATE, KITS["a full gym"])
    candidates = candidates_of(person, library)
    known = {exercise.id: exercise for exercise in candidates}
    usual = plan_by_rules(person, Preferences(days_per_week=4), candidates)
    focused = plan_by_rules(person, Preferences(days_per_week=4, focus=[Muscle.BICEPS]), candidates)
    more, before = count_week(focused.days, known), count_week(usual.days, known)
    assert more[Muscle.BICEPS] >= before[Muscle.BICEPS] + 3
    liked = [replace(exercise, is_favourite=exercise.slug == "paused-bench-press") for exercise in candidates]
    assert "paused-bench-press" in slugs_of(plan_by_rules(person, Preferences(days_per_week=4), liked), library)


def test_an_exercise_of_ones_own_may_be_all_there_is(library: list[Candidate]) -> None:
    person = person_of(Sport.GYM, ExperienceLevel.BEGINNER, ())
    only = [exercise for exercise in library if exercise.slug == "push-up"]
    preferences = Preferences(days_per_week=7, minutes=15)
    content = plan_by_rules(person, preferences, only)
    assert len(content.days) == 7
    assert_good(content, person, preferences, only)
    with pytest.raises(NoUsableExercises):
        plan_by_rules(person, preferences, [])
    with pytest.raises(ValueError, match="not known"):
        plan_by_rules(person, Preferences(), only)
