"""GET and PUT /user, POST /logout: what people do with their own account."""

from asyncpg import Record, UniqueViolationError
from starlette.requests import Request
from starlette.responses import Response

from dev.auth import passwords, sessions, users
from dev.auth.bodies import AccountUpdate, merge_metadata, normalise_email, read_body
from dev.auth.context import Caller, bearer_claims, get_caller, get_context, user_response
from dev.auth.database import Connection
from dev.auth.errors import AuthError, email_taken, invalid


async def get_user(request: Request) -> Response:
    """200 with the user of the token."""
    claims = bearer_claims(request)
    async with get_context(request).connection() as connection:
        return await user_response(connection, (await get_caller(claims, connection)).user)


async def log_out(request: Request) -> Response:
    """204; `scope` is global (every session, the default), local (this one) or others (all but this one)."""
    scope = request.query_params.get("scope") or "global"
    if scope not in {"global", "local", "others"}:
        raise invalid(f'Unsupported logout scope "{scope}"')
    claims = bearer_claims(request)
    async with get_context(request).transaction() as connection:
        caller = await get_caller(claims, connection)
        if scope == "local":
            await sessions.end(connection, caller.session_id)
        else:
            kept = caller.session_id if scope == "others" else None
            await sessions.end_others(connection, caller.user["id"], kept)
    return Response(status_code=204)


async def update_user(request: Request) -> Response:
    """200 with the changed user. An anonymous person who gets an email address becomes permanent."""
    claims = bearer_claims(request)
    async with get_context(request).connection() as connection:
        caller = await get_caller(claims, connection)
    body = await read_body(request, AccountUpdate)
    email = normalise_email(body.email) if body.email else ""
    _check_allowed(caller.user, body, email)
    columns: dict[str, object] = {}
    if body.password is not None:
        columns["encrypted_password"] = await _new_hash(request, caller.user, body.password)
    try:
        async with get_context(request).transaction() as connection:
            caller = await get_caller(claims, connection, lock=True)
            user = await _apply(connection, caller, body, email, columns)
            return await user_response(connection, user)
    except UniqueViolationError as error:
        if error.constraint_name == "users_email_partial_key":
            raise email_taken() from error
        raise


def _check_allowed(user: Record, body: AccountUpdate, email: str) -> None:
    if body.app_metadata is not None:
        raise AuthError(403, "not_admin", "Updating app_metadata requires admin privileges")
    if body.phone:
        raise AuthError(422, "phone_provider_disabled", "The local stack sends no text messages.")
    if user["is_anonymous"] and body.password and not email:
        raise invalid("Updating password of an anonymous user without an email or phone is not allowed", 422)
    if email and email != user["email"] and not user["is_anonymous"]:
        message = (
            "Changing the address of a permanent user is confirmed by mail, which needs `supabase start` "
            "or a hosted project; here the admin API can change it."
        )
        raise AuthError(422, "email_provider_disabled", message)


async def _new_hash(request: Request, user: Record, password: str) -> str:
    passwords.check(password)
    hasher = get_context(request).passwords
    if await hasher.matches(user["encrypted_password"], password):
        message = "New password should be different from the old password."
        raise AuthError(422, "same_password", message)
    return await hasher.hash(password)


async def _apply(
    connection: Connection, caller: Caller, body: AccountUpdate, email: str, columns: dict[str, object]
) -> Record:
    user = caller.user
    if columns:  # a new password: whoever is signed in elsewhere has to use it
        await sessions.end_others(connection, user["id"], caller.session_id)
    if body.data is not None:
        columns["raw_user_meta_data"] = merge_metadata(user["raw_user_meta_data"], body.data)
    user = await users.update(connection, user["id"], columns)
    if email and email != user["email"]:
        if await users.find_by_email(connection, email) is not None:
            raise email_taken()
        user = await users.set_email(connection, user, email, confirmed=True)
    return user
