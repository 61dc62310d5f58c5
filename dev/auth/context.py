"""What every endpoint needs, and who is asking."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import JSONResponse

from dev.auth import sessions, users
from dev.auth.database import Connection, Pool
from dev.auth.errors import AuthError
from dev.auth.keys import KeyRing
from dev.auth.passwords import Passwords
from dev.auth.sessions import AuthSession
from dev.auth.tokens import ACCESS_TOKEN_SECONDS, Claims, Tokens

POOL_WAIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class AuthContext:
    """The service's parts. The pool connects as supabase_auth_admin, which owns schema auth."""

    pool: Pool
    keys: KeyRing
    tokens: Tokens
    passwords: Passwords

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection without a transaction."""
        async with self.pool.acquire(timeout=POOL_WAIT_SECONDS) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction: committed at the end, rolled back on any exception."""
        async with self.connection() as connection, connection.transaction():
            yield connection


@dataclass(frozen=True, slots=True)
class Caller:
    """The person whose access token came with the request; the user and the session exist."""

    user: Record
    session_id: UUID


def get_context(request: Request) -> AuthContext:
    """The parts of the service that answers this request."""
    found = request.app.state.auth
    assert isinstance(found, AuthContext)  # noqa: S101  # Starlette's state is untyped
    return found


def bearer_claims(request: Request) -> Claims:
    """The verified claims of the bearer token. AuthError 401 without one, 403 when it is not good."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    return get_context(request).tokens.verify(token.strip())


async def get_caller(claims: Claims, connection: Connection, *, lock: bool = False) -> Caller:
    """The person of a bearer token's claims. AuthError 403 when the user or the session is gone."""
    user = await users.find_by_id(connection, _uuid_claim(claims, "sub"), lock=lock)
    if user is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    session_id = _uuid_claim(claims, "session_id")
    if not await sessions.exists(connection, session_id):
        raise AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    return Caller(user, session_id)


def _uuid_claim(claims: Claims, name: str) -> UUID:
    if not claims.get(name):
        raise AuthError(403, "bad_jwt", f"invalid claim: missing {name} claim")
    try:
        return UUID(str(claims[name]))
    except ValueError as error:
        raise AuthError(400, "bad_jwt", f"invalid claim: {name} claim must be a UUID") from error


def require_admin(request: Request) -> None:
    """AuthError 401 without a token, 403 `not_admin` when it is not the service role's."""
    if bearer_claims(request).get("role") not in {"service_role", "supabase_admin"}:
        raise AuthError(403, "not_admin", "User not allowed")


async def session_body(request: Request, connection: Connection, session: AuthSession) -> dict[str, object]:
    """A session as the platform answers it, with a new access token and the user."""
    user = await users.find_by_id(connection, session.user_id)
    if user is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    token, expires_at = get_context(request).tokens.access_token(user, session.id, session.amr)
    return {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "expires_at": expires_at,
        "refresh_token": session.refresh_token,
        "user": users.to_public(user, await users.list_identities(connection, session.user_id)),
    }


async def user_response(connection: Connection, user: Record) -> JSONResponse:
    """200 with the user."""
    return JSONResponse(users.to_public(user, await users.list_identities(connection, user["id"])))
