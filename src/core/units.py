"""What units are worth: one place for each number."""

from decimal import Decimal
from typing import Final

KG_PER_LB: Final = Decimal("0.45359237")
"""Exact, by definition."""
