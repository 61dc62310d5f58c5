"""Pages: `?page=1&per_page=20` and `{"items", "total", "page", "per_page"}`."""

from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import Field

from src.core.schema import Output, QueryModel

Item = TypeVar("Item")


class PageQuery(QueryModel):
    """Which page to answer. Subclasses add filters and `sort`."""

    page: Annotated[int, Field(ge=1, le=1_000_000, description="The first page is 1.")] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20

    @property
    def first(self) -> int:
        """Index of the first row of the page."""
        return (self.page - 1) * self.per_page

    @property
    def last(self) -> int:
        """Index of the last row the page can have (inclusive)."""
        return self.first + self.per_page - 1


class Page(Output, Generic[Item]):
    """A page of items. A page past the end has none, and the true total."""

    items: list[Item]
    total: Annotated[int, Field(ge=0)]
    page: Annotated[int, Field(ge=1)]
    per_page: Annotated[int, Field(ge=1)]


Row = dict[str, Any]


class Rows(NamedTuple):
    """A page of rows. `total` counts all rows of the list."""

    items: list[Row]
    total: int

    def page(self, query: PageQuery) -> dict[str, Any]:
        """The fields of a Page."""
        return {"items": self.items, "total": self.total, "page": query.page, "per_page": query.per_page}


class RowsJson(NamedTuple):
    """Like Rows, as PostgREST has written them: a model reads them once, and no dictionary is made in between."""

    items: bytes
    total: int

    def page(self, query: PageQuery) -> bytes:
        """The document of a Page."""
        return b'{"items":%b,"total":%d,"page":%d,"per_page":%d}' % (self.items, self.total, query.page, query.per_page)
