"""Any adaptation of any plan on the real library: what comes of it is legal, and keeps or meets what it should."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.nutrition.adapting import Adaptation, Adapted, Sheet
from src.nutrition.composer import Composer
from src.nutrition.constants import NutritionGoal
from src.nutrition.schemas import Leftover, SwapMeal, UseUp
from src.nutrition.targets import Body, Targets, targets_of
from src.nutrition.tasks import content_of
from src.vocabulary import ActivityLevel, Allergen, Diet, Sex
from tests.support.nutrition import LibraryFood

TARGETS = targets_of(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)
rescalings = st.builds(
    lambda energy, share: Targets(energy, energy * share / 4, energy * (0.7 - share) / 4, energy * 0.3 / 9),
    energy=st.integers(1300, 4500),
    share=st.floats(0.12, 0.3),
)
swaps = st.builds(SwapMeal, kind=st.just("swap_meal"), day=st.integers(0, 2), meal=st.integers(0, 3))


def _context(
    library: list[LibraryFood], content: dict[str, Any], diet: Diet, allergens: set[Allergen]
) -> dict[str, Any]:
    """As public.meal_context gives it to somebody who has come to eat so."""
    suits = {one.food.id: diet in one.diets and one.allergens.isdisjoint(allergens) for one in library}
    rows = {one.food.id: dict(one.food.per_100g) for one in library}
    used = {item["food_id"] for day in content["days"] for meal in day["meals"] for item in meal["items"]}
    return {
        "foods": [row for food_id, row in rows.items() if suits[food_id]],
        "person": {"weekday": 3, "goals": []},
        "plan": {
            "content": content,
            "foods": [{**row, "conflict": not suits[id_]} for id_, row in rows.items() if row["id"] in used],
        },
    }


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
    asked: Targets | SwapMeal | int,
    grams: int,
) -> None:
    week = Composer([one.food for one in library], TARGETS, f"{seed}").week(3, 4)
    before = content_of(week, None)
    context = _context(library, before, diet, allergens)
    adaptation = Adaptation(context, f"{seed}")
    allowed = {row["id"] for row in context["foods"]}
    if isinstance(asked, Targets):
        adapted = adaptation.rescaled(asked)
        assert all(day.targets is asked for day in adapted.days)
    elif isinstance(asked, SwapMeal):
        adapted = adaptation.swapped(asked, adaptation.other_meal(asked))
    else:
        food_id = sorted(allowed)[asked % len(allowed)]
        leftover = Leftover(food_id=food_id, grams=grams)
        adapted = adaptation.used_up(UseUp(kind="use_up", foods=[leftover]))
        left = 0.0 if not adapted.notes else grams
        used = sum(item["grams"] for item in _items(adapted.content) if item["food_id"] == food_id)
        assert used + left >= grams - 1
    _is_sound(adapted, before, allowed)


def _is_sound(adapted: Adapted, before: dict[str, Any], allowed: set[str]) -> None:
    for item in _items(adapted.content):
        assert item["food_id"] in allowed
        assert 1 <= item["grams"] <= 2000
        assert item["grams"] == round(item["grams"], 1)
    for day, meals in enumerate(adapted.content["days"]):
        for number, meal in enumerate(meals["meals"]):
            assert 1 <= len(meal["items"]) <= 20
            changed = meal != before["days"][day]["meals"][number]
            told = [change for change in adapted.changes if change["path"] == f"/days/{day}/meals/{number}"]
            assert len(told) == changed
            assert all(change["to"] == meal and change["explanation"] for change in told)


def _items(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for day in content["days"] for meal in day["meals"] for item in meal["items"]]


def test_what_is_read_is_what_was_written(library: list[LibraryFood]) -> None:
    foods = [one.food for one in library]
    content = content_of(Composer(foods, TARGETS, "seed").week(2, 3), None)
    assert Sheet.of(content, foods).content() == content
