"""Conversion factors, each in one place only."""

from decimal import Decimal
from typing import Final

KG_PER_LB: Final = Decimal("0.45359237")
"""Exact, by definition."""
