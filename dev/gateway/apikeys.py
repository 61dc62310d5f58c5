"""API keys, as the platform's gateway treats them: a key names a role, a person's token goes before it."""

import hmac
from dataclasses import dataclass
from typing import Final, Literal

from dev.auth.tokens import Tokens

Headers = list[tuple[bytes, bytes]]

_KEY_PREFIX: Final = b"sb_"


class RefusedError(Exception):
    """401 with a message and a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do: the key's role, the person's own bearer if any, the query without a key."""

    role: Literal["anon", "service_role"]
    bearer: bytes | None
    query: bytes


class ApiKeys:
    """The two keys of the stack, compared in constant time."""

    def __init__(self, publishable: str, secret: str, tokens: Tokens) -> None:
        self._publishable = publishable.encode()
        self._secret = secret.encode()
        self._tokens = tokens

    def check(self, headers: Headers, query: bytes) -> Access:
        """What the request's key allows. RefusedError for none, a wrong one, and a secret in a browser."""
        found = {name: value for name, value in headers if name in {b"apikey", b"authorization", b"user-agent"}}
        key = found.get(b"apikey")
        if key is None:
            key, query = _take_key(query)
        if not key:
            raise RefusedError("No API key found in request", "No `apikey` request header or url param was found.")
        role = self._role(key)
        if role == "service_role" and b"mozilla/" in found.get(b"user-agent", b"").lower():
            raise RefusedError(
                "Forbidden use of secret API key in browser",
                "Secret API keys can only be used in a protected environment, never in a browser.",
            )
        return Access(role, _persons_bearer(found.get(b"authorization", b""), key), query)

    def _role(self, key: bytes) -> Literal["anon", "service_role"]:
        # Both comparisons are always made: the time tells nothing.
        public = hmac.compare_digest(key, self._publishable)
        secret = hmac.compare_digest(key, self._secret)
        if not public and not secret:
            raise _invalid()
        return "service_role" if secret else "anon"

    def for_postgrest(self, access: Access) -> bytes:
        """The Authorization value for PostgREST: the person's, or a short-lived token of the key's role."""
        return access.bearer or b"Bearer " + self._tokens.role_token(access.role).encode()

    def for_auth(self, access: Access) -> bytes | None:
        """The Authorization value for the auth service, where the publishable key alone is nobody."""
        if access.bearer is None and access.role == "anon":
            return None
        return self.for_postgrest(access)


def _persons_bearer(authorization: bytes, key: bytes) -> bytes | None:
    """The header when it carries a person's token. Clients without a session send their API key instead."""
    scheme, _, token = authorization.partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token:
        return None
    if not token.startswith(_KEY_PREFIX):
        return authorization
    if not hmac.compare_digest(token, key):
        raise _invalid()
    return None


def _take_key(query: bytes) -> tuple[bytes | None, bytes]:
    """The `apikey` parameter, and the query without it: to PostgREST it would be a filter."""
    parts = query.split(b"&")
    keys = [part for part in parts if part.startswith(b"apikey=")]
    if not keys:
        return None, query
    return keys[0].removeprefix(b"apikey="), b"&".join(part for part in parts if part not in keys)


def _invalid() -> RefusedError:
    return RefusedError("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
