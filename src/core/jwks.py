"""The signing keys of access tokens, fetched from the auth service and kept; a request never waits for a known key."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic_core import from_json

from src.core.errors import AppError, BadUpstream, Unauthenticated, Unavailable

FRESH_SECONDS = 600.0
HARD_EXPIRY_SECONDS = 3600.0
COOLDOWN_SECONDS = 10.0
FETCH_SECONDS = 3.0
MAX_BYTES = 64 * 1024
MAX_KEYS = 32
ALGORITHMS = frozenset({"ES256", "RS256", "EdDSA"})

Fetch = Callable[[], Awaitable[bytes]]

log = structlog.get_logger()


def usable_keys(document: bytes) -> dict[str, PyJWK]:
    """The keys of a JWKS document that may verify a token, by `kid`.

    Symmetric keys are dropped: one in a public set would let anyone sign. So is whatever is not for signatures, has no
    `kid`, or has an algorithm that is not ours. Raises BadUpstream when the document is no key set.
    """
    if len(document) > MAX_BYTES:
        raise BadUpstream("The key set is too large.")
    try:
        entries: Any = from_json(document)["keys"]
        keys = [_key(entry) for entry in entries[:MAX_KEYS]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadUpstream("The key set is not one.") from error
    return {key.key_id: key for key in keys if key is not None and key.key_id}


def _key(entry: Any) -> PyJWK | None:
    # RFC 7517, 5: an entry that cannot be used is ignored, the others still count.
    if not isinstance(entry, dict) or entry.get("kty") == "oct":
        return None
    if entry.get("use", "sig") != "sig" or not isinstance(entry.get("kid"), str):
        return None
    try:
        key = PyJWK(entry)
    except (PyJWTError, ValueError, TypeError):
        return None
    return key if key.algorithm_name in ALGORITHMS else None


class JwksCache:
    """Keys by `kid`: fresh for 10 minutes, used for an hour at most when they cannot be fetched again.

    A known key is given at once, and refreshed behind the caller's back. An unknown one is worth a fetch, but no more
    often than the cooldown allows, counted from each attempt: made-up key ids cannot make us hammer the auth service.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._refresh: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> PyJWK:
        """The key with this id. Raises Unauthenticated for an unknown one, Unavailable when there are none at all."""
        key = self._keys.get(kid)
        age = self._clock() - self._fetched_at
        if key is not None and age < HARD_EXPIRY_SECONDS:
            if age >= FRESH_SECONDS:
                self._start_refresh()
            return key
        if refresh := self._start_refresh():
            await asyncio.shield(refresh)
        return self._known(kid)

    async def warm(self) -> None:
        """Fetches once at start. A failure is left to the first request that needs a key."""
        if refresh := self._start_refresh():
            await asyncio.shield(refresh)

    async def aclose(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel()

    def _known(self, kid: str) -> PyJWK:
        if not self._keys or self._clock() - self._fetched_at >= HARD_EXPIRY_SECONDS:
            raise Unavailable("The keys that verify access tokens cannot be fetched right now.")
        if kid not in self._keys:
            raise Unauthenticated("The access token is signed with an unknown key.")
        return self._keys[kid]

    def _start_refresh(self) -> asyncio.Task[None] | None:
        """The running refresh, a new one, or none while the last attempt is too recent."""
        if self._refresh is None or self._refresh.done():
            now = self._clock()
            if now - self._tried_at < COOLDOWN_SECONDS:
                return None
            self._tried_at = now
            self._refresh = asyncio.create_task(self._run())
        return self._refresh

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                keys = usable_keys(await self._fetch())
        except (AppError, TimeoutError) as error:
            log.warning("jwks_refresh_failed", reason=type(error).__name__)
            return
        # An empty set in place of a good one is a mistake on the other side, not a reason to refuse everybody.
        if keys:
            self._keys, self._fetched_at = keys, self._clock()
