"""Access tokens (ES256, the platform's claims), and the short-lived ones that stand for API keys."""

import time
from typing import Any, Literal, TypedDict
from uuid import UUID

import jwt

from dev.auth.database import RowLike
from dev.auth.errors import AuthError
from dev.auth.keys import KeyRing

ACCESS_TOKEN_SECONDS = 3600
ROLE_TOKEN_SECONDS = 600
TOKEN_MAX_BYTES = 16 * 1024

ApiRole = Literal["anon", "service_role"]
Claims = dict[str, Any]


class AmrEntry(TypedDict):
    """How and when (Unix seconds) the person of a session signed in."""

    method: str
    timestamp: int


class Tokens:
    """Makes and reads tokens with the keys of the ring; `issuer` is `<SUPABASE_URL>/auth/v1`."""

    def __init__(self, keys: KeyRing, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._role_tokens: dict[ApiRole, tuple[str, str, float]] = {}

    def access_token(self, user: RowLike, session_id: UUID, amr: list[AmrEntry]) -> tuple[str, int]:
        """A person's token and its expiry (Unix seconds)."""
        now = int(time.time())
        expires_at = now + ACCESS_TOKEN_SECONDS
        claims: Claims = {
            "iss": self._issuer,
            "sub": str(user["id"]),
            "aud": user["aud"],
            "exp": expires_at,
            "iat": now,
            "email": user["email"] or "",
            "phone": user["phone"] or "",
            "app_metadata": user["raw_app_meta_data"] or {},
            "user_metadata": user["raw_user_meta_data"] or {},
            "role": user["role"],
            "aal": "aal1",
            "amr": amr,
            "session_id": str(session_id),
            "is_anonymous": user["is_anonymous"],
        }
        return self._sign(claims), expires_at

    def role_token(self, role: ApiRole) -> str:
        """The token that stands for an API key; made anew before it expires and when the keys rotate."""
        kid = self._keys.current.kid
        cached = self._role_tokens.get(role)
        now = int(time.time())
        if cached is None or cached[1] != kid or cached[2] < now:
            claims = {"iss": "supabase", "role": role, "iat": now, "exp": now + ROLE_TOKEN_SECONDS}
            cached = self._role_tokens[role] = (self._sign(claims), kid, now + ROLE_TOKEN_SECONDS - 60)
        return cached[0]

    def _sign(self, claims: Claims) -> str:
        key = self._keys.current
        return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})

    def verify(self, token: str) -> Claims:
        """The claims of a token of ours that has not expired. AuthError 403 `bad_jwt` otherwise."""
        try:
            return self._decode(token)
        except jwt.InvalidTokenError as error:
            message = f"invalid JWT: unable to parse or verify signature, {error}"
            raise AuthError(403, "bad_jwt", message) from error

    def _decode(self, token: str) -> Claims:
        if len(token) > TOKEN_MAX_BYTES:
            raise jwt.InvalidTokenError("token is too long")
        key = self._keys.find(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            raise jwt.InvalidTokenError("unrecognized JWT kid for algorithm ES256")
        options: Any = {"require": ["exp"], "verify_aud": False}
        return jwt.decode(token, key.private.public_key(), algorithms=["ES256"], options=options)
