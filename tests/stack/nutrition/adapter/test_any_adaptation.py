"""Any adaptation of any plan on the real library: what comes of it is legal, and keeps or meets what it should."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.nutrition.adapter.engine import MealPlanAdapter
from src.nutrition.adapter.revision import AdaptedMealPlan
from src.nutrition.constants import NutritionGoal
from src.nutrition.content import MealPlanContent
from src.nutrition.draft import MealPlanDraft
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import content_of
from src.nutrition.jobs import MealContext, MealPlanToAdapt
from src.nutrition.profile import Body
from src.nutrition.schemas import Leftover, SwapMealInput, UseUp
from src.nutrition.targets import Targets, compute_targets
from src.vocabulary import ActivityLevel, Allergen, Diet, Sex
from tests.support.nutrition import LibraryFood

TARGETS = compute_targets(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)
NOTHING_KNOWN = dict.fromkeys(("sex", "date_of_birth", "age", "activity_level", "body_weight", "height"))
rescalings = st.builds(
    lambda energy, share: Targets(energy, energy * share / 4, energy * (0.7 - share) / 4, energy * 0.3 / 9),
    energy=st.integers(1300, 4500),
    share=st.floats(0.12, 0.3),
)
swaps = st.builds(SwapMealInput, kind=st.just("swap_meal"), day=st.integers(0, 2), meal=st.integers(0, 3))


def _context(
    library: list[LibraryFood], content: MealPlanContent, diet: Diet, allergens: set[Allergen]
) -> tuple[MealContext, MealPlanToAdapt]:
    """As public.meal_context gives it to somebody who has come to eat so."""
    suits = {item.facts.id: diet in item.diets and item.allergens.isdisjoint(allergens) for item in library}
    rows = {item.facts.id: item.facts.model_dump() for item in library}
    used = {item.food_id for day in content.days for meal in day.meals for item in meal.items}
    plan = {
        "id": "00000000-0000-4000-8000-000000000000",
        "version": 1,
        "content": content,
        "foods": [{**rows[food_id], "conflict": not suits[food_id]} for food_id in used],
    }
    context = {
        "profile": NOTHING_KNOWN,
        "foods": [row for food_id, row in rows.items() if suits[food_id]],
        "person": {"weekday": 3, "goals": []},
        "told": [],
        "plan": plan,
        "made": None,
    }
    return MealContext.model_validate(context), MealPlanToAdapt.model_validate(plan)


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1000),
    diet=st.sampled_from(Diet),
    allergens=st.sets(st.sampled_from(Allergen), max_size=4),
    asked=st.one_of(rescalings, swaps, st.integers(0, 10_000)),
    grams=st.integers(50, 2000),
)
def test_any_adaptation(
    library: list[LibraryFood],
    seed: int,
    diet: Diet,
    allergens: set[Allergen],
    asked: Targets | SwapMealInput | int,
    grams: int,
) -> None:
    week = Composer([item.food for item in library], TARGETS, f"{seed}").compose_week(3, 4)
    before = content_of(week, None)
    context, plan = _context(library, before, diet, allergens)
    adapter = MealPlanAdapter(context, plan, before, f"{seed}")
    allowed = {str(food.id) for food in context.foods}
    if isinstance(asked, Targets):
        adapted = adapter.rescale(asked)
        assert all(day.targets is asked for day in adapted.days)
    elif isinstance(asked, SwapMealInput):
        adapted = adapter.swap(asked, adapter.compose_other_meal(asked))
    else:
        food_id = sorted(allowed)[asked % len(allowed)]
        leftover = Leftover.model_validate({"food_id": food_id, "grams": grams})
        adapted = adapter.use_up(UseUp(kind="use_up", foods=[leftover]))
        left = 0.0 if not adapted.notes else grams
        used = sum(item["grams"] for item in _items(_document(adapted.content)) if item["food_id"] == food_id)
        assert used + left >= grams - 1
    _is_sound(adapted, _document(before), allowed)


def _is_sound(adapted: AdaptedMealPlan, before: dict[str, Any], allowed: set[str]) -> None:
    content = _document(adapted.content)
    for item in _items(content):
        assert item["food_id"] in allowed
        assert 1 <= item["grams"] <= 2000
        assert item["grams"] == round(item["grams"], 1)
    for day, meals in enumerate(content["days"]):
        for number, meal in enumerate(meals["meals"]):
            assert 1 <= len(meal["items"]) <= 20
            changed = meal != before["days"][day]["meals"][number]
            told = [change for change in adapted.changes if change["path"] == f"/days/{day}/meals/{number}"]
            assert len(told) == changed
            assert all(change["to"] == meal and change["explanation"] for change in told)


def _document(content: MealPlanContent) -> dict[str, Any]:
    return content.model_dump(mode="json")


def _items(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for day in content["days"] for meal in day["meals"] for item in meal["items"]]


def test_what_is_read_is_what_was_written(library: list[LibraryFood]) -> None:
    foods = [item.food for item in library]
    content = content_of(Composer(foods, TARGETS, "seed").compose_week(2, 3), None)
    assert MealPlanDraft.from_content(content, foods).content() == content
