"""The real library, for whoever eats what: only allowed foods, and the day's targets wherever the foods reach them."""

from collections import Counter
from collections.abc import Iterable
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.nutrition.constants import NutritionGoal
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.templates import SLOTS
from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.profile import Body
from src.nutrition.staples import STAPLE_IDS
from src.nutrition.targets import compute_targets
from src.vocabulary import ActivityLevel, Allergen, Diet, MealSlot, Sex
from tests.support.nutrition import LibraryFood

bodies = st.builds(
    Body,
    sex=st.sampled_from(Sex),
    age=st.integers(10, 90),
    weight_kg=st.floats(40, 140),
    height_m=st.floats(1.45, 2.05),
    activity=st.sampled_from(ActivityLevel),
)
TARGETS = compute_targets(Body(Sex.FEMALE, 35, 65.0, 1.68, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)
AVOIDED: dict[str, frozenset[str]] = {
    "gluten, soy and nuts": frozenset({"gluten", "soy", "nuts"}),
    "those and peanut, sesame, mustard, celery": frozenset(
        {"gluten", "soy", "nuts", "peanut", "sesame", "mustard", "celery"}
    ),
    "all fourteen": frozenset(Allergen),
}


def allowed(library: list[LibraryFood], diet: Diet, allergens: Iterable[str]) -> list[Ingredient]:
    return [item.food for item in library if diet in item.diets and item.allergens.isdisjoint(allergens)]


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=bodies,
    goal=st.sampled_from(NutritionGoal),
    diet=st.sampled_from(Diet),
    allergens=st.sets(st.sampled_from(Allergen)),
    meals=st.sampled_from(sorted(SLOTS)),
    number=st.integers(0, 10_000),
)
def test_any_person(
    library: list[LibraryFood],
    body: Body,
    goal: NutritionGoal,
    diet: Diet,
    allergens: set[Allergen],
    meals: int,
    number: int,
) -> None:
    foods = allowed(library, diet, allergens)
    targets = compute_targets(body, goal)
    include = [foods[number % len(foods)]]
    week = Composer(foods, targets, f"{number}", include).compose_week(7, meals)
    eaten = [item for day in week for _, items in day.items() for item in items]
    assert {food.id for food, _ in eaten} <= {food.id for food in foods}
    assert include[0].id in {food.id for food, _ in eaten}
    assert all(1 <= grams <= 2000 and grams == round(grams, 1) for _, grams in eaten)
    for day in week:
        assert [meal.slot for meal in day.meals] == list(SLOTS[meals])
        assert all(1 <= len(meal.portions) <= 20 for meal in day.meals)
        assert day.solution.residual_document()["within_tolerance"] == (day.solution.residual <= 0.05)
    # With the real library there is always enough.
    assert all(day.solution.fits for day in week), [
        day.solution.residual_document() for day in week if not day.solution.fits
    ]


@pytest.mark.parametrize("diet", Diet)
@pytest.mark.parametrize("allergens", AVOIDED.values(), ids=AVOIDED)
def test_narrow_diets_eat_well_too(library: list[LibraryFood], diet: Diet, allergens: frozenset[str]) -> None:
    foods = allowed(library, diet, allergens)
    week = Composer(foods, TARGETS, "seed").compose_week(7, 4)
    assert all(day.solution.fits for day in week)
    assert len({food.id for day in week for _, items in day.items() for food, _ in items}) >= 20


def test_a_week_is_varied_everyday_and_looks_like_meals(library: list[LibraryFood]) -> None:
    foods = allowed(library, Diet.OMNIVORE, set())
    week = Composer(foods, TARGETS, "seed").compose_week(7, 4)
    eaten = [food for day in week for _, items in day.items() for food, _ in items]
    assert not any(food.role is FoodRole.EXTRA for food in eaten)
    assert sum(food.is_staple for food in eaten) >= 0.7 * len(eaten)
    dinners = Counter(meal.portions[0].food.id for day in week for meal in day.meals if meal.slot is MealSlot.DINNER)
    assert max(dinners.values()) <= ceil(7 / 3)
    for day in week:
        for meal, items in day.items():
            roles = {food.role for food, _ in items}
            if meal.slot is MealSlot.BREAKFAST:
                assert roles & {FoodRole.CEREAL, FoodRole.BREAD}
            if meal.slot in {MealSlot.LUNCH, MealSlot.DINNER}:
                assert {FoodRole.VEGETABLE, FoodRole.STARCH} <= roles


def test_staples_are_foods_of_the_library(library: list[LibraryFood]) -> None:
    assert {item.facts.id for item in library} >= STAPLE_IDS
