"""Solves how many grams of each food give a day its energy and protein.

Bounded least squares (scipy's `lsq_linear`): energy and protein weigh most, carbohydrate and fat little, staying near
the portions' own grams least. A solution is measured after its grams are rounded to what a scale or a spoon can do.

Pure. scipy is loaded at the first use, because it takes a second and 80 MB that only the worker needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from src.nutrition.nutrients import Macros, Nutrients, weighted_sum
from src.nutrition.portions import PortionRange
from src.nutrition.targets import Targets

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[Any, np.dtype[np.float64]]

TOLERANCE: Final = 0.05
"""Of energy and protein, on each day."""

# How much each residual counts, as a share of its target.
_WEIGHTS: Final = (10.0, 10.0, 1.5, 1.5)
# How much it counts that a portion differs from its own grams by as much again.
_NEARNESS: Final = 0.12
_MAX_ROUNDING_STEPS: Final = 40


@dataclass(frozen=True, slots=True)
class Solution:
    """Grams for each portion, what they hold together, and how far that is from the targets."""

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
    def residual(self) -> float:
        """The larger residual of energy and protein, as a share of its target."""
        return max(abs(self.energy_ratio - 1), abs(self.protein_ratio - 1))

    @property
    def fits(self) -> bool:
        """Whether energy and protein are within the tolerance."""
        return self.residual <= TOLERANCE

    def residual_document(self) -> dict[str, float | bool]:
        """What the day has above its targets (below where negative): in kcal and g, and as a share of the target."""
        above = {name: round(getattr(self.totals, name) - getattr(self.targets, name), 1) for name in Macros._fields}
        ratios = {"energy_ratio": round(self.energy_ratio - 1, 4), "protein_ratio": round(self.protein_ratio - 1, 4)}
        return {**above, **ratios, "within_tolerance": self.fits}


def load_scipy() -> None:
    """Loads scipy: in a thread, so that a job does not keep others waiting."""
    import scipy.optimize  # type: ignore[import-untyped]  # noqa: F401, PLC0415  # it ships no types; see above


def solve(portions: Sequence[PortionRange], targets: Targets) -> Solution:
    """The grams that come nearest to the targets."""
    import numpy as np  # noqa: PLC0415

    per_gram = np.array([portion.food.per_gram for portion in portions], dtype=float).T
    wanted = np.array([max(value, 1.0) for value in targets.macros])
    scaled = per_gram * (np.array(_WEIGHTS) / wanted)[:, None]
    rounded = _round_to_steps(_solve_continuous(portions, scaled), portions, scaled)
    grams = tuple(round(float(value), 1) for value in rounded)
    foods = [portion.food.per_100g for portion in portions]
    return Solution(grams, weighted_sum(zip(grams, foods, strict=True)), targets)


def _solve_continuous(portions: Sequence[PortionRange], scaled: "Vector") -> "Vector":
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import lsq_linear  # noqa: PLC0415

    low = np.array([portion.min_grams for portion in portions])
    high = np.array([portion.max_grams for portion in portions])
    usual = np.array([portion.grams for portion in portions])
    free = high - low > 1e-9
    grams = low.copy()
    if free.any():
        near = np.diag(_NEARNESS / usual[free])
        matrix = np.vstack([scaled[:, free], near])
        goal = np.concatenate([np.array(_WEIGHTS) - scaled[:, ~free] @ low[~free], np.full(free.sum(), _NEARNESS)])
        grams[free] = lsq_linear(matrix, goal, bounds=(low[free], high[free]), method="bvls").x
    return grams


def _round_to_steps(grams: "Vector", portions: Sequence[PortionRange], scaled: "Vector") -> "Vector":
    """Rounds to steps, then takes the single steps that bring the day nearest to its targets again."""
    import numpy as np  # noqa: PLC0415

    low = np.array([portion.min_grams for portion in portions])
    high = np.array([portion.max_grams for portion in portions])
    steps = np.array([portion.step_grams for portion in portions])
    rounded = np.clip(np.round(grams / steps) * steps, low, high)
    changes = np.concatenate([scaled * steps, -scaled * steps], axis=1)
    moves = np.concatenate([steps, -steps])
    above = scaled @ rounded - np.array(_WEIGHTS)
    for _ in range(_MAX_ROUNDING_STEPS):
        after = np.tile(rounded, 2) + moves
        allowed = (after >= np.tile(low, 2) - 1e-9) & (after <= np.tile(high, 2) + 1e-9)
        losses = np.where(allowed, ((above[:, None] + changes) ** 2).sum(axis=0), np.inf)
        best = int(losses.argmin())
        if losses[best] >= (above**2).sum() - 1e-9:
            break
        rounded[best % len(portions)] += moves[best]
        above = above + changes[:, best]
    return np.asarray(rounded, dtype=float)
