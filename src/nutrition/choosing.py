"""Foods chosen by a model: what it is told, the shape of its answer, and what is wrong with an answer.

A model names foods by short references, which save tokens and cannot be made up without being noticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from src.ai.provider import Prompt, Rejected
from src.ai.quoting import quote_as_data
from src.nutrition.composer import Day, Meal, portions_of
from src.nutrition.food import Food
from src.nutrition.solver import solve
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot

_LIGHTEST, _HEAVIEST = 1.0, 1000.0
_MOST_REASONS: Final = 8
_WHOLE = ConfigDict(extra="forbid")


class ChosenItem(BaseModel):
    """A food, and about how much of it."""

    model_config = _WHOLE
    ref: str = Field(max_length=10)
    grams: float = Field(description="About how many grams.")


class ChosenMeal(BaseModel):
    """A meal."""

    model_config = _WHOLE
    name: str = Field(min_length=1, max_length=80)
    items: list[ChosenItem] = Field(min_length=1, max_length=12)


class ChosenDay(BaseModel):
    """The meals of a day, in order."""

    model_config = _WHOLE
    meals: list[ChosenMeal] = Field(min_length=1, max_length=6)


class Chosen(BaseModel):
    """What a model answers."""

    model_config = _WHOLE
    days: list[ChosenDay] = Field(min_length=1, max_length=7)


@dataclass(frozen=True)
class Choice:
    """Something to choose foods for: so many days of these meals, from these foods."""

    foods: Sequence[Food]
    targets: Targets
    days: int
    slots: Sequence[MealSlot]
    include: Sequence[Food] = ()
    instead_of: Sequence[Food] = ()
    wishes: str = ""
    goals: Sequence[str] = ()
    most: float = 0.7
    """A single food with more of the target's energy than this is a mistake in its grams."""

    def prompt(self, rule_based: Callable[[], Chosen]) -> Prompt[Chosen]:
        """This as a question to a model."""
        return Prompt(system=_system(), user=self._user_text(), output=Chosen, rule_based=rule_based, check=self.check)

    def days_of(self, chosen: Chosen) -> list[Day]:
        """The days that were chosen, with portions solved. The choice has been checked."""
        return [self._day(day) for day in chosen.days]

    def chosen_of(self, days: Sequence[Day]) -> Chosen:
        """The same, said as a model says it."""
        return Chosen.model_construct(
            days=[
                ChosenDay.model_construct(
                    meals=[
                        ChosenMeal.model_construct(
                            name=meal.name,
                            items=[ChosenItem(ref=self._refs[food.id], grams=grams) for food, grams in items],
                        )
                        for meal, items in day.items()
                    ]
                )
                for day in days
            ]
        )

    def check(self, chosen: Chosen) -> None:
        """Raises Rejected: wrong numbers of days or meals, foods not in the list, absurd grams, targets missed."""
        reasons = self._shape_reasons(chosen) or self._target_reasons(chosen)
        if reasons:
            raise Rejected("; ".join(reasons[:_MOST_REASONS]))

    @cached_property
    def _by_ref(self) -> dict[str, Food]:
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
            "wishes": self.wishes,
            "goals": list(self.goals),
            "food_columns": "ref, name, category, per 100 g: kcal, protein, carbohydrate, fat; usual serving in g",
            "foods": [_line(ref, food) for ref, food in self._by_ref.items()],
        }
        return quote_as_data(data)

    def _day(self, day: ChosenDay) -> Day:
        meals = tuple(
            Meal(slot, meal.name.strip(), tuple(portions_of(self._items(meal), self.targets.energy_kcal)))
            for slot, meal in zip(self.slots, day.meals, strict=True)
        )
        return Day(meals, solve([portion for meal in meals for portion in meal.portions], self.targets))

    def _items(self, meal: ChosenMeal) -> list[tuple[Food, float]]:
        return [(self._by_ref[item.ref], item.grams) for item in meal.items]

    def _shape_reasons(self, chosen: Chosen) -> list[str]:
        if len(chosen.days) != self.days:
            return [f"there must be {self.days} days, not {len(chosen.days)}"]
        reasons = []
        for number, day in enumerate(chosen.days, 1):
            if len(day.meals) != len(self.slots):
                reasons.append(f"day {number} must have {len(self.slots)} meals, not {len(day.meals)}")
            for meal in day.meals:
                reasons += [f"day {number}, {meal.name!r}: {reason}" for reason in self._meal_reasons(meal)]
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
        return [f"{item.grams:g} g of {item.ref} cannot be meant" for item in meal.items if not self._plausible(item)]

    def _plausible(self, item: ChosenItem) -> bool:
        energy = item.grams * self._by_ref[item.ref].per_gram.energy_kcal
        return _LIGHTEST <= item.grams <= _HEAVIEST and energy <= self.most * self.targets.energy_kcal

    def _target_reasons(self, chosen: Chosen) -> list[str]:
        reasons = []
        for number, day in enumerate(self.days_of(chosen), 1):
            if not day.solved.fits:
                reasons.append(
                    f"day {number}: whatever the portions, these foods give {day.solved.energy_ratio:.0%} of energy "
                    f"and {day.solved.protein_ratio:.0%} of protein"
                )
        return reasons


@cache
def _system() -> str:
    return (Path(__file__).parent / "prompts" / "choose.md").read_text().strip()


def _line(ref: str, food: Food) -> str:
    numbers = [round(value * 100, 1) for value in food.per_gram]
    serving = "" if food.serving_g is None else f"; {food.serving_g:g}"
    return f"{ref}, {food.name}, {food.category}, {', '.join(f'{number:g}' for number in numbers)}{serving}"
