"""How much of each food of a day, so that the day has its energy and protein.

Bounded least squares (scipy's `lsq_linear`): energy and protein weigh most, carbohydrate and fat little, staying near
the rough grams least. What is told is computed after the grams were rounded to what a scale or a spoon can do.

Pure. scipy is loaded at the first use, because it takes a second and 80 MB that only the worker needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from src.nutrition.food import Food, Macros, Role
from src.nutrition.nutrients import Nutrients, nutrients_of
from src.nutrition.targets import Targets

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[Any, np.dtype[np.float64]]

TOLERANCE: Final = 0.05
"""Of energy and protein, on each day."""

# How much each residual counts, as a share of its target.
_WEIGHTS: Final = (10.0, 10.0, 1.5, 1.5)
# A gram of a food that is doubled counts this much.
_NEARNESS: Final = 0.12
_MOST_STEPS: Final = 40

# The largest portion of a day at 2,000 kcal, in g; more for those who eat more.
_CEILINGS: Final = {
    Role.CEREAL: 120.0,
    Role.BREAD: 200.0,
    Role.STARCH: 350.0,
    Role.PROTEIN: 300.0,
    Role.PULSE: 300.0,
    Role.EGG: 240.0,
    Role.DAIRY: 400.0,
    Role.CHEESE: 80.0,
    Role.VEGETABLE: 350.0,
    Role.FRUIT: 300.0,
    Role.NUT: 60.0,
    Role.FAT: 30.0,
    Role.POWDER: 50.0,
    Role.EXTRA: 250.0,
}
_CEILINGS_FOR_KCAL: Final = 2000.0
_LEAST_SHARE, _MOST_SHARE = 0.4, 2.5
_HEAVIEST: Final = 2000.0
_FINE_KCAL_PER_GRAM: Final = 7.0


class _Weighed(NamedTuple):
    food_id: UUID
    grams: float


@dataclass(frozen=True, slots=True)
class Portion:
    """A food of a day: about so many grams, from `low` to `high`, in steps."""

    food: Food
    rough: float
    low: float
    high: float
    step: float

    @classmethod
    def about(cls, food: Food, rough: float, energy_kcal: float) -> "Portion":
        """A portion near the rough grams, for a day of so much energy."""
        step = step_of(food)
        ceiling = ceiling_of(food, energy_kcal)
        rough = min(max(rough, step), _HEAVIEST)
        low = max(step, _whole(rough * _LEAST_SHARE, step))
        high = max(min(rough * _MOST_SHARE, max(ceiling, rough), _HEAVIEST) // step * step, low)
        return cls(food, min(max(rough, low), high), low, high, step)

    @classmethod
    def fixed(cls, food: Food, grams: float) -> "Portion":
        """Exactly so many grams."""
        return cls(food, grams, grams, grams, 1.0)

    def wider(self) -> "Portion":
        """The same with bounds further apart, where what is usual does not do."""
        if self.is_fixed:
            return self
        low = max(self.step, _whole(self.low / 2, self.step))
        return Portion(self.food, self.rough, low, min(_whole(self.high * 1.3, self.step), _HEAVIEST), self.step)

    @property
    def is_fixed(self) -> bool:
        """There is nothing to choose."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Solved:
    """Grams for each portion, what they hold together, and by what they miss the target."""

    grams: tuple[float, ...]
    totals: Nutrients
    targets: Targets

    @property
    def energy_ratio(self) -> float:
        """1.0 is exact."""
        return self.totals.energy_kcal / self.targets.energy_kcal

    @property
    def protein_ratio(self) -> float:
        """1.0 is exact."""
        return self.totals.protein_g / self.targets.protein_g

    @property
    def miss(self) -> float:
        """The larger of both residuals, as a share."""
        return max(abs(self.energy_ratio - 1), abs(self.protein_ratio - 1))

    @property
    def fits(self) -> bool:
        """Energy and protein are within the tolerance."""
        return self.miss <= TOLERANCE

    def residual(self) -> dict[str, float | bool]:
        """What the day has more (or less) than its target: in kcal and g, and as a part of the target."""
        more = {name: round(getattr(self.totals, name) - getattr(self.targets, name), 1) for name in Macros._fields}
        ratios = {"energy_ratio": round(self.energy_ratio - 1, 4), "protein_ratio": round(self.protein_ratio - 1, 4)}
        return {**more, **ratios, "within_tolerance": self.fits}


def step_of(food: Food) -> float:
    """Grams that a portion is rounded to: whole eggs, 1 g of what is nearly all fat, else 5 g."""
    if food.role is Role.EGG and food.serving_g:
        return food.serving_g
    return 1.0 if food.role is Role.FAT or food.per_gram.energy_kcal > _FINE_KCAL_PER_GRAM else 5.0


def ceiling_of(food: Food, energy_kcal: float) -> float:
    """The largest usual portion in g, on a day of so much energy."""
    return _CEILINGS[food.role] * max(1.0, energy_kcal / _CEILINGS_FOR_KCAL)


def totals_of(foods: Sequence[Food], grams: Sequence[float]) -> Nutrients:
    """What these foods hold together."""
    weighed = (_Weighed(food.id, of_it) for food, of_it in zip(foods, grams, strict=True))
    return nutrients_of(weighed, {food.id: food.per_100g for food in foods})


def load() -> None:
    """Loads scipy: in a thread, where it would keep others waiting."""
    import scipy.optimize  # type: ignore[import-untyped]  # noqa: F401, PLC0415  # it ships no types; see above


def solve(portions: Sequence[Portion], targets: Targets) -> Solved:
    """The grams that come nearest to the targets."""
    import numpy as np  # noqa: PLC0415

    foods = [portion.food for portion in portions]
    per_gram = np.array([food.per_gram for food in foods], dtype=float).T
    wanted = np.array([max(value, 1.0) for value in _numbers(targets)])
    scale = np.array(_WEIGHTS) / wanted
    grams = _rounded(_continuous(portions, per_gram * scale[:, None]), portions, per_gram * scale[:, None])
    values = tuple(round(float(value), 1) for value in grams)
    return Solved(values, totals_of(foods, values), targets)


def _numbers(targets: Targets) -> tuple[float, ...]:
    return (targets.energy_kcal, targets.protein_g, targets.carbohydrate_g, targets.fat_g)


def _whole(grams: float, step: float) -> float:
    return round(grams / step) * step


def _continuous(portions: Sequence[Portion], scaled: "Vector") -> "Vector":
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import lsq_linear  # noqa: PLC0415

    low = np.array([portion.low for portion in portions])
    high = np.array([portion.high for portion in portions])
    rough = np.array([portion.rough for portion in portions])
    free = high - low > 1e-9
    grams = low.copy()
    if free.any():
        near = np.diag(_NEARNESS / rough[free])
        matrix = np.vstack([scaled[:, free], near])
        goal = np.concatenate([np.array(_WEIGHTS) - scaled[:, ~free] @ low[~free], np.full(free.sum(), _NEARNESS)])
        grams[free] = lsq_linear(matrix, goal, bounds=(low[free], high[free]), method="bvls").x
    return grams


def _rounded(grams: "Vector", portions: Sequence[Portion], scaled: "Vector") -> "Vector":
    """Rounds to steps, then takes the steps that bring the sum nearest again."""
    import numpy as np  # noqa: PLC0415

    low = np.array([portion.low for portion in portions])
    high = np.array([portion.high for portion in portions])
    steps = np.array([portion.step for portion in portions])
    rounded = np.clip(np.round(grams / steps) * steps, low, high)
    changes = np.concatenate([scaled * steps, -scaled * steps], axis=1)
    moves = np.concatenate([steps, -steps])
    over = scaled @ rounded - np.array(_WEIGHTS)
    for _ in range(_MOST_STEPS):
        after = np.tile(rounded, 2) + moves
        allowed = (after >= np.tile(low, 2) - 1e-9) & (after <= np.tile(high, 2) + 1e-9)
        losses = np.where(allowed, ((over[:, None] + changes) ** 2).sum(axis=0), np.inf)
        best = int(losses.argmin())
        if losses[best] >= (over**2).sum() - 1e-9:
            break
        rounded[best % len(portions)] += moves[best]
        over = over + changes[:, best]
    return np.asarray(rounded, dtype=float)
