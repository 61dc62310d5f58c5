"""Days composed without a database: from a small pantry, and from what is left of it."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.nutrition.constants import NutritionGoal
from src.nutrition.errors import TooFewFoods
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import name_meal
from src.nutrition.generator.templates import SLOTS
from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.profile import Body
from src.nutrition.targets import Targets, compute_targets
from src.vocabulary import ActivityLevel, MealSlot, Sex
from tests.support.pantry import foods

PANTRY = foods()
BY_NAME = {food.name: food for food in PANTRY}
TARGETS = compute_targets(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)

bodies = st.builds(
    Body,
    sex=st.sampled_from(Sex),
    age=st.integers(10, 90),
    weight_kg=st.floats(40, 140),
    height_m=st.floats(1.45, 2.05),
    activity=st.sampled_from(ActivityLevel),
)


def test_a_week_meets_its_targets_with_variety() -> None:
    week = Composer(PANTRY, TARGETS, "seed").compose_week(7, 4)
    assert [len(day.meals) for day in week] == [4] * 7
    assert all(day.solution.fits for day in week)
    mains = Counter(meal.portions[0].food.name for day in week for meal in day.meals if meal.slot is MealSlot.DINNER)
    assert max(mains.values()) <= 3
    assert not any(
        portion.food.role is FoodRole.EXTRA for day in week for meal in day.meals for portion in meal.portions
    )


def test_the_same_seed_is_the_same_plan() -> None:
    def plan(seed: str) -> list[list[tuple[str, float]]]:
        week = Composer(PANTRY, TARGETS, seed).compose_week(3, 4)
        return [[(food.name, grams) for _, items in day.items() for food, grams in items] for day in week]

    assert plan("a") == plan("a")
    assert plan("a") != plan("b")


def test_what_is_included_comes() -> None:
    wanted = [BY_NAME["Honey"], BY_NAME["Quinoa, cooked"], BY_NAME["Blueberries"]]
    week = Composer(PANTRY, TARGETS, "seed", wanted).compose_week(2, 3)
    eaten = {portion.food.name for day in week for meal in day.meals for portion in meal.portions}
    assert {food.name for food in wanted} <= eaten


def test_nothing_is_nothing_to_eat() -> None:
    with pytest.raises(TooFewFoods):
        Composer([], TARGETS, "seed").compose_week(1, 3)


def test_a_name_tells_what_it_is() -> None:
    assert (
        name_meal([BY_NAME["Oats, rolled"], BY_NAME["Skyr"], BY_NAME["Olive oil"], BY_NAME["Apple"]])
        == "Oats with skyr and apple"
    )
    assert name_meal([BY_NAME["Olive oil"]]) == "Olive oil"
    mums = replace(BY_NAME["Pasta, dry"], name="(Mum's) lasagne")
    assert name_meal([mums]) == "(Mum's) lasagne"


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
    targets = compute_targets(body, goal)
    for day in Composer(left, targets, "seed").compose_week(2, meals):
        assert [meal.slot for meal in day.meals] == list(SLOTS[meals])
        items = [item for _, items in day.items() for item in items]
        assert {food.name for food, _ in items}.isdisjoint(without)
        assert all(1 <= grams <= 2000 for _, grams in items)
        assert all(1 <= len(meal.portions) <= 20 and meal.name for meal in day.meals)
        assert day.solution.totals.energy_kcal == pytest.approx(sum(f.per_gram.energy_kcal * g for f, g in items))
        assert day.solution.residual_document()["within_tolerance"] == (day.solution.residual <= 0.05)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(bodies, st.sampled_from(NutritionGoal), st.sampled_from(sorted(SLOTS)))
def test_a_full_pantry_meets_every_target(body: Body, goal: NutritionGoal, meals: int) -> None:
    assert all(
        day.solution.fits for day in Composer(PANTRY, compute_targets(body, goal), "seed").compose_week(7, meals)
    )


def test_a_vegan_without_soy_gluten_and_nuts_eats_too() -> None:
    left: list[Ingredient] = [
        food
        for food in PANTRY
        if food.role not in {FoodRole.PROTEIN, FoodRole.EGG, FoodRole.DAIRY, FoodRole.CHEESE, FoodRole.NUT}
        and food.name not in {"Oats, rolled", "Pasta, dry", "Bread, wholemeal"}
    ]
    targets = Targets(2200, 90.0, 320.0, 60.0)
    assert all(day.solution.fits for day in Composer(left, targets, "seed").compose_week(7, 3))
