"""Sessions and their chains of refresh tokens: each use revokes a token and makes its child."""

import secrets
import string
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import UUID, uuid4

from asyncpg import Record
from starlette.requests import Request

from dev.auth.database import Connection
from dev.auth.errors import AuthError
from dev.auth.tokens import AmrEntry

REUSE_INTERVAL_SECONDS = 10
_TOKEN_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class AuthSession:
    """A session as its holder gets it: the refresh token to use next, and how they signed in."""

    id: UUID
    user_id: UUID
    refresh_token: str
    amr: list[AmrEntry]


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Who asks: shown in the list of sessions."""

    user_agent: str | None
    ip: str | None

    @classmethod
    def of(cls, request: Request) -> "ClientInfo":
        host = request.client.host if request.client else None
        return cls(request.headers.get("user-agent"), host if _is_address(host) else None)


def _is_address(host: str | None) -> bool:
    try:
        ip_address(host or "")
    except ValueError:
        return False
    return True


async def start(connection: Connection, user_id: UUID, method: str, client: ClientInfo) -> AuthSession:
    """A new session of a person who just signed in by that method (`password`, `anonymous`)."""
    session_id = uuid4()
    await connection.execute(
        "insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)"
        " values ($1, $2, now(), now(), 'aal1', $3, $4::text::inet)",
        session_id,
        user_id,
        client.user_agent,
        client.ip,
    )
    await connection.execute(
        "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)"
        " values ($1, $2, now(), now(), $3)",
        uuid4(),
        session_id,
        method,
    )
    token = await _issue(connection, user_id, session_id, parent=None)
    return AuthSession(session_id, user_id, token, await _amr(connection, session_id))


async def refresh(connection: Connection, token: str, client: ClientInfo) -> AuthSession | AuthError:
    """The session of this refresh token and the token to use next; an AuthError (400) *returned* if refused.

    Returned and not raised: a reuse ends the session, and that must be committed. The rules are the
    platform's. A used token is answered with the active one within ten seconds of its use (several tabs
    refresh at once), and later too while it is the active one's parent (the answer got lost on its way).
    Any other use means that two hold the chain: the session ends for both.
    """
    found = await connection.fetchrow("select session_id from auth.refresh_tokens where token = $1", token)
    if found is None:
        return _refused("refresh_token_not_found", "Refresh Token Not Found")
    # One refresh of a session at a time; the token is read again under the lock, it may just have been used.
    locked = await connection.fetchrow(
        "select id, user_id from auth.sessions where id = $1 for update", found["session_id"]
    )
    row = await _read_token(connection, token)
    if locked is None or row is None:
        return _refused("session_not_found", "No Valid Session Found")
    issued = await _next_token(connection, row, locked["user_id"])
    if issued is None:
        await end(connection, locked["id"])
        return _refused("refresh_token_already_used", "Already Used")
    await _touch(connection, locked["id"], client)
    return AuthSession(locked["id"], locked["user_id"], issued, await _amr(connection, locked["id"]))


async def _read_token(connection: Connection, token: str) -> Record | None:
    return await connection.fetchrow(
        "select *, updated_at > clock_timestamp() - make_interval(secs => $2) as recent"
        " from auth.refresh_tokens where token = $1",
        token,
        REUSE_INTERVAL_SECONDS,
    )


def _refused(code: str, reason: str) -> AuthError:
    return AuthError(400, code, f"Invalid Refresh Token: {reason}")


async def _next_token(connection: Connection, row: Record, user_id: UUID) -> str | None:
    """A child of an unused token; for a used one the active token of its session, None when that is abuse."""
    if not row["revoked"]:
        await connection.execute(
            "update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where id = $1",
            row["id"],
        )
        return await _issue(connection, user_id, row["session_id"], parent=row["token"])
    active = await connection.fetchrow(
        "select token, parent from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
        row["session_id"],
    )
    if active is None or not (row["recent"] or active["parent"] == row["token"]):
        return None
    return str(active["token"])


async def _issue(connection: Connection, user_id: UUID, session_id: UUID, parent: str | None) -> str:
    token = "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(12))  # 62 bits, the platform's form
    await connection.execute(
        "insert into auth.refresh_tokens"
        " (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)"
        " values ('00000000-0000-0000-0000-000000000000', $1, $2, false, now(), now(), $3, $4)",
        token,
        str(user_id),
        parent,
        session_id,
    )
    return token


async def _touch(connection: Connection, session_id: UUID, client: ClientInfo) -> None:
    await connection.execute(
        "update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(),"
        " user_agent = $2, ip = $3::text::inet where id = $1",
        session_id,
        client.user_agent,
        client.ip,
    )


async def _amr(connection: Connection, session_id: UUID) -> list[AmrEntry]:
    rows = await connection.fetch(
        "select authentication_method, floor(extract(epoch from updated_at))::bigint as at"
        " from auth.mfa_amr_claims where session_id = $1 order by updated_at desc",
        session_id,
    )
    return [{"method": row["authentication_method"], "timestamp": row["at"]} for row in rows]


async def exists(connection: Connection, session_id: UUID) -> bool:
    """Whether the session has not ended."""
    return bool(await connection.fetchval("select true from auth.sessions where id = $1", session_id))


async def end(connection: Connection, session_id: UUID) -> None:
    """End one session; its refresh tokens go with it."""
    await connection.execute("delete from auth.sessions where id = $1", session_id)


async def end_others(connection: Connection, user_id: UUID, session_id: UUID | None) -> None:
    """End all sessions of the person but that one; all of them without one."""
    await connection.execute(
        "delete from auth.sessions where user_id = $1 and id is distinct from $2", user_id, session_id
    )
