"""A plan that is read again says what it said when it was made."""

import pytest

from src.nutrition.constants import NutritionGoal
from src.nutrition.draft import MealPlanDraft
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import content_of
from src.nutrition.profile import Body
from src.nutrition.targets import compute_targets
from src.vocabulary import ActivityLevel, Sex
from tests.support.pantry import foods

TARGETS = compute_targets(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)


@pytest.mark.parametrize("seed", ["oats", "rice", "bread"])
def test_days_measure_the_same_to_the_last_bit(seed: str) -> None:
    pantry = foods()
    days = Composer(pantry, TARGETS, seed).compose_week(7, 4)
    read = MealPlanDraft.from_content(content_of(days, None), pantry)
    assert read.measure_days([TARGETS] * len(days)) == [day.solution for day in days]
