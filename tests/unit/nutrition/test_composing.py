"""Portions and composed days, without a database: from a small pantry, and from what is left of it."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.nutrition.composer import SLOTS, Composer, NothingToEat, name_of
from src.nutrition.constants import NutritionGoal
from src.nutrition.food import Food, Role
from src.nutrition.solver import Portion, solve, step_of
from src.nutrition.targets import Body, Targets, targets_of
from src.vocabulary import ActivityLevel, MealSlot, Sex
from tests.support.pantry import foods
from tests.support.server import ROOT

PANTRY = foods()
BY_NAME = {food.name: food for food in PANTRY}
TARGETS = targets_of(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)

bodies = st.builds(
    Body,
    sex=st.sampled_from(Sex),
    age=st.integers(10, 90),
    weight_kg=st.floats(40, 140),
    height_m=st.floats(1.45, 2.05),
    activity=st.sampled_from(ActivityLevel),
)


def test_grams_are_within_bounds_in_steps_and_meet_the_target() -> None:
    portions = [
        Portion.about(BY_NAME[name], grams, TARGETS.energy_kcal)
        for name, grams in [
            ("Oats, rolled", 120),
            ("Chicken breast, raw", 300),
            ("Pasta, dry", 200),
            ("Olive oil", 40),
            ("Egg", 110),
        ]
    ]
    solved = solve(portions, TARGETS)
    assert solved.fits
    for portion, grams in zip(portions, solved.grams, strict=True):
        assert portion.low <= grams <= portion.high
        assert grams % step_of(portion.food) == pytest.approx(0)
    eggs = dict(zip([portion.food.name for portion in portions], solved.grams, strict=True))["Egg"]
    assert eggs % 55 == 0


def test_the_residual_is_of_what_was_rounded() -> None:
    chicken = BY_NAME["Chicken breast, raw"]
    solved = solve([Portion.about(chicken, 400, 2000)], TARGETS)
    (grams,) = solved.grams
    assert solved.totals.protein_g == pytest.approx(grams * 0.231)
    residual = solved.residual()
    assert residual["protein_g"] == pytest.approx(grams * 0.231 - TARGETS.protein_g, abs=0.06)
    assert residual["energy_ratio"] == pytest.approx(grams * 1.08 / TARGETS.energy_kcal - 1, abs=0.001)
    assert residual["within_tolerance"] is False


def test_what_is_fixed_stays() -> None:
    fixed = Portion.fixed(BY_NAME["Rice, white, cooked"], 333.0)
    solved = solve([fixed, Portion.about(BY_NAME["Chicken breast, raw"], 300, 2700)], TARGETS)
    assert solved.grams[0] == 333.0
    assert solve([fixed], TARGETS).grams == (333.0,)


def test_a_week_meets_its_targets_with_variety() -> None:
    week = Composer(PANTRY, TARGETS, "seed").week(7, 4)
    assert [len(day.meals) for day in week] == [4] * 7
    assert all(day.solved.fits for day in week)
    mains = Counter(meal.portions[0].food.name for day in week for meal in day.meals if meal.slot is MealSlot.DINNER)
    assert max(mains.values()) <= 3
    assert not any(portion.food.role is Role.EXTRA for day in week for meal in day.meals for portion in meal.portions)


def test_the_same_seed_is_the_same_plan() -> None:
    def plan(seed: str) -> list[list[tuple[str, float]]]:
        week = Composer(PANTRY, TARGETS, seed).week(3, 4)
        return [[(food.name, grams) for _, items in day.items() for food, grams in items] for day in week]

    assert plan("a") == plan("a")
    assert plan("a") != plan("b")


def test_what_is_included_comes() -> None:
    wanted = [BY_NAME["Honey"], BY_NAME["Quinoa, cooked"], BY_NAME["Blueberries"]]
    week = Composer(PANTRY, TARGETS, "seed", wanted).week(2, 3)
    eaten = {portion.food.name for day in week for meal in day.meals for portion in meal.portions}
    assert {food.name for food in wanted} <= eaten


def test_only_who_solves_loads_scipy() -> None:
    """The API serves targets and takes requests without its second and 80 MB; so does an idle worker."""
    script = "import sys, src.app, src.worker; print({'scipy', 'numpy'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == "set()"


def test_nothing_is_nothing_to_eat() -> None:
    with pytest.raises(NothingToEat):
        Composer([], TARGETS, "seed").week(1, 3)


def test_a_name_tells_what_it_is() -> None:
    assert (
        name_of([BY_NAME["Oats, rolled"], BY_NAME["Skyr"], BY_NAME["Olive oil"], BY_NAME["Apple"]])
        == "Oats with skyr and apple"
    )
    assert name_of([BY_NAME["Olive oil"]]) == "Olive oil"
    mums = replace(BY_NAME["Pasta, dry"], name="(Mum's) lasagne")
    assert name_of([mums]) == "(Mum's) lasagne"


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    bodies,
    st.sampled_from(NutritionGoal),
    st.sampled_from(sorted(SLOTS)),
    st.sets(st.sampled_from([food.name for food in PANTRY]), max_size=30),
)
def test_any_person_with_any_pantry(body: Body, goal: NutritionGoal, meals: int, without: set[str]) -> None:
    """Only what is there, every meal something, every gram legal; and the residual is what the foods really hold."""
    left = [food for food in PANTRY if food.name not in without]
    targets = targets_of(body, goal)
    for day in Composer(left, targets, "seed").week(2, meals):
        assert [meal.slot for meal in day.meals] == list(SLOTS[meals])
        items = [item for _, items in day.items() for item in items]
        assert {food.name for food, _ in items}.isdisjoint(without)
        assert all(1 <= grams <= 2000 for _, grams in items)
        assert all(1 <= len(meal.portions) <= 20 and meal.name for meal in day.meals)
        assert day.solved.totals.energy_kcal == pytest.approx(sum(f.per_gram.energy_kcal * g for f, g in items))
        assert day.solved.residual()["within_tolerance"] == (day.solved.miss <= 0.05)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(bodies, st.sampled_from(NutritionGoal), st.sampled_from(sorted(SLOTS)))
def test_a_full_pantry_meets_every_target(body: Body, goal: NutritionGoal, meals: int) -> None:
    assert all(day.solved.fits for day in Composer(PANTRY, targets_of(body, goal), "seed").week(7, meals))


def test_a_vegan_without_soy_gluten_and_nuts_eats_too() -> None:
    left: list[Food] = [
        food
        for food in PANTRY
        if food.role not in {Role.PROTEIN, Role.EGG, Role.DAIRY, Role.CHEESE, Role.NUT}
        and food.name not in {"Oats, rolled", "Pasta, dry", "Bread, wholemeal"}
    ]
    targets = Targets(2200, 90.0, 320.0, 60.0)
    assert all(day.solved.fits for day in Composer(left, targets, "seed").week(7, 3))
