"""Limits that no test and no measurement meets: one machine asks what a thousand people would."""

from collections.abc import Mapping
from typing import Final

_CLASSES: Final = ("READS", "WRITES", "SEARCHES", "HEAVY", "STREAMS", "RESTORES", "ADDRESS")

WIDE_LIMITS: Final[Mapping[str, str]] = {
    **{f"LIMIT_{name}": "1000000/1/100000" for name in _CLASSES},
    "MAX_REQUESTS": "100000",
    "MAX_REQUESTS_PER_PERSON": "100000",
    "MAX_CONNECTIONS_PER_ADDRESS": "100000",
}
"""As the environment has them."""
