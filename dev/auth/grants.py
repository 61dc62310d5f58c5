"""POST /token: a session for a password, or the next one of a chain for a refresh token."""

from datetime import UTC, datetime

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.auth import passwords, sessions, users
from dev.auth.bodies import PasswordGrant, RefreshGrant, read_body
from dev.auth.context import get_context, session_body
from dev.auth.database import Connection
from dev.auth.errors import AuthError, invalid
from dev.auth.sessions import ClientInfo
from dev.auth.unsupported import needs_provider


async def token(request: Request) -> Response:
    """200 with a session, by `grant_type`."""
    match request.query_params.get("grant_type"):
        case "password":
            return await _by_password(request)
        case "refresh_token":
            return await _by_refresh_token(request)
        case "id_token" | "pkce" | "web3":
            return await needs_provider(request)
    raise AuthError(400, "invalid_credentials", "unsupported_grant_type")


async def _by_password(request: Request) -> Response:
    body = await read_body(request, PasswordGrant)
    if body.phone:
        raise AuthError(422, "phone_provider_disabled", "Phone logins are disabled")
    if not body.email:
        raise invalid("missing email or phone")
    auth = get_context(request)
    async with auth.connection() as connection:
        user = await users.find_by_email(connection, body.email.strip().lower())
    # Compared also when there is no such person, so that the time does not tell.
    same = await auth.passwords.matches(user["encrypted_password"] if user else None, body.password)
    if user is None or not same:
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    _check_may_sign_in(user)
    async with auth.transaction() as connection:
        await users.update(connection, user["id"], users.signed_in_now())
        session = await sessions.start(connection, user["id"], "password", ClientInfo.of(request))
        answer = await session_body(request, connection, session)
    return JSONResponse({**answer, "weak_password": _weakness(body.password)})


def _check_may_sign_in(user: Record) -> None:
    if _is_banned(user):
        raise AuthError(400, "user_banned", "User is banned")
    if user["email_confirmed_at"] is None:
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")


def _is_banned(user: Record) -> bool:
    return user["banned_until"] is not None and user["banned_until"] > datetime.now(UTC)


def _weakness(password: str) -> dict[str, object] | None:
    """Only an admin can have set a weak one; the platform then says so at sign-in."""
    reasons = passwords.weaknesses(password)
    message = f"Password should be at least {passwords.MIN_LENGTH} characters."
    return {"message": message, "reasons": list(reasons)} if reasons else None


async def _by_refresh_token(request: Request) -> Response:
    body = await read_body(request, RefreshGrant)
    if not body.refresh_token:
        raise invalid("refresh_token required")
    refused: AuthError
    async with get_context(request).transaction() as connection:
        outcome = await sessions.refresh(connection, body.refresh_token, ClientInfo.of(request))
        if not isinstance(outcome, AuthError):
            await _check_not_banned(connection, outcome)
            return JSONResponse(await session_body(request, connection, outcome))
        refused = outcome
    raise refused  # after the commit: a reuse has ended its session


async def _check_not_banned(connection: Connection, session: sessions.AuthSession) -> None:
    user = await users.find_by_id(connection, session.user_id)
    if user is not None and _is_banned(user):
        raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
