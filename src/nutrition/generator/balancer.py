"""Balances a day: solves its portions, and adds or drops foods while it misses its targets."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from src.nutrition.content import MAX_ITEMS
from src.nutrition.generator.amounts import portion_with_energy
from src.nutrition.generator.days import ComposedDay, ComposedMeal, MealPortions, name_meal
from src.nutrition.generator.pool import FoodPool
from src.nutrition.ingredients import Ingredient
from src.nutrition.solver import solve
from src.nutrition.targets import Targets

_MAX_ATTEMPTS: Final = 8
# Changing foods comes first. Unusually large or small portions come only when that is not enough.
_WIDEN_AT: Final = 2
_ADDED_ENERGY_SHARE: Final = 0.08
_STAPLE_BONUS: Final = 1.2

Score = Callable[[Ingredient], float]


@dataclass(frozen=True)
class DayBalancer:
    """Balances days with these targets from these foods. Foods of `keep` are never dropped."""

    pool: FoodPool
    targets: Targets
    keep: frozenset[UUID] = frozenset()

    def solve_day(self, meals: MealPortions) -> ComposedDay:
        """The day of these portions, without other foods."""
        solution = solve([portion for _, portions in meals for portion in portions], self.targets)
        composed = (
            ComposedMeal(slot, name_meal([portion.food for portion in portions]), tuple(portions))
            for slot, portions in meals
        )
        return ComposedDay(tuple(composed), solution)

    def balance(self, meals: MealPortions) -> ComposedDay:
        """The best day that was found from these portions on."""
        best = self.solve_day(meals)
        for attempt in range(_MAX_ATTEMPTS):
            if best.solution.fits:
                break
            changed = _widen(meals) if attempt == _WIDEN_AT else self._with_other_foods(meals, best)
            if changed is None:
                break
            meals, day = changed, self.solve_day(changed)
            if day.solution.residual < best.solution.residual:
                best = day
        return best

    def _with_other_foods(self, meals: MealPortions, day: ComposedDay) -> MealPortions | None:
        """One food more, with what the day is short of, or one less, with what it has too much of."""
        energy, protein = day.solution.energy_ratio, day.solution.protein_ratio
        if protein < 1 and abs(protein - 1) >= abs(energy - 1):
            return self._with_more(meals, lambda food: food.protein_share)
        if energy < 1:
            return self._with_more(meals, lambda food: food.per_gram.energy_kcal * (1 - food.protein_share) ** 2)
        if protein > 1 and protein >= energy:
            return self._with_less(meals, day, lambda food: food.per_gram.protein_g)
        return self._with_less(meals, day, lambda food: food.per_gram.energy_kcal)

    def _with_more(self, meals: MealPortions, score: Score) -> MealPortions | None:
        """The best food by score, of those that the day has least often, in the meal with the fewest."""
        times = Counter(portion.food.id for _, portions in meals for portion in portions)
        number = min(range(len(meals)), key=lambda at: len(meals[at][1]))
        slot, portions = meals[number]
        taken = {portion.food.id for portion in portions}
        added = min(
            (food for food in self.pool.without_extras() if food.id not in taken),
            key=lambda food: (times[food.id], -score(food) * (_STAPLE_BONUS if food.is_staple else 1.0), food.id),
            default=None,
        )
        if added is None or len(portions) >= MAX_ITEMS:
            return None
        portion = portion_with_energy(added, _ADDED_ENERGY_SHARE * self.targets.energy_kcal, self.targets)
        return [*meals[:number], (slot, [*portions, portion]), *meals[number + 1 :]]

    def _with_less(self, meals: MealPortions, day: ComposedDay, score: Score) -> MealPortions | None:
        """Without the food that has most by score; a meal keeps at least one food."""
        grams = iter(day.solution.grams)
        # The grams are those of all portions in order, so all must be read.
        amounts = [
            (next(grams) * score(portion.food), number, position, portion)
            for number, (_, portions) in enumerate(meals)
            for position, portion in enumerate(portions)
        ]
        droppable = [
            (amount, number, position)
            for amount, number, position, portion in amounts
            if len(meals[number][1]) > 1 and not portion.is_fixed and portion.food.id not in self.keep
        ]
        if not droppable:
            return None
        _, number, dropped = max(droppable)
        slot, portions = meals[number]
        return [*meals[:number], (slot, [*portions[:dropped], *portions[dropped + 1 :]]), *meals[number + 1 :]]


def _widen(meals: MealPortions) -> MealPortions:
    return [(slot, [portion.widen() for portion in portions]) for slot, portions in meals]
