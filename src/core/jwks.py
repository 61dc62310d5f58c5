"""The signing keys of access tokens, fetched from the auth service and kept; a request never waits for a known key."""

import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic_core import from_json

from src.core.cache import Lifetime, SingleFlightCache
from src.core.errors import AppError, BadUpstream, Unauthenticated, Unavailable

LIFETIME = Lifetime(fresh=600.0, expires=3600.0, cooldown=10.0, timeout=3.0)
MAX_BYTES = 64 * 1024
MAX_KEYS = 32
ALGORITHMS = frozenset({"ES256", "RS256", "EdDSA"})

Fetch = Callable[[], Awaitable[bytes]]


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
    """Keys by `kid`. A known key never waits; an unknown one is worth a fetch, but for the cooldown: made-up key ids
    cannot make us hammer the auth service."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._keys: SingleFlightCache[dict[str, PyJWK]] = SingleFlightCache("jwks", LIFETIME, clock=clock)

    async def key(self, kid: str) -> PyJWK:
        """The key with this id. Raises Unauthenticated for an unknown one, Unavailable when there are none at all."""
        try:
            keys = await self._keys.get(self._load)
            if kid not in keys:
                keys = await self._keys.refresh(self._load)
        except AppError as error:
            raise Unavailable("The keys that verify access tokens cannot be fetched right now.") from error
        if kid not in keys:
            raise Unauthenticated("The access token is signed with an unknown key.")
        return keys[kid]

    async def warm(self) -> None:
        """Fetches at start. After a failure, the first request that needs a key fetches again."""
        with contextlib.suppress(AppError):
            await self._keys.get(self._load)

    async def aclose(self) -> None:
        await self._keys.aclose()

    async def _load(self) -> dict[str, PyJWK]:
        keys = usable_keys(await self._fetch())
        # An empty set in place of a good one is a mistake on the other side, not a reason to refuse everybody.
        if not keys:
            raise BadUpstream("The key set has no usable key.")
        return keys
