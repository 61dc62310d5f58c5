"""Foods chosen by a model: the prompt, the checks of the answer, and the days made from it.

A model names foods by short references. They save tokens, and an invented one is noticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from src.ai.provider import Prompt, Rejected
from src.ai.quoting import quote_as_data, quote_name
from src.nutrition.generator.answer import ChosenDay, ChosenDays, ChosenItem, ChosenMeal, answer_with
from src.nutrition.generator.days import ComposedDay, ComposedMeal
from src.nutrition.ingredients import Ingredient
from src.nutrition.portions import PortionRange
from src.nutrition.solver import solve
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot

_MIN_GRAMS, _MAX_GRAMS = 1.0, 1000.0
_MAX_REASONS: Final = 8


@dataclass(frozen=True)
class FoodChoice:
    """Foods to choose for so many days of these meals."""

    foods: Sequence[Ingredient]
    targets: Targets
    days: int
    slots: Sequence[MealSlot]
    include: Sequence[Ingredient] = ()
    instead_of: Sequence[Ingredient] = ()
    notes: str = ""
    goals: Sequence[str] = ()
    max_energy_share: float = 0.7
    """A food with a larger share of the day's energy has wrong grams."""

    def prompt(self, compose: Callable[[], Sequence[ComposedDay]]) -> Prompt[ChosenDays]:
        """The prompt for a model; `compose` gives the days when there is none."""
        return Prompt(
            system=_system_text(),
            user=self._user_text(),
            output=ChosenDays,
            rule_based=lambda: answer_with(compose(), self._refs),
            check=self.check,
        )

    def solve(self, chosen: ChosenDays) -> list[ComposedDay]:
        """The days that were chosen, with portions solved. The choice has been checked."""
        return [self._solve_day(day) for day in chosen.days]

    def check(self, chosen: ChosenDays) -> None:
        """Raises Rejected: wrong numbers of days or meals, foods not in the list, absurd grams, targets missed."""
        reasons = self._shape_reasons(chosen) or self._target_reasons(chosen)
        if reasons:
            raise Rejected("; ".join(reasons[:_MAX_REASONS]))

    @cached_property
    def _by_ref(self) -> dict[str, Ingredient]:
        return {f"f{number}": food for number, food in enumerate(self.foods, 1)}

    @cached_property
    def _refs(self) -> dict[UUID, str]:
        return {food.id: ref for ref, food in self._by_ref.items()}

    def _user_text(self) -> str:
        data = {
            "targets": self.targets.document(),
            "days": self.days,
            "meals": [slot.value for slot in self.slots],
            "include": [self._refs[food.id] for food in self.include],
            "instead_of": [food.name for food in self.instead_of],
            "wishes": self.notes,
            "goals": list(self.goals),
            "food_columns": "ref, name, category, per 100 g: kcal, protein, carbohydrate, fat, usual serving in g",
            "foods": [_line(ref, food) for ref, food in self._by_ref.items()],
        }
        return quote_as_data(data)

    def _solve_day(self, day: ChosenDay) -> ComposedDay:
        meals = tuple(
            ComposedMeal(slot, meal.name.strip(), tuple(map(self._portion, meal.items)))
            for slot, meal in zip(self.slots, day.meals, strict=True)
        )
        return ComposedDay(meals, solve([portion for meal in meals for portion in meal.portions], self.targets))

    def _portion(self, item: ChosenItem) -> PortionRange:
        return PortionRange.near(self._by_ref[item.ref], item.grams, self.targets.energy_kcal)

    def _shape_reasons(self, chosen: ChosenDays) -> list[str]:
        if len(chosen.days) != self.days:
            return [f"there must be {self.days} days, not {len(chosen.days)}"]
        reasons = []
        for number, day in enumerate(chosen.days, 1):
            if len(day.meals) != len(self.slots):
                reasons.append(f"day {number} must have {len(self.slots)} meals, not {len(day.meals)}")
            for meal in day.meals:
                reasons += [f"day {number}, {quote_name(meal.name)}: {reason}" for reason in self._meal_reasons(meal)]
        eaten = {item.ref for day in chosen.days for meal in day.meals for item in meal.items}
        missing = [ref for food in self.include if (ref := self._refs[food.id]) not in eaten]
        return [*reasons, *(f"{ref} of include is missing" for ref in missing)]

    def _meal_reasons(self, meal: ChosenMeal) -> list[str]:
        if not meal.name.strip() or not meal.name.isprintable():
            return ["the name is not one"]
        refs = [item.ref for item in meal.items]
        if unknown := [ref for ref in refs if ref not in self._by_ref]:
            return [f"{ref!r} is not a ref of foods" for ref in unknown]
        if len(set(refs)) < len(refs):
            return ["names a food twice"]
        return [
            f"{item.grams:g} g of {item.ref} cannot be meant" for item in meal.items if not self._is_plausible(item)
        ]

    def _is_plausible(self, item: ChosenItem) -> bool:
        energy = item.grams * self._by_ref[item.ref].per_gram.energy_kcal
        return _MIN_GRAMS <= item.grams <= _MAX_GRAMS and energy <= self.max_energy_share * self.targets.energy_kcal

    def _target_reasons(self, chosen: ChosenDays) -> list[str]:
        return [
            f"day {number}: whatever the portions, these foods give {day.solution.energy_ratio:.0%} of energy "
            f"and {day.solution.protein_ratio:.0%} of protein"
            for number, day in enumerate(self.solve(chosen), 1)
            if not day.solution.fits
        ]


@cache
def _system_text() -> str:
    return (Path(__file__).parent / "prompts" / "system.md").read_text().strip()


def _line(ref: str, food: Ingredient) -> list[Any]:
    # A list: a name with commas in it could pass for more columns.
    return [ref, food.name, food.category, *(round(value * 100, 1) for value in food.per_gram), food.serving_g]
