"""Loads the equipment allows: multiples of its smallest step. All in kg, exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, Decimal

from src.core.units import KG_PER_LB
from src.vocabulary import Equipment, WeightUnit

DELOAD = Decimal("0.9")

# Steps to assume when a person has not set their own: a pair of the smallest plates, the next dumbbell, one pin.
_USUAL_KG = {Equipment.DUMBBELL: Decimal(2), Equipment.KETTLEBELL: Decimal(4), Equipment.MACHINE: Decimal(5)}
_USUAL_LB = {Equipment.KETTLEBELL: Decimal(10), Equipment.MACHINE: Decimal(10)}
_DEFAULT_KG, _DEFAULT_LB = Decimal("2.5"), Decimal(5)

# Tolerance, as a share of a step: a load entered in pounds and then rounded still counts as a multiple.
_SLACK = Decimal("0.01")


@dataclass(frozen=True)
class Loading:
    """The smallest step of an exercise's equipment, and the unit to show loads in."""

    step_kg: Decimal
    unit: WeightUnit = WeightUnit.KG

    def nearest(self, kg: Decimal) -> Decimal:
        """The nearest multiple of the step, the lighter one at a tie; a load above 0 never becomes 0."""
        steps = (kg / self.step_kg).to_integral_value(ROUND_HALF_DOWN)
        return max(steps, Decimal(1 if kg > 0 else 0)) * self.step_kg

    def increase(self, kg: Decimal, by: Decimal) -> Decimal:
        """The multiple nearest to `kg + by`; always above `kg`."""
        above = (kg / self.step_kg + _SLACK).to_integral_value(ROUND_FLOOR) + 1
        return max(self.nearest(kg + by), above * self.step_kg)

    def deload(self, kg: Decimal) -> Decimal:
        """The multiple nearest to 90 % of `kg`; always below `kg`, at the least 0."""
        below = (kg / self.step_kg - _SLACK).to_integral_value(ROUND_CEILING) - 1
        return min(self.nearest(kg * DELOAD), max(below, Decimal(0)) * self.step_kg)

    def to_unit(self, kg: Decimal) -> Decimal:
        """The load in the person's unit, rounded to two decimals."""
        return round(kg / KG_PER_LB if self.unit is WeightUnit.LB else kg, 2)

    def format(self, kg: Decimal) -> str:
        """The load with its unit, as people read it."""
        return f"{self.to_unit(kg).normalize():f} {self.unit.value}"

    def format_range(self, loads: Iterable[Decimal | None]) -> str:
        """ "lightest to heaviest" with units, or one load when all are equal; empty when none is known."""
        known = sorted({load for load in loads if load is not None})
        if not known:
            return ""
        lightest, heaviest = self.format(known[0]), self.format(known[-1])
        return lightest if lightest == heaviest else f"{lightest} to {heaviest}"


def choose_loading(equipment: Sequence[Equipment], steps_kg: Mapping[str, float], unit: WeightUnit) -> Loading:
    """The loading of an exercise with this equipment: the person's own step, else the usual one in their unit."""
    for tool in equipment:
        if tool in steps_kg:
            return Loading(Decimal(str(steps_kg[tool])), unit)
    is_lb = unit is WeightUnit.LB
    usual, otherwise, factor = (_USUAL_LB, _DEFAULT_LB, KG_PER_LB) if is_lb else (_USUAL_KG, _DEFAULT_KG, Decimal(1))
    step = next((usual[tool] for tool in equipment if tool in usual), otherwise)
    return Loading(step * factor, unit)
