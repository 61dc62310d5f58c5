"""Choosing foods for days of meals without a model: templates over the parts that foods play, everyday foods first.

Pure: the same candidates and the same seed give the same plan, which is not the same all week. Only what is in the
list of candidates is ever chosen; which foods a person may eat is the database's business.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from src.nutrition import constants as c
from src.nutrition.food import Food, Role
from src.nutrition.solver import Portion, Solved, solve
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot

MOST_ITEMS: Final = 20
"""Of one meal: a rule of the database."""

SLOTS: Final = {
    2: (MealSlot.LUNCH, MealSlot.DINNER),
    3: (MealSlot.BREAKFAST, MealSlot.LUNCH, MealSlot.DINNER),
    4: (MealSlot.BREAKFAST, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER),
    5: (MealSlot.BREAKFAST, MealSlot.SNACK, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER),
    6: (MealSlot.BREAKFAST, MealSlot.SNACK, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER, MealSlot.SNACK),
}
"""The meals of a day, by how many there are."""


class NothingToEat(Exception):
    """Too few foods are left to make a meal of."""


class Part(NamedTuple):
    """What a meal needs one of: the first of these roles that there is, for so much of the meal's energy."""

    roles: tuple[Role, ...]
    share: float


class Meal(NamedTuple):
    """A meal: what is eaten, with the portions the solver may choose."""

    slot: MealSlot
    name: str
    portions: tuple[Portion, ...]


@dataclass(frozen=True)
class Day:
    """A day's meals with the grams that were solved for them, in order."""

    meals: tuple[Meal, ...]
    solved: Solved

    def items(self) -> Iterator[tuple[Meal, list[tuple[Food, float]]]]:
        """Each meal with its foods and grams."""
        grams = iter(self.solved.grams)
        for meal in self.meals:
            yield meal, [(portion.food, next(grams)) for portion in meal.portions]


_Meals = list[tuple[MealSlot, list[Portion]]]

_MAIN = (Role.PROTEIN, Role.EGG, Role.PULSE, Role.CHEESE, Role.DAIRY, Role.POWDER, Role.NUT)
_CREAMY = (Role.DAIRY, Role.CHEESE, Role.EGG, Role.PULSE, Role.POWDER, Role.PROTEIN, Role.NUT)
_STARCH = (Role.STARCH, Role.BREAD, Role.PULSE, Role.CEREAL, Role.FRUIT)
_BOWL = (Role.CEREAL, Role.BREAD, Role.STARCH, Role.FRUIT)
_TOAST = (Role.BREAD, Role.CEREAL, Role.STARCH, Role.PULSE)
_PULSE = (Role.PULSE, *_MAIN)
_GREEN = (Role.VEGETABLE, Role.FRUIT)
_SWEET = (Role.FRUIT, Role.VEGETABLE)
_RICH = (Role.FAT, Role.NUT)
_CRUNCHY = (Role.NUT, Role.BREAD, Role.FRUIT)

_HOT: Final = (
    (Part(_MAIN, 0.36), Part(_STARCH, 0.38), Part(_GREEN, 0.06), Part(_GREEN, 0.06), Part(_RICH, 0.14)),
    (Part(_PULSE, 0.34), Part(_STARCH, 0.36), Part(_GREEN, 0.07), Part(_GREEN, 0.07), Part(_RICH, 0.16)),
)
_TEMPLATES: Final = {
    MealSlot.BREAKFAST: (
        (Part(_BOWL, 0.45), Part(_CREAMY, 0.30), Part(_SWEET, 0.15), Part(_CRUNCHY, 0.10)),
        (Part(_TOAST, 0.45), Part((Role.EGG, *_CREAMY), 0.40), Part(_GREEN, 0.15)),
        (Part(_TOAST, 0.45), Part((Role.CHEESE, *_CREAMY), 0.35), Part(_GREEN, 0.20)),
    ),
    MealSlot.LUNCH: _HOT,
    MealSlot.DINNER: (_HOT[0], _HOT[0], _HOT[1]),
    MealSlot.SNACK: (
        (Part(_SWEET, 0.40), Part(_CREAMY, 0.60)),
        (Part(_SWEET, 0.45), Part(_CRUNCHY, 0.55)),
    ),
}
_ENERGY: Final = {MealSlot.BREAKFAST: 0.25, MealSlot.LUNCH: 0.35, MealSlot.DINNER: 0.35, MealSlot.SNACK: 0.12}

_EVERYDAY_WEIGHT: Final = 10.0
# Each time a food was eaten this week, it is so much less likely; less so at breakfast, which people like to repeat.
_AGAIN: Final = {MealSlot.BREAKFAST: 0.75}
_AGAIN_ELSE: Final = 0.4
# From this share of protein in the day's energy on, foods that hold much are the likelier.
_LEAN_FROM, _LEAN_BY, _LEANEST = 0.15, 22.0, 4.5
# No single food is planned to have more of the day's protein than this.
_MOST_PROTEIN: Final = 0.4
_MOST_REPAIRS: Final = 8
# More or other foods first; portions that are larger or smaller than usual only when that does not do.
_WIDEN_AT: Final = 2
_REPAIR_SHARE: Final = 0.08
_LEAST_ROUGH: Final = 5.0


@dataclass
class Composer:
    """Composes days from candidates. `include` come at least once in what is composed, where there is room."""

    foods: Sequence[Food]
    targets: Targets
    seed: str
    include: Sequence[Food] = ()
    _eaten: Counter[UUID] = field(default_factory=Counter)
    _pools: dict[Role, list[Food]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Not cryptography: a plan that can be made again.
        self._random = random.Random(self.seed)  # noqa: S311
        for food in sorted(self.foods, key=lambda food: food.id):
            if food.per_gram.energy_kcal > 0:
                self._pools.setdefault(food.role, []).append(food)
        self._waiting = list(self.include)
        share = c.KCAL_PER_G_PROTEIN * self.targets.protein_g / self.targets.energy_kcal
        self._lean = min(max(share - _LEAN_FROM, 0.0) * _LEAN_BY, _LEANEST)

    def week(self, days: int, meals: int) -> list[Day]:
        """So many days of so many meals each. Raises NothingToEat."""
        composed = []
        for left in range(days, 0, -1):
            asked = self._waiting[: -(-len(self._waiting) // left)]
            self._waiting = self._waiting[len(asked) :]
            composed.append(self.day(SLOTS[meals], asked))
        return composed

    def day(self, slots: Sequence[MealSlot], asked: Sequence[Food] = ()) -> Day:
        """A day of these meals; it has what was asked for."""
        whole = sum(_ENERGY[slot] for slot in slots)
        meals = [self._meal(slot, self.targets.energy_kcal * _ENERGY[slot] / whole) for slot in slots]
        there = {portion.food.id for portions in meals for portion in portions}
        for number, food in enumerate(food for food in asked if food.id not in there):
            rough = food.serving_g or self._rough(food, 0.1 * self.targets.energy_kcal)
            meals[number % len(meals)].append(Portion.about(food, rough, self.targets.energy_kcal))
        return self.repaired(list(zip(slots, meals, strict=True)))

    def meal(self, slot: MealSlot, energy_kcal: float) -> list[Portion]:
        """One meal of about so much energy. Raises NothingToEat."""
        return self._meal(slot, energy_kcal)

    def avoid(self, food_ids: Sequence[UUID], times: int = 3) -> None:
        """Makes these foods unlikely, as if they had been eaten so often."""
        for food_id in food_ids:
            self._eaten[food_id] += times

    def weighed(self, meals: Sequence[tuple[MealSlot, list[Portion]]]) -> Day:
        """The day of these portions, as they are."""
        solved = solve([portion for _, portions in meals for portion in portions], self.targets)
        made = (Meal(slot, name_of([one.food for one in portions]), tuple(portions)) for slot, portions in meals)
        return Day(tuple(made), solved)

    def repaired(self, meals: _Meals) -> Day:
        """The day of these portions, with foods more or less while it misses its targets; the best that was found."""
        best = self.weighed(meals)
        for attempt in range(_MOST_REPAIRS):
            if best.solved.fits:
                break
            changed = _widened(meals) if attempt == _WIDEN_AT else self._repair(meals, best)
            if changed is None:
                break
            meals, tried = changed, self.weighed(changed)
            if tried.solved.miss < best.solved.miss:
                best = tried
        for meal in best.meals:
            self._eaten.update(portion.food.id for portion in meal.portions)
        return best

    def like(self, food: Food, taken: Sequence[UUID] = ()) -> Food | None:
        """The candidate that plays this food's part best; None when there is none for it."""
        same = [one for one in self._pools.get(food.role, []) if one.id != food.id and one.id not in taken]
        others = [one for pool in self._pools.values() for one in pool if one.id != food.id and one.id not in taken]
        return min(same or others, key=lambda one: (_distance(one, food), one.id), default=None)

    def _meal(self, slot: MealSlot, energy_kcal: float) -> list[Portion]:
        portions: list[Portion] = []
        taken: set[UUID] = set()
        for part in self._random.choice(_TEMPLATES[slot]):
            food = self._choice(part.roles, slot, taken)
            if food is not None:
                taken.add(food.id)
                rough = self._rough(food, part.share * energy_kcal)
                portions.append(Portion.about(food, rough, self.targets.energy_kcal))
        return portions or self._anything(slot, energy_kcal)

    def _anything(self, slot: MealSlot, energy_kcal: float) -> list[Portion]:
        food = self._choice(tuple(Role), slot, set())
        if food is None:
            raise NothingToEat
        return [Portion.about(food, self._rough(food, energy_kcal), self.targets.energy_kcal)]

    def _choice(self, roles: Sequence[Role], slot: MealSlot, taken: set[UUID]) -> Food | None:
        for role in roles:
            if pool := [food for food in self._pools.get(role, []) if food.id not in taken]:
                (chosen,) = self._random.choices(pool, [self._weight(food, slot) for food in pool])
                self._eaten[chosen.id] += 1
                return chosen
        return None

    def _weight(self, food: Food, slot: MealSlot) -> float:
        weight = _EVERYDAY_WEIGHT if food.everyday else 1.0
        weight *= _AGAIN.get(slot, _AGAIN_ELSE) ** self._eaten[food.id]
        if food.role in {Role.PROTEIN, Role.PULSE, Role.EGG, Role.DAIRY, Role.CHEESE, Role.POWDER}:
            weight *= (0.05 + food.protein_share) ** self._lean
        return weight

    def _rough(self, food: Food, energy_kcal: float) -> float:
        if food.role is Role.VEGETABLE:
            return min(food.serving_g or 120.0, 200.0)
        grams = energy_kcal / food.per_gram.energy_kcal
        if food.per_gram.protein_g > 0:
            grams = min(grams, _MOST_PROTEIN * self.targets.protein_g / food.per_gram.protein_g)
        if food.role in {Role.FRUIT, Role.DAIRY} and food.serving_g:
            grams = min(grams, 2 * food.serving_g)
        return max(grams, _LEAST_ROUGH)

    def _repair(self, meals: _Meals, day: Day) -> _Meals | None:
        """The meals with one food more, which holds what the day is short of, or one less, which holds too much."""
        solved = day.solved
        if solved.protein_ratio < 1 and abs(solved.protein_ratio - 1) >= abs(solved.energy_ratio - 1):
            return self._with_more(meals, lambda food: food.protein_share)
        if solved.energy_ratio < 1:
            return self._with_more(meals, lambda food: food.per_gram.energy_kcal * (1 - food.protein_share) ** 2)
        if solved.protein_ratio > 1 and solved.protein_ratio >= solved.energy_ratio:
            return self._with_less(meals, day, lambda food: food.per_gram.protein_g)
        return self._with_less(meals, day, lambda food: food.per_gram.energy_kcal)

    def _with_more(self, meals: _Meals, value: Callable[[Food], float]) -> _Meals | None:
        there = Counter(portion.food.id for _, portions in meals for portion in portions)
        usual = [food for role, pool in self._pools.items() if role is not Role.EXTRA for food in pool]
        rated = sorted(
            usual, key=lambda food: (there[food.id], -value(food) * (1.2 if food.everyday else 1.0), food.id)
        )
        at = min(range(len(meals)), key=lambda number: len(meals[number][1]))
        in_meal = {portion.food.id for portion in meals[at][1]}
        food = next((food for food in rated if food.id not in in_meal), None)
        if food is None or len(meals[at][1]) >= MOST_ITEMS:
            return None
        rough = self._rough(food, _REPAIR_SHARE * self.targets.energy_kcal)
        more = [*meals[at][1], Portion.about(food, rough, self.targets.energy_kcal)]
        return [*meals[:at], (meals[at][0], more), *meals[at + 1 :]]

    def _with_less(self, meals: _Meals, day: Day, value: Callable[[Food], float]) -> _Meals | None:
        kept = {food.id for food in self.include}
        grams = iter(day.solved.grams)
        held = [
            (next(grams) * value(portion.food), number, at, portion)
            for number, (_, portions) in enumerate(meals)
            for at, portion in enumerate(portions)
        ]
        droppable = [
            (amount, number, at)
            for amount, number, at, portion in held
            if len(meals[number][1]) > 1 and not portion.is_fixed and portion.food.id not in kept
        ]
        if not droppable:
            return None
        _, number, gone = max(droppable)
        slot, portions = meals[number]
        return [*meals[:number], (slot, [*portions[:gone], *portions[gone + 1 :]]), *meals[number + 1 :]]


def portions_of(items: Sequence[tuple[Food, float]], energy_kcal: float) -> list[Portion]:
    """Portions near these grams, for a day of so much energy."""
    return [Portion.about(food, grams, energy_kcal) for food, grams in items]


def name_of(foods: Sequence[Food]) -> str:
    """A name for a meal of these foods, the first of which is the main one."""
    names = list(dict.fromkeys(food.short_name for food in foods if food.role is not Role.FAT)) or [
        food.short_name for food in foods[:1]
    ]
    main, *others = names[:3]
    if not others:
        return main[:80]
    return f"{main} with {' and '.join(other.lower() for other in others)}"[:80].strip()


def _widened(meals: Sequence[tuple[MealSlot, list[Portion]]]) -> _Meals:
    return [(slot, [portion.wider() for portion in portions]) for slot, portions in meals]


def _distance(one: Food, other: Food) -> float:
    """How unlike two foods are, for taking one for the other."""
    protein = one.protein_share - other.protein_share
    energy = (one.per_gram.energy_kcal - other.per_gram.energy_kcal) / max(other.per_gram.energy_kcal, 0.1)
    same = 0.0 if one.category == other.category else 0.5
    return abs(protein) * 2 + abs(energy) + same - (0.1 if one.everyday else 0.0)
