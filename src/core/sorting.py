"""What a list is sorted by: a column, descending with a minus before it; ties are broken by id."""

from enum import StrEnum
from typing import Any


class Sort(StrEnum):
    """Base of what the clients of a list may choose."""

    @property
    def column(self) -> str:
        return self.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.startswith("-")


def ordered(query: Any, sort: str) -> Any:
    """The query, sorted. `sort` is a Sort or our own text: PostgREST would read more than a column in a client's."""
    column, is_descending = sort.removeprefix("-"), sort.startswith("-")
    return query.order(column, desc=is_descending).order("id", desc=is_descending)
