"""What every model is asked with."""

from typing import Final

MAX_OUTPUT_TOKENS: Final = 16_384
"""Thinking included. A week of meals takes about half."""
TEMPERATURE: Final = 0.7
"""Where a model takes one: those that think do not."""
