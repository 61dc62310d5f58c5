"""A place in a list that is ordered by a timestamp, newest first: opaque to clients, `before=<cursor>`."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, Field

from src.core.pagination import PageQuery, Rows


class Cursor(NamedTuple):
    """The timestamp and id of the last row that was seen; the id breaks ties."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The cursor that was written so. Raises ValueError."""
        try:
            at, _, row = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
            cursor = cls(datetime.fromisoformat(at), UUID(row))
        except (binascii.Error, ValueError):
            raise ValueError("is not a cursor of this list") from None
        if cursor.at.tzinfo is None:
            raise ValueError("is not a cursor of this list")
        return cursor

    def older(self, column: str) -> str:
        """What PostgREST's `or` takes for the rows after this place. Safe: both parts are typed."""
        at = f'"{self.at.isoformat()}"'
        return f"{column}.lt.{at},and({column}.eq.{at},id.lt.{self.id})"


def _is_cursor(text: str) -> str:
    Cursor.parse(text)
    return text


CursorText = Annotated[
    str, Field(max_length=120, description="`next` of the page before; `page` is ignored."), AfterValidator(_is_cursor)
]


def next_cursor(rows: Rows, query: PageQuery, column: str) -> str | None:
    """The cursor after this page, by the timestamp in `column`; None when nothing follows a page that is not full."""
    if len(rows.items) < query.per_page:
        return None
    last = rows.items[-1]
    return str(Cursor(datetime.fromisoformat(last[column]), UUID(last["id"])))
