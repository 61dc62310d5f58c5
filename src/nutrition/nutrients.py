"""Nutrients of what is planned: the one place where they are computed, from the foods and never taken from a client.

A food's values are per 100 g. An item has grams / 100 times each of them; a meal is the sum of its items, a day of all
items of its meals, and a plan is the mean of its days. All sums are unrounded, and a day is never a sum of sums: so it
is the same to the last bit wherever it is computed, and rounds alike. Rounding happens once, where a value is shown:
energy to 1 kcal, grams to 0.1 g, salt to 0.01 g.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple, Protocol
from uuid import UUID


class Weighed(Protocol):
    """So many grams of a food; MealItem is one."""

    @property
    def food_id(self) -> UUID: ...

    @property
    def grams(self) -> float: ...


Per100g = Mapping[str, Any]
"""A food with at least the fields of Nutrients, per 100 g, as rows of public.foods have them."""


class Macros(NamedTuple):
    """The nutrients that targets are set for: energy in kcal, the rest in g."""

    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float


class Nutrients(NamedTuple):
    """Energy in kcal, the rest in grams; carbohydrate includes fibre and sugar. Not rounded."""

    energy_kcal: float = 0.0
    protein_g: float = 0.0
    carbohydrate_g: float = 0.0
    fat_g: float = 0.0
    fibre_g: float = 0.0
    sugar_g: float = 0.0
    salt_g: float = 0.0

    def shown(self) -> dict[str, float]:
        """By name, rounded to what people read."""
        return {name: round(value, _DECIMALS.get(name, 1)) for name, value in self._asdict().items()}


_DECIMALS = {"energy_kcal": 0, "salt_g": 2}


def nutrients_of(items: Iterable[Weighed], foods: Mapping[UUID, Per100g]) -> Nutrients:
    """Nutrients of these items together. Raises KeyError for an item whose food is missing in `foods`."""
    rows = ((item.grams, foods[item.food_id]) for item in items)
    return weighted_sum((grams, Nutrients(*(row[name] for name in Nutrients._fields))) for grams, row in rows)


def weighted_sum(portions: Iterable[tuple[float, Nutrients]]) -> Nutrients:
    """Nutrients of these portions together: each is its grams, and what 100 g of the food hold."""
    return total(Nutrients(*(grams / 100 * value for value in per_100g)) for grams, per_100g in portions)


def total(parts: Iterable[Nutrients]) -> Nutrients:
    """The sum; zeros for nothing."""
    return Nutrients(*map(fsum, zip(*parts, strict=True)))


def mean(parts: Sequence[Nutrients]) -> Nutrients:
    """The average of one or more."""
    return Nutrients(*(value / len(parts) for value in total(parts)))
