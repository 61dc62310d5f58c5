"""Passwords: argon2id, hashed in threads so that the event loop goes on; and the platform's default rules."""

import secrets

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from dev.auth.errors import AuthError, invalid

MIN_LENGTH = 6  # the platform's default
MAX_BYTES = 72  # what bcrypt, which the platform uses, can take: a longer one would fail there

# OWASP's smallest recommended setting (19 MiB, two passes): 15 ms, so that tests may sign many people up.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def weaknesses(password: str) -> tuple[str, ...]:
    """Why the platform would call this password weak; empty when it would not."""
    return ("length",) if len(password) < MIN_LENGTH else ()


def check(password: str) -> None:
    """AuthError 422 `weak_password` with the reasons, or 400 when it is too long."""
    if len(password.encode()) > MAX_BYTES:
        raise invalid(f"Password cannot be longer than {MAX_BYTES} characters")
    if reasons := weaknesses(password):
        raise AuthError(422, "weak_password", f"Password should be at least {MIN_LENGTH} characters.", reasons)


def is_hash(text: str) -> bool:
    """Whether this is an argon2 hash that `matches` can check."""
    try:
        extract_parameters(text)
    except InvalidHashError:
        return False
    return True


class Passwords:
    """Hashes and compares; at most two at once, each needs 19 MiB and a whole core."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(2)
        self._decoy = _HASHER.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        """An argon2id hash with its own salt."""
        return await anyio.to_thread.run_sync(_HASHER.hash, password, limiter=self._limiter)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether it is this password. Without a hash it is not, and takes as long to say so."""
        same = await anyio.to_thread.run_sync(_verify, hashed or self._decoy, password, limiter=self._limiter)
        return same and bool(hashed)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
