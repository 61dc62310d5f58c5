"""What keeps the worker's address space under 600 MB, scipy included."""

from collections.abc import Mapping
from typing import Final

WORKER_MEMORY: Final[Mapping[str, str]] = {
    # A thread of OpenBLAS reserves 32 MB, and by default there is one a core; the solver's matrices are small.
    "OPENBLAS_NUM_THREADS": "1",
    # glibc reserves 64 MB for each thread that allocates; mimalloc, in the HTTP client, 1 GB at its first word.
    "MALLOC_ARENA_MAX": "2",
    "MIMALLOC_ARENA_RESERVE": "32MiB",
}
"""As the environment has them when the process begins; render.yaml says the same, and a test compares them."""
