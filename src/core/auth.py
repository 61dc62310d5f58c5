"""From a bearer token to a Principal, without a network call (docs/decisions/0004-tokens.md)."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt
from cachetools import TLRUCache
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from src.core.config import Settings
from src.core.errors import Unauthenticated
from src.core.jwks import ALGORITHMS, JwksCache

MAX_TOKEN_LENGTH = 8192
LEEWAY_SECONDS = 10
CACHE_SECONDS = 60.0
MAX_CACHED_TOKENS = 10_000
_MAX_EXPIRY = 253_402_300_799  # the end of the year 9999: later ones are no dates
_REQUIRED = ["exp", "iat", "sub", "aud", "iss"]
# What PyJWT raises for anything that is not a good token: its own errors, and Python's for claims of strange types.
_INVALID_TOKEN_ERRORS = (PyJWTError, ValueError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified person. `expires_at` is in seconds since 1970; the token is kept to act as this person."""

    id: UUID
    email: str | None
    role: str
    aal: str
    session_id: str | None
    is_anonymous: bool
    expires_at: int
    token: str = field(repr=False)


class Authenticator:
    """Verifies access tokens of one project.

    A verified token is remembered for a minute, or until it expires when that is sooner: what a person is allowed to do
    is decided by the database on each request, so nothing but the signature check is saved.
    """

    def __init__(self, settings: Settings, keys: JwksCache) -> None:
        self._issuer = settings.issuer
        self._secret = settings.supabase_jwt_secret
        self._keys = keys
        self._verified: TLRUCache[str, Principal] = TLRUCache(
            MAX_CACHED_TOKENS,
            ttu=lambda _, principal, now: min(now + CACHE_SECONDS, principal.expires_at),
            timer=time.time,
        )

    async def authenticate(self, authorization: str | None) -> Principal:
        """Verifies an Authorization header and returns whose token it holds.

        Raises Unauthenticated for anything but a good token, Unavailable when no signing keys can be had.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The access token is too long.")
        principal = self._verified.get(token)
        if principal is None:
            principal = _principal(await self._claims(token), token)
            self._verified[token] = principal
        return principal

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except _INVALID_TOKEN_ERRORS:
            raise Unauthenticated("The access token is not valid.") from None
        # Outside of both: what goes wrong while keys are fetched is never the token's fault.
        key, algorithm = await self._key(header)
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience="authenticated",
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except ExpiredSignatureError:
            raise Unauthenticated("The access token has expired.") from None
        except _INVALID_TOKEN_ERRORS:
            raise Unauthenticated("The access token is not valid.") from None

    async def _key(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Finds the key that a token must be signed with, and the one algorithm of that key.

        Only `alg` and `kid` of the header are read. Keys or addresses inside a token (jwk, jku, x5u) are the
        attacker's own, and the algorithm is the key's, so that a public key never serves as an HMAC secret.
        """
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm == "HS256" and self._secret is not None:
            return self._secret.get_secret_value(), "HS256"
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not isinstance(kid, str):
            raise Unauthenticated("The access token is not signed with a key of this project.")
        key = await self._keys.key(kid)
        return key, key.algorithm_name


def _principal(claims: dict[str, Any], token: str) -> Principal:
    # Service and publishable keys of legacy projects are tokens too, with another role and no person in them.
    if claims.get("role") != "authenticated":
        raise Unauthenticated("The access token does not belong to a person.")
    try:
        user_id = UUID(claims["sub"])
    except ValueError:
        raise Unauthenticated("The access token does not belong to a person.") from None
    # PyJWT takes a text of digits for a number too; RFC 7519 does not.
    if not isinstance(claims["exp"], int | float) or claims["exp"] > _MAX_EXPIRY:
        raise Unauthenticated("The access token is not valid.")
    return Principal(
        id=user_id,
        email=claims.get("email") or None,
        role="authenticated",
        aal=str(claims.get("aal") or "aal1"),
        session_id=claims.get("session_id"),
        is_anonymous=claims.get("is_anonymous") is True,
        expires_at=int(claims["exp"]),
        token=token,
    )
