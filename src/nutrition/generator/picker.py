"""Picks foods for meals at random: staples are likelier, foods already eaten less likely."""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from src.foods.energy import KCAL_PER_G_PROTEIN
from src.nutrition.generator.pool import FoodPool
from src.nutrition.generator.templates import TEMPLATES, MealComponent
from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot

_STAPLE_WEIGHT: Final = 10.0
# Each time a food was eaten this week, it is so much less likely; less so at breakfast, which people like to repeat.
_REPEAT_WEIGHT: Final = 0.4
_REPEAT_WEIGHT_AT_BREAKFAST: Final = 0.75
# From this share of protein in the day's energy on, foods with much protein are likelier, up to a limit.
_LEAN_FROM, _LEAN_SLOPE, _MAX_LEAN = 0.15, 22.0, 4.5
_PROTEIN_ROLES: Final = frozenset(
    {FoodRole.PROTEIN, FoodRole.PULSE, FoodRole.EGG, FoodRole.DAIRY, FoodRole.CHEESE, FoodRole.POWDER}
)


class FoodPicker:
    """Picks templates, and foods of a pool; the same seed picks the same."""

    def __init__(self, pool: FoodPool, targets: Targets, seed: str) -> None:
        self._pool = pool
        # Seeded on purpose: the same seed makes the same plan.
        self._random = random.Random(seed)  # noqa: S311
        self._eaten: Counter[UUID] = Counter()
        protein_share = KCAL_PER_G_PROTEIN * targets.protein_g / targets.energy_kcal
        self._lean = min(max(protein_share - _LEAN_FROM, 0.0) * _LEAN_SLOPE, _MAX_LEAN)

    def pick_template(self, slot: MealSlot) -> Sequence[MealComponent]:
        """The components of a meal of this slot."""
        return self._random.choice(TEMPLATES[slot])

    def pick(self, roles: Iterable[FoodRole], slot: MealSlot, excluded: Collection[UUID] = ()) -> Ingredient | None:
        """A food of the first of these roles that has one; None when none has."""
        for role in roles:
            if foods := [food for food in self._pool.of_role(role) if food.id not in excluded]:
                (picked,) = self._random.choices(foods, [self._weight(food, slot) for food in foods])
                self._eaten[picked.id] += 1
                return picked
        return None

    def count_eaten(self, food_ids: Iterable[UUID], times: int = 1) -> None:
        """Makes these foods less likely from now on."""
        for food_id in food_ids:
            self._eaten[food_id] += times

    def _weight(self, food: Ingredient, slot: MealSlot) -> float:
        weight = _STAPLE_WEIGHT if food.is_staple else 1.0
        repeat = _REPEAT_WEIGHT_AT_BREAKFAST if slot is MealSlot.BREAKFAST else _REPEAT_WEIGHT
        weight *= repeat ** self._eaten[food.id]
        if food.role in _PROTEIN_ROLES:
            weight *= (0.05 + food.protein_share) ** self._lean
        return weight
