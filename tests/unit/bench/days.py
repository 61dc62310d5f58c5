"""A day to count from."""

from datetime import date

SATURDAY = date(2026, 11, 28)
