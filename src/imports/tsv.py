"""Tables of words that lie beside the code: columns apart by tabs, lines that begin with # for whoever edits them."""

from collections.abc import Iterator
from pathlib import Path


def read_tsv(path: Path) -> Iterator[list[str]]:
    """The columns of each line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
