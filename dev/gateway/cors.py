"""CORS as on the platform: any origin, any header; nothing here authenticates by cookie."""

import re
from typing import Final

from starlette.types import Message, Send

from dev.gateway.apikeys import Headers

METHODS: Final = b"GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS"
ALLOWED: Final = (
    b"authorization, x-client-info, apikey, content-type, prefer, accept, accept-profile, content-profile,"
    b" range, range-unit, if-match, if-none-match, x-supabase-api-version, x-upsert, x-retry-count"
)
EXPOSED: Final = (
    b"Content-Encoding, Content-Location, Content-Range, Content-Type, Date, ETag, Link, Location,"
    b" Preference-Applied, Range-Unit, Server, Transfer-Encoding, X-Total-Count, X-Supabase-Api-Version,"
    b" x-sb-error-code"
)
ON_EVERY_ANSWER: Final[Headers] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED),
]
_HEADER_LIST: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,4096}")


def is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks for permission."""
    return method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in headers)


async def answer_preflight(headers: Headers, send: Send) -> None:
    """200, before any API key is looked at: browsers send none here."""
    asked = next((value for name, value in headers if name == b"access-control-request-headers"), b"")
    allowed = asked if _HEADER_LIST.fullmatch(asked) else ALLOWED
    permission = [
        *ON_EVERY_ANSWER,
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", allowed),
        (b"access-control-max-age", b"3600"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": permission})
    await send({"type": "http.response.body"})


def add_headers(send: Send) -> Send:
    """`send` that adds the headers every answer carries, in place of any the upstream made itself."""

    async def wrapper(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [header for header in message["headers"] if not header[0].startswith(b"access-control-")]
            message["headers"] = [*own, *ON_EVERY_ANSWER]
        await send(message)

    return wrapper
