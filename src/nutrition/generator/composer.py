"""Composes days of meals without a model: templates over the roles that foods play, staples first.

Pure: the same foods and the same seed give the same plan. Only the given foods are ever chosen; the database decides
which foods a person may eat.
"""

from collections.abc import Sequence
from uuid import UUID

from src.nutrition.errors import TooFewFoods
from src.nutrition.generator.amounts import portion_with_energy, usual_portion
from src.nutrition.generator.balancer import DayBalancer
from src.nutrition.generator.days import ComposedDay
from src.nutrition.generator.picker import FoodPicker
from src.nutrition.generator.pool import FoodPool
from src.nutrition.generator.templates import ENERGY_SHARES, SLOTS
from src.nutrition.ingredients import FoodRole, Ingredient
from src.nutrition.portions import PortionRange
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot


class Composer:
    """Composes days from foods. Those of `include` come at least once a week, where there is room."""

    def __init__(
        self, foods: Sequence[Ingredient], targets: Targets, seed: str, include: Sequence[Ingredient] = ()
    ) -> None:
        pool = FoodPool(foods)
        self._targets = targets
        self._include = list(include)
        self._picker = FoodPicker(pool, targets, seed)
        self._balancer = DayBalancer(pool, targets, frozenset(food.id for food in include))

    def avoid(self, food_ids: Sequence[UUID]) -> None:
        """Makes these foods unlikely, as if they had been eaten several times."""
        self._picker.count_eaten(food_ids, times=3)

    def compose_week(self, days: int, meals_per_day: int) -> list[ComposedDay]:
        """So many days of so many meals each. Raises TooFewFoods."""
        waiting = self._include
        composed = []
        for days_left in range(days, 0, -1):
            count = -(-len(waiting) // days_left)
            composed.append(self.compose_day(SLOTS[meals_per_day], waiting[:count]))
            waiting = waiting[count:]
        return composed

    def compose_day(self, slots: Sequence[MealSlot], include: Sequence[Ingredient] = ()) -> ComposedDay:
        """A day of these meals, with these foods. Raises TooFewFoods."""
        shares = sum(ENERGY_SHARES[slot] for slot in slots)
        meals = [
            (slot, self._portions(slot, self._targets.energy_kcal * ENERGY_SHARES[slot] / shares)) for slot in slots
        ]
        chosen = {portion.food.id for _, portions in meals for portion in portions}
        for number, food in enumerate(food for food in include if food.id not in chosen):
            _, portions = meals[number % len(meals)]
            portions.append(usual_portion(food, self._targets))
        day = self._balancer.balance(meals)
        self._picker.count_eaten(day.food_ids)
        return day

    def _portions(self, slot: MealSlot, energy_kcal: float) -> list[PortionRange]:
        """A meal of about so much energy. Raises TooFewFoods."""
        portions: list[PortionRange] = []
        for component in self._picker.pick_template(slot):
            chosen = {portion.food.id for portion in portions}
            if food := self._picker.pick(component.roles, slot, chosen):
                portions.append(portion_with_energy(food, component.share * energy_kcal, self._targets))
        if portions:
            return portions
        food = self._picker.pick(FoodRole, slot)
        if food is None:
            raise TooFewFoods
        return [portion_with_energy(food, energy_kcal, self._targets)]
