"""Loads that a person can make up: multiples of the smallest step of what they train with. All in kg, exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, Decimal

from src.core.units import KG_PER_LB
from src.vocabulary import Equipment, WeightUnit

DELOAD = Decimal("0.9")

# The usual steps where a person has not said theirs: a pair of the smallest plates, the next dumbbell, one pin.
_USUAL_KG = {Equipment.DUMBBELL: Decimal(2), Equipment.KETTLEBELL: Decimal(4), Equipment.MACHINE: Decimal(5)}
_USUAL_LB = {Equipment.KETTLEBELL: Decimal(10), Equipment.MACHINE: Decimal(10)}
_ELSE_KG, _ELSE_LB = Decimal("2.5"), Decimal(5)

# Of a step: what was entered in pounds and rounded is still on the grid.
_SLACK = Decimal("0.01")


@dataclass(frozen=True)
class Loading:
    """What can be loaded, and the unit the person thinks in."""

    step_kg: Decimal
    unit: WeightUnit = WeightUnit.KG

    def nearest(self, kg: Decimal) -> Decimal:
        """The nearest load, the lighter one half-way; a load never rounds to nothing."""
        steps = (kg / self.step_kg).to_integral_value(ROUND_HALF_DOWN)
        return max(steps, Decimal(1 if kg > 0 else 0)) * self.step_kg

    def raised(self, kg: Decimal, by: Decimal) -> Decimal:
        """The load nearest to `by` more, and always more."""
        above = (kg / self.step_kg + _SLACK).to_integral_value(ROUND_FLOOR) + 1
        return max(self.nearest(kg + by), above * self.step_kg)

    def lowered(self, kg: Decimal) -> Decimal:
        """The load nearest to a tenth less, and always less, down to nothing."""
        below = (kg / self.step_kg - _SLACK).to_integral_value(ROUND_CEILING) - 1
        return min(self.nearest(kg * DELOAD), max(below, Decimal(0)) * self.step_kg)

    def shown(self, kg: Decimal) -> Decimal:
        """The load in the person's unit, to the hundredth."""
        return round(kg / KG_PER_LB if self.unit is WeightUnit.LB else kg, 2)

    def text(self, kg: Decimal) -> str:
        """The load as a person reads it."""
        return f"{self.shown(kg).normalize():f} {self.unit.value}"

    def span(self, loads: Iterable[Decimal | None]) -> str:
        """The loads as a person reads them, from the lightest to the heaviest; empty when none is known."""
        known = sorted({load for load in loads if load is not None})
        if not known:
            return ""
        lightest, heaviest = self.text(known[0]), self.text(known[-1])
        return lightest if lightest == heaviest else f"{lightest} to {heaviest}"


def choose_loading(equipment: Sequence[Equipment], steps_kg: Mapping[str, float], unit: WeightUnit) -> Loading:
    """How an exercise with this equipment is loaded: by the person's own step, else by the usual one in their unit."""
    for tool in equipment:
        if tool in steps_kg:
            return Loading(Decimal(str(steps_kg[tool])), unit)
    is_lb = unit is WeightUnit.LB
    usual, otherwise, factor = (_USUAL_LB, _ELSE_LB, KG_PER_LB) if is_lb else (_USUAL_KG, _ELSE_KG, Decimal(1))
    step = next((usual[tool] for tool in equipment if tool in usual), otherwise)
    return Loading(step * factor, unit)
