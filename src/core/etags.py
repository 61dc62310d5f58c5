"""Conditional requests (RFC 9110, 13): ETag, If-None-Match and If-Match."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

PRIVATE = "private, no-cache"
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"x-headers": ("ETag",)},
    304: {"description": "Not modified: your copy is current.", "x-headers": ("ETag",)},
}
"""OpenAPI responses of a route that answers with an ETag."""

CHANGED: dict[int | str, dict[str, Any]] = {200: {"x-headers": ("ETag",)}}
"""OpenAPI responses of a route that changes something and answers with its new ETag."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class NotModified(Exception):
    """The client's copy is current: answered as 304 without a body. Not a failure, so not an AppError."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.headers = {"ETag": etag, "Cache-Control": PRIVATE}


def row_tag(updated_at: datetime) -> str:
    """The strong ETag of one row: its updated_at, which the database never gives twice (private.set_updated_at)."""
    return f'"{(updated_at - _EPOCH) // _MICROSECOND:x}"'


class Versioned(Protocol):
    """Anything that knows when it was last changed."""

    @property
    def updated_at(self) -> datetime: ...


VersionedT = TypeVar("VersionedT", bound=Versioned)


def tagged(resource: VersionedT, response: Response) -> VersionedT:
    """The resource, with its ETag on the answer, so that a client can go on changing it."""
    response.headers["ETag"] = row_tag(resource.updated_at)
    return resource


def parse_if_match(if_match: str | None) -> list[datetime] | None:
    """The updated_at values an If-Match header allows; None when it allows any, [] when it can match nothing.

    Weak and foreign tags match nothing: If-Match compares strongly. Of a tag with a digest (Conditions.json), the row
    is what a change depends on.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (tag.strip() for tag in if_match.split(","))
    timestamps = (_parse_timestamp(tag[1:-1]) for tag in tags if len(tag) > 2 and tag[0] == tag[-1] == '"')
    return [timestamp for timestamp in timestamps if timestamp is not None]


def to_timestamps(timestamps: Sequence[datetime] | None) -> list[str] | None:
    """ISO strings for an `in` filter on updated_at."""
    return None if timestamps is None else [timestamp.isoformat() for timestamp in timestamps]


def _parse_timestamp(tag: str) -> datetime | None:
    try:
        return _EPOCH + int(tag.partition(".")[0], 16) * _MICROSECOND
    except (ValueError, OverflowError):
        return None


class Conditions:
    """Checks If-None-Match of this request, and puts the ETag on its answer."""

    def __init__(self, request: Request, response: Response) -> None:
        self._seen = request.headers.get("if-none-match")
        self._response = response

    def tag(self, etag: str) -> None:
        """Puts the ETag on the answer. Raises NotModified when the client has this version."""
        # If-None-Match compares weakly: a proxy that compresses marks our tags W/.
        if self._seen is not None and (
            self._seen.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in self._seen.split(","))
        ):
            raise NotModified(etag)
        self._response.headers["ETag"] = etag
        self._response.headers["Cache-Control"] = PRIVATE

    def json(self, answer: BaseModel, updated_at: datetime | None = None) -> Response:
        """Serialises the answer, with an ETag made of its content. Raises NotModified.

        `updated_at`: of the row that If-Match refers to, where the answer shows more than that row.
        """
        body = answer.model_dump_json().encode()
        digest = blake2b(body, digest_size=12).hexdigest()
        self.tag(f'"{digest}"' if updated_at is None else f'{row_tag(updated_at)[:-1]}.{digest}"')
        return Response(body, media_type="application/json", headers=dict(self._response.headers))


async def _conditions(request: Request, response: Response) -> Conditions:
    return Conditions(request, response)


ConditionsDep = Annotated[Conditions, Depends(_conditions)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=1000, description="Change it only if its ETag is still this one."),
]
