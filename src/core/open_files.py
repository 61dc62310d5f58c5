"""How many files this process may have open, connections among them."""

import sys
from typing import Final

_FOR_US: Final = 256
"""For what is not a person's connection: the ones to PostgREST, logs, libraries."""


def free_files() -> int:
    """How many connections may be open: as many as the system lets us, less what we need ourselves."""
    if sys.platform == "win32":
        return 2**31
    import resource  # noqa: PLC0415  # not on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 2**31
    return max(soft - _FOR_US, 64)
