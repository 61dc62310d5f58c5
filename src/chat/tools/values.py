"""Numbers as tools give them: with their unit, so that a model cannot guess a wrong one (the asker's)."""

from decimal import Decimal

from pydantic import BaseModel

from src.chat.phrases.formats import quantity
from src.core.units import KG_PER_LB
from src.language.language import Language
from src.vocabulary import DistanceUnit, WeightUnit

_METRES = {DistanceUnit.KM: Decimal(1000), DistanceUnit.MI: Decimal("1609.344")}


class Quantity(BaseModel):
    """A number and its unit."""

    value: float
    unit: str

    def words(self, language: Language, decimals: int = 2) -> str:
        """As people read it: 102.5 kg."""
        return quantity(self.value, self.unit, language, decimals)


def weight(kg: float, unit: WeightUnit, decimals: int = 2) -> Quantity:
    """A load in the person's unit."""
    exact = Decimal(str(kg)) / KG_PER_LB if unit is WeightUnit.LB else Decimal(str(kg))
    return Quantity(value=float(round(exact, decimals)), unit=unit.value)


def distance(metres: float, unit: DistanceUnit) -> Quantity:
    """A distance in the person's unit; what is shorter than one in metres."""
    if metres < _METRES[unit]:
        return Quantity(value=round(metres), unit="m")
    return Quantity(value=float(round(Decimal(str(metres)) / _METRES[unit], 2)), unit=unit.value)
